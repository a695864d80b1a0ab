// A small blocking WebSocket client for tests, written from RFC 6455 and independent of Beast. Every wait has a
// deadline; what goes wrong throws.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include "net/unique_fd.hpp"

namespace foorumi::test {

inline constexpr int client_deadline_s = 10;

inline constexpr std::uint8_t continuation = 0x0, text = 0x1, binary = 0x2, close_frame = 0x8, ping = 0x9, pong = 0xa;

struct Frame {
    bool fin = true;
    std::uint8_t opcode = 0;
    std::string payload;
    [[nodiscard]] std::uint16_t code() const {
        if (payload.size() < 2) return 0;
        return static_cast<std::uint16_t>(static_cast<std::uint8_t>(payload[0]) << 8 |
                                          static_cast<std::uint8_t>(payload[1]));
    }
};

inline std::string encode(std::uint8_t opcode, std::string_view payload, bool fin = true, bool masked = true) {
    std::string out;
    out += static_cast<char>((fin ? 0x80 : 0) | opcode);
    const char mask_bit = static_cast<char>(masked ? 0x80 : 0);
    const std::size_t size = payload.size();
    if (size < 126) {
        out += static_cast<char>(mask_bit | static_cast<char>(size));
    } else {
        const int bytes = size <= 0xffff ? 2 : 8;
        out += static_cast<char>(mask_bit | static_cast<char>(bytes == 2 ? 126 : 127));
        for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(size >> (8 * i));
    }
    if (!masked) return out.append(payload);
    constexpr std::string_view key = "\x12\x34\x56\x78";
    out += key;
    for (std::size_t i = 0; i < size; ++i) out += static_cast<char>(payload[i] ^ key[i % 4]);
    return out;
}

inline std::string encode_close(std::uint16_t code, std::string_view reason = {}) {
    std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    return encode(close_frame, payload.append(reason));
}

struct HttpAnswer {
    int status = 0;
    std::string head;
    std::string body;
};

class RawClient {
   public:
    virtual ~RawClient() = default;
    RawClient(RawClient&&) = default;
    RawClient& operator=(RawClient&&) = default;

    // receive_buffer 0: the system's.
    explicit RawClient(std::uint16_t port, int receive_buffer = 0, const char* from = "127.0.0.1")
        : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const timeval deadline{client_deadline_s, 0};
        ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
        ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof deadline);
        if (receive_buffer > 0) {
            ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        }
        sockaddr_in address{};
        address.sin_family = AF_INET;
        ::inet_pton(AF_INET, from, &address.sin_addr);
        if (::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("bind");
        if (port != 0) connect(port);
    }

    void connect(std::uint16_t port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        ::inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
        if (::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("connect");
    }

    static std::string upgrade_request(std::string_view extra = "Sec-WebSocket-Protocol: foorumi.v1\r\n",
                                       std::string_view target = "/") {
        return "GET " + std::string(target) +
               " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
               std::string(extra) + "\r\n";
    }

    HttpAnswer http(std::string_view request) {
        send(request);
        return read_http();
    }

    HttpAnswer read_http() {
        std::size_t end = 0;
        while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
            if (!receive()) throw std::runtime_error("end of stream before an HTTP answer");
        }
        HttpAnswer answer;
        answer.head = received_.substr(0, end + 2);
        received_.erase(0, end + 4);
        answer.status = std::stoi(answer.head.substr(answer.head.find(' ')));
        if (answer.status != 101) {
            while (receive()) {
            }
            answer.body = std::move(received_);
        }
        return answer;
    }

    // The whole handshake.
    RawClient& open() {
        const HttpAnswer answer = http(upgrade_request());
        if (answer.status != 101) throw std::runtime_error("handshake refused: " + answer.head + answer.body);
        return *this;
    }

    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = write_some(bytes);
            if (sent < 0) fail("send");
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    // How much of it the socket takes at once.
    std::size_t send_some(std::string_view bytes) {
        const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN) fail("send");
        return sent < 0 ? 0 : static_cast<std::size_t>(sent);
    }

    // Nothing: the server has ended the stream between two frames.
    std::optional<Frame> read_frame() {
        if (!fill(2)) return std::nullopt;
        Frame frame;
        frame.fin = (byte(0) & 0x80) != 0;
        frame.opcode = byte(0) & 0x0f;
        if ((byte(0) & 0x70) != 0 || (byte(1) & 0x80) != 0) throw std::runtime_error("reserved bits or mask set");
        std::uint64_t size = byte(1);
        std::size_t header = 2;
        if (size >= 126) {
            const std::size_t bytes = size == 126 ? 2 : 8;
            if (!fill(header + bytes)) throw std::runtime_error("cut frame header");
            size = 0;
            for (std::size_t i = 0; i < bytes; ++i) size = size << 8 | byte(header + i);
            header += bytes;
        }
        if (!fill(header + size)) throw std::runtime_error("cut frame");
        frame.payload = received_.substr(header, size);
        received_.erase(0, header + size);
        return frame;
    }

    // The next frame, which has to come.
    Frame frame() {
        auto frame = read_frame();
        if (!frame) throw std::runtime_error("end of stream instead of a frame");
        return std::move(*frame);
    }

    // Reads until the server ends the stream. True: in an orderly way, false: by a reset.
    bool read_to_end() {
        try {
            while (receive()) {
            }
            return true;
        } catch (const std::system_error&) {
            if (errno == ECONNRESET) return false;
            throw;
        }
    }

    [[nodiscard]] int fd() const { return fd_.get(); }
    void shutdown_send() { ::shutdown(fd_.get(), SHUT_WR); }
    void close() { fd_ = net::UniqueFd(); }
    void reset() {
        const linger at_once{1, 0};
        ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        close();
    }

   protected:
    // As send() and recv() do.
    virtual ssize_t write_some(std::string_view bytes) {
        return ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }
    virtual ssize_t read_some(char* to, std::size_t size) { return ::recv(fd_.get(), to, size, 0); }

   private:
    [[noreturn]] static void fail(const char* what) { throw std::system_error(errno, std::system_category(), what); }
    [[nodiscard]] std::uint8_t byte(std::size_t i) const { return static_cast<std::uint8_t>(received_[i]); }

    bool fill(std::size_t size) {
        while (received_.size() < size) {
            if (receive()) continue;
            if (!received_.empty()) throw std::runtime_error("end of stream within a frame");
            return false;
        }
        return true;
    }

    bool receive() {
        char buffer[16 * 1024];
        const ssize_t got = read_some(buffer, sizeof buffer);
        if (got < 0) fail("recv");
        received_.append(buffer, static_cast<std::size_t>(got));
        return got > 0;
    }

    net::UniqueFd fd_;
    std::string received_;
};

}  // namespace foorumi::test
