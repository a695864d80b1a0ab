// The PROXY protocol, versions 1 and 2 (https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt): what a proxy that
// passes TCP on says before the client's first byte. A pure state machine: bytes in, a header or a refusal out.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace foorumi::net {

// A line of version 1 with its CRLF (section 2.1).
inline constexpr std::size_t max_proxy_line_bytes = 107;
// A header of version 2: 16 bytes, up to 216 of addresses, and room for what proxies add behind them.
inline constexpr std::size_t max_proxy_header_bytes = 2048;

struct ProxyHeader {
    std::optional<boost::asio::ip::address> client;  // nothing: the proxy does not say (UNKNOWN, LOCAL, UNSPEC)
    std::optional<bool> secure;                      // whether the client came over TLS; version 2 may tell
};

class ProxyParser {
   public:
    enum class Step : std::uint8_t {
        more,
        done,       // header() is there
        malformed,  // nothing more is to be read
    };

    // Takes the header's next bytes, and of `bytes` no more than belong to it: `used` says how many. What follows is
    // the client's. REQUIRES: the step before was `more`.
    [[nodiscard]] Step feed(std::string_view bytes, std::size_t& used);

    [[nodiscard]] const ProxyHeader& header() const { return header_; }

   private:
    [[nodiscard]] Step step();
    [[nodiscard]] Step line();
    [[nodiscard]] Step binary();

    std::string taken_;
    ProxyHeader header_;
};

}  // namespace foorumi::net
