#include "stream.hpp"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <utility>

namespace foorumi::bench {
namespace {

// Of all clients. Reads as much as has come with one call, so that the load costs little.
SSL_CTX* client_context() {
    static SSL_CTX* const context = [] {
        SSL_CTX* made = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_mode(made, SSL_MODE_RELEASE_BUFFERS);
        SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
        SSL_CTX_set_read_ahead(made, 1);
        return made;
    }();
    return context;
}

}  // namespace

void Stream::Free::operator()(ssl_st* ssl) const { SSL_free(ssl); }

Stream::Stream(int fd) : fd_(fd) {}
Stream::Stream(Stream&& other) noexcept : fd_(std::exchange(other.fd_, -1)), tls_(std::move(other.tls_)) {}
Stream& Stream::operator=(Stream&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(tls_, other.tls_);
    return *this;
}
Stream::~Stream() {
    tls_.reset();
    if (fd_ >= 0) ::close(fd_);
}

void Stream::start_tls() {
    tls_.reset(SSL_new(client_context()));
    SSL_set_fd(tls_.get(), fd_);
    ERR_clear_error();
    if (SSL_connect(tls_.get()) != 1) {
        const char* reason = ERR_reason_error_string(ERR_peek_last_error());
        throw std::runtime_error(std::string("no TLS: ") + (reason == nullptr ? "the connection has ended" : reason));
    }
}

std::string Stream::cipher() const {
    if (!tls_) return {};
    return std::string(SSL_get_version(tls_.get())) + " " + SSL_get_cipher_name(tls_.get());
}

void Stream::unblock() {
    if (tls_) ::fcntl(fd_, F_SETFL, O_NONBLOCK);
}

ssize_t Stream::receive(char* to, std::size_t size, bool dont_wait) {
    if (!tls_) return ::recv(fd_, to, size, dont_wait ? MSG_DONTWAIT : 0);
    ERR_clear_error();
    const int got = SSL_read(tls_.get(), to, static_cast<int>(size));
    if (got > 0) return got;
    const int error = SSL_get_error(tls_.get(), got);
    if (error == SSL_ERROR_ZERO_RETURN) return 0;
    errno = error == SSL_ERROR_WANT_READ ? EAGAIN : EPROTO;
    return -1;
}

ssize_t Stream::send(const char* bytes, std::size_t size) {
    if (!tls_) return ::send(fd_, bytes, size, MSG_NOSIGNAL);
    for (;;) {
        ERR_clear_error();
        const int sent = SSL_write(tls_.get(), bytes, static_cast<int>(size));
        if (sent > 0) return sent;
        if (SSL_get_error(tls_.get(), sent) != SSL_ERROR_WANT_WRITE) {
            errno = EPROTO;
            return -1;
        }
    }
}

bool Stream::holds_more() const { return tls_ && SSL_has_pending(tls_.get()) == 1; }

}  // namespace foorumi::bench
