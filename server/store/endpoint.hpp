// Where one Redis is, and as whom to sign in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "store/address.hpp"
#include "store/error.hpp"

namespace foorumi::store {

struct Endpoint {
    std::string path;  // unix socket; empty: TCP
    std::string host;
    std::uint16_t port = 6379;
    std::string user;
    std::string password;  // never logged
    std::uint16_t database = 0;

    // For logs and messages: without the password.
    [[nodiscard]] std::string display() const;
    // Of TCP.
    [[nodiscard]] Address address() const { return {host, port}; }
    // Signs in likewise, over TCP.
    [[nodiscard]] Endpoint at(const Address& address) const;

    bool operator==(const Endpoint&) const = default;
};

// "unix:/path/redis.sock" or "redis://[[user]:password@]host[:port][/database]". User and password may be
// percent-encoded; an IPv6 host stands in brackets.
[[nodiscard]] Result<Endpoint> parse_endpoint(std::string_view url);

}  // namespace foorumi::store
