#include "plain_client.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "session.hpp"
#include "wire.hpp"

namespace foorumi::bench {

PlainClient::PlainClient(std::uint16_t port, std::string_view path, std::string_view subprotocol)
    : fd_(connect_to(port)) {
    std::string request = "GET " + std::string(path) +
                          " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
    if (!subprotocol.empty()) request += "Sec-WebSocket-Protocol: " + std::string(subprotocol) + "\r\n";
    send_all(fd_, request + "\r\n");
    std::size_t end = 0;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) read_some();
    if (!received_.starts_with("HTTP/1.1 101")) throw std::runtime_error("handshake refused: " + received_);
    received_.erase(0, end + 4);
}

PlainClient::PlainClient(PlainClient&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), received_(std::move(other.received_)) {}

PlainClient::~PlainClient() {
    if (fd_ >= 0) ::close(fd_);
}

void PlainClient::send(std::string_view payload) { send_all(fd_, client_frame(payload)); }

std::string PlainClient::receive() {
    for (;;) {
        const ServerFrame frame = cut_frame(received_);
        if (frame.size == 0) {
            read_some();
            continue;
        }
        const bool data = frame.first == binary_frame || frame.first == text_frame;
        std::string payload(frame.payload);
        received_.erase(0, frame.size);
        if (data) return payload;
    }
}

int PlainClient::release() {
    if (!received_.empty()) throw std::runtime_error("a client is given away with bytes unread");
    return std::exchange(fd_, -1);
}

void PlainClient::read_some() {
    char buffer[16 * 1024];
    const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
    if (got < 0) throw std::system_error(errno, std::system_category(), "recv");
    if (got == 0) throw std::runtime_error("the server has ended a connection");
    received_.append(buffer, static_cast<std::size_t>(got));
}

}  // namespace foorumi::bench
