// Reads the header of the PROXY protocol off a socket, and not a byte of what follows it.
#pragma once

#include <cstdint>

#include "net/proxy_protocol.hpp"

namespace foorumi::net {

enum class ProxyReceived : std::uint8_t {
    more,  // go on when the socket is readable
    done,
    malformed,
    ended,  // the peer has ended the stream, or the socket has failed
};

// Thread: the connection's worker. The socket is non-blocking. REQUIRES: the call before said `more`.
[[nodiscard]] ProxyReceived receive_proxy_header(int socket, ProxyParser& parser);

}  // namespace foorumi::net
