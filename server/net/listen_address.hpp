// Where a listener listens, as it is written in the configuration. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace foorumi::net {

struct ListenAddress {
    std::string address;     // numeric, without brackets
    std::uint16_t port = 0;  // 0: any free one
    friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

// "127.0.0.1:9464" or "[::1]:9464", where 0 is a port, too. Nothing: it is neither.
[[nodiscard]] std::optional<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace foorumi::net
