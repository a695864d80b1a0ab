// Parts of Redis URLs: pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/address.hpp"
#include "store/error.hpp"

namespace foorumi::store {

[[nodiscard]] std::optional<std::uint16_t> parse_url_number(std::string_view text);

// Nothing: a percent sign without two hexadecimal digits behind it.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

// "host", "host:port", "[v6]:port".
[[nodiscard]] Result<Address> parse_address(std::string_view text, std::uint16_t default_port);

struct Credentials {
    std::string user;
    std::string password;  // never logged
};
// What stands before the last '@' goes into the credentials, and out of the text.
[[nodiscard]] Result<Credentials> take_credentials(std::string_view& text);

// A database's number; empty: 0.
[[nodiscard]] Result<std::uint16_t> parse_database(std::string_view text);

}  // namespace foorumi::store
