#include "net/tls_session.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <cerrno>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

namespace foorumi::net {

// What OpenSSL reads from and writes to. It takes all that is written, so that no write has to be repeated later with
// the same bytes.
struct TlsBio {
    static TlsSession& session(BIO* bio) { return *static_cast<TlsSession*>(BIO_get_data(bio)); }

    static int write(BIO* bio, const char* bytes, std::size_t size, std::size_t* written) {
        BIO_clear_retry_flags(bio);
        if (!session(bio).send_or_keep(bytes, size)) return 0;
        *written = size;
        return 1;
    }

    static int read(BIO* bio, char* to, std::size_t size, std::size_t* got) {
        BIO_clear_retry_flags(bio);
        TlsSession& self = session(bio);
        const ssize_t received = ::recv(self.socket_, to, size, MSG_DONTWAIT);
        if (received > 0) {
            *got = static_cast<std::size_t>(received);
            return 1;
        }
        if (received == 0)
            self.eof_ = true;
        else if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
            BIO_set_retry_read(bio);
        else
            self.errno_ = errno;
        return 0;
    }

    static long control(BIO* bio, int command, long, void*) {
        if (command == BIO_CTRL_EOF) return session(bio).eof_ ? 1 : 0;
        return command == BIO_CTRL_FLUSH ? 1 : 0;
    }

    static BIO_METHOD* make_method() {
        BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "foorumi socket");
        if (method == nullptr) throw std::bad_alloc();
        BIO_meth_set_write_ex(method, &write);
        BIO_meth_set_read_ex(method, &read);
        BIO_meth_set_ctrl(method, &control);
        return method;
    }

    static const BIO_METHOD* method() {
        static const BIO_METHOD* const made = make_method();  // for as long as the process
        return made;
    }
};

namespace {

// Where the parts of a write are put together. Nothing of it is kept between two calls.
thread_local std::array<char, tls_record_bytes> scratch;

std::string_view one_record(std::span<const iovec> from) {
    if (from.empty()) return {};
    const auto* first = static_cast<const char*>(from.front().iov_base);
    if (from.size() == 1 || from.front().iov_len >= tls_record_bytes) {
        return {first, std::min(from.front().iov_len, tls_record_bytes)};
    }
    std::size_t size = 0;
    for (const iovec& part : from) {
        const std::size_t some = std::min(part.iov_len, tls_record_bytes - size);
        std::memcpy(scratch.data() + size, part.iov_base, some);
        size += some;
        if (size == tls_record_bytes) break;
    }
    return {scratch.data(), size};
}

}  // namespace

void TlsSession::Free::operator()(ssl_st* ssl) const { SSL_free(ssl); }

TlsSession::TlsSession(ssl_ctx_st& context, int socket) : ssl_(SSL_new(&context)), socket_(socket) {
    BIO* bio = ssl_ ? BIO_new(TlsBio::method()) : nullptr;
    if (bio == nullptr) throw std::bad_alloc();
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_accept_state(ssl_.get());
}

TlsSession::~TlsSession() = default;

bool TlsSession::send_or_keep(const char* bytes, std::size_t size) {
    ssize_t sent = 0;
    if (pending_.empty()) {
        do sent = ::send(socket_, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        while (sent < 0 && errno == EINTR);
        if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
            errno_ = errno;
            return false;
        }
        if (sent < 0) sent = 0;
    }
    pending_.append(bytes + sent, size - static_cast<std::size_t>(sent));
    return true;
}

int TlsSession::flush() {
    while (!pending_.empty()) {
        const ssize_t sent = ::send(socket_, pending_.data(), pending_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0) {
            if (errno == EINTR) continue;
            return -1;
        }
        if (static_cast<std::size_t>(sent) == pending_.size())
            std::string().swap(pending_);
        else
            pending_.erase(0, static_cast<std::size_t>(sent));
    }
    answers_ = false;
    return 0;
}

TlsSession::Step TlsSession::handshake() {
    if (flush() != 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK) return Step::want_write;
        error_ = {errno, boost::system::system_category()};
        return Step::failed;
    }
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    if (result == 1) return Step::done;
    if (SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ) {
        return pending() ? Step::want_write : Step::want_read;
    }
    const unsigned long code = ERR_peek_error();
    spoke_http_ = ERR_GET_LIB(code) == ERR_LIB_SSL &&
                  (ERR_GET_REASON(code) == SSL_R_HTTP_REQUEST || ERR_GET_REASON(code) == SSL_R_HTTPS_PROXY_REQUEST);
    return fail(result);
}

TlsSession::Step TlsSession::read(std::span<char> to, std::size_t& got) {
    got = 0;
    if (error_) return Step::failed;
    if (to.empty()) return Step::done;
    // What a peer makes us answer goes out before more is read of one that does not read, so it stays bounded.
    if (answers_ && flush() != 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK) return Step::want_write;
        error_ = {errno, boost::system::system_category()};
        return Step::failed;
    }
    const std::size_t waited = pending_.size();
    ERR_clear_error();
    const int result = SSL_read_ex(ssl_.get(), to.data(), to.size(), &got);
    answers_ = answers_ || pending_.size() > waited;
    if (result == 1) return Step::done;
    got = 0;
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_WANT_READ:
            return answers_ ? Step::want_write : Step::want_read;
        case SSL_ERROR_ZERO_RETURN:
            return Step::done;
        default:
            return fail(result);
    }
}

bool TlsSession::readable() const {
    return error_.failed() || SSL_pending(ssl_.get()) > 0 ||
           (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

TlsSession::Step TlsSession::fail(int result) {
    const int kind = SSL_get_error(ssl_.get(), result);
    if (errno_ != 0)
        error_ = {errno_, boost::system::system_category()};
    else if (eof_ || kind == SSL_ERROR_ZERO_RETURN)
        error_ = boost::asio::error::eof;
    else
        error_ = make_error_code(boost::system::errc::protocol_error);
    ERR_clear_error();
    return Step::failed;
}

ssize_t TlsSession::write(std::span<const iovec> from) {
    if (flush() != 0) return -1;
    const std::string_view plain = one_record(from);
    if (plain.empty()) return 0;
    ERR_clear_error();
    std::size_t written = 0;
    const int result = SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &written);
    if (result == 1) return static_cast<ssize_t>(written);
    static_cast<void>(fail(result));
    errno = errno_ != 0 ? errno_ : EPIPE;
    return -1;
}

void TlsSession::close_notify() {
    if (error_ || SSL_is_init_finished(ssl_.get()) == 0) return;
    ERR_clear_error();
    static_cast<void>(SSL_shutdown(ssl_.get()));  // if the peer is gone, the read tells
    ERR_clear_error();
    static_cast<void>(flush());
}

}  // namespace foorumi::net
