// How the second factor is shown and typed. Pure.
#pragma once

#include <string>
#include <string_view>

namespace foorumi::client {

// What an authenticator app shows: six to eight digits, with spaces or without. Anything else is a recovery code.
[[nodiscard]] bool is_totp_code(std::string_view typed);

// In groups of four characters, as one types it off.
[[nodiscard]] std::string in_fours(std::string_view secret);

// Without the white space at its ends.
[[nodiscard]] std::string_view trimmed(std::string_view typed);

}  // namespace foorumi::client
