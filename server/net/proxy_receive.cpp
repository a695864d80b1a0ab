#include "net/proxy_receive.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string_view>

namespace foorumi::net {

// It is looked at before it is taken, since what follows the header belongs to TLS or HTTP.
ProxyReceived receive_proxy_header(int socket, ProxyParser& parser) {
    std::array<char, 256> bytes{};
    while (true) {
        const ssize_t seen = ::recv(socket, bytes.data(), bytes.size(), MSG_PEEK | MSG_DONTWAIT);
        if (seen < 0 && errno == EINTR) continue;
        if (seen < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return ProxyReceived::more;
        if (seen <= 0) return ProxyReceived::ended;
        std::size_t used = 0;
        const auto step = parser.feed({bytes.data(), static_cast<std::size_t>(seen)}, used);
        if (::recv(socket, bytes.data(), used, MSG_DONTWAIT) != static_cast<ssize_t>(used)) return ProxyReceived::ended;
        if (step == ProxyParser::Step::done) return ProxyReceived::done;
        if (step == ProxyParser::Step::malformed) return ProxyReceived::malformed;
    }
}

}  // namespace foorumi::net
