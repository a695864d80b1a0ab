// A connected socket, or a client's TLS over one.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

struct ssl_st;

namespace foorumi::bench {

class Stream {
   public:
    Stream() = default;
    Stream(int fd);  // NOLINT(google-explicit-constructor): a socket is a stream
    Stream(Stream&& other) noexcept;
    Stream& operator=(Stream&& other) noexcept;
    ~Stream();

    // The handshake, on a blocking socket. Throws std::runtime_error where it fails.
    void start_tls();
    // What was negotiated, such as "TLSv1.3 TLS_AES_128_GCM_SHA256"; empty: no TLS.
    [[nodiscard]] std::string cipher() const;

    [[nodiscard]] int fd() const { return fd_; }
    // From now on receive() says EAGAIN where nothing has come. Plain sockets stay as they are.
    void unblock();

    // As recv() and send(); over TLS one record at most. dont_wait: as MSG_DONTWAIT.
    [[nodiscard]] ssize_t receive(char* to, std::size_t size, bool dont_wait);
    [[nodiscard]] ssize_t send(const char* bytes, std::size_t size);
    // More may be received without the socket having anything.
    [[nodiscard]] bool holds_more() const;

   private:
    struct Free {
        void operator()(ssl_st* ssl) const;
    };
    int fd_ = -1;
    std::unique_ptr<ssl_st, Free> tls_;
};

}  // namespace foorumi::bench
