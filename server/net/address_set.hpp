// Addresses of peers that are believed: proxies of our own. Pure. Thread: a set does not change.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace foorumi::net {

// An IPv4 address mapped into IPv6 as the IPv4 address that it is; others as they are.
[[nodiscard]] boost::asio::ip::address unmapped(const boost::asio::ip::address& address);

// One address, or all that begin with the same bits.
struct AddressRange {
    boost::asio::ip::address address;  // bits behind the prefix are 0
    unsigned prefix = 0;
    [[nodiscard]] bool contains(const boost::asio::ip::address& other) const;
};

// "192.0.2.7", "10.0.0.0/8", "2001:db8::/32" (RFC 4632 section 3.1, RFC 4291 section 2.3). Nothing: it is none, or has
// bits behind its prefix, so that somebody has meant something else.
[[nodiscard]] std::optional<AddressRange> parse_range(std::string_view text);

class AddressSet {
   public:
    // REQUIRES: each has a parse_range().
    explicit AddressSet(std::span<const std::string> ranges);
    [[nodiscard]] bool contains(const boost::asio::ip::address& address) const;

   private:
    std::vector<AddressRange> ranges_;
};

}  // namespace foorumi::net
