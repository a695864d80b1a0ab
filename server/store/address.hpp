// A host and a port.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace foorumi::store {

struct Address {
    std::string host;  // a name, or an address of IP; of version 6 without brackets
    std::uint16_t port = 0;

    [[nodiscard]] std::string display() const {
        const bool v6 = host.find(':') != std::string::npos;
        return (v6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
    }
    auto operator<=>(const Address&) const = default;
};

}  // namespace foorumi::store
