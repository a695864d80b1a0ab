// The 16-byte ids that make a change happen exactly once. Pure but for the random source.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace foorumi::client {

// 16 bytes from the system's random source.
[[nodiscard]] std::string new_change_id();

// 32 hexadecimal digits, lower case.
[[nodiscard]] std::string to_hex(std::string_view bytes);

// Nothing unless the text is 32 hexadecimal digits.
[[nodiscard]] std::optional<std::string> change_id_from_hex(std::string_view text);

}  // namespace foorumi::client
