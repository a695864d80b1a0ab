// The small WebSocket client over TLS: OpenSSL's own client on the same blocking socket.
#pragma once

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <memory>
#include <stdexcept>
#include <string>

#include "unit/net/raw_client.hpp"

namespace foorumi::test {

struct FreeSsl {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using SslRef = std::unique_ptr<SSL, FreeSsl>;

// A client's side that speaks this version only, over the socket; of TLS 1.2 with these suites, if any are named.
inline SslRef client_ssl(int socket, int version = TLS1_3_VERSION, const char* suites = nullptr) {
    const std::unique_ptr<SSL_CTX, FreeSsl> context(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_security_level(context.get(), 0);  // for versions that are no longer safe
    SSL_CTX_set_min_proto_version(context.get(), version);
    SSL_CTX_set_max_proto_version(context.get(), version);
    if (suites != nullptr && SSL_CTX_set_cipher_list(context.get(), suites) != 1) throw std::runtime_error(suites);
    SslRef ssl(SSL_new(context.get()));
    SSL_set_fd(ssl.get(), socket);
    SSL_set_connect_state(ssl.get());
    return ssl;
}

class TlsClient : public RawClient {
   public:
    // `before` goes before the handshake, as it is.
    explicit TlsClient(std::uint16_t port, int version = TLS1_3_VERSION, int receive_buffer = 0,
                       std::string_view before = {})
        : RawClient(port, receive_buffer), ssl_(client_ssl(fd(), version)) {
        while (!before.empty()) before.remove_prefix(send_some(before));
        ERR_clear_error();
        if (SSL_connect(ssl_.get()) != 1) throw std::runtime_error(why());
    }

    // Of the server's certificate.
    [[nodiscard]] std::string server_name() const {
        const X509* certificate = SSL_get0_peer_certificate(ssl_.get());
        char name[64] = {};
        X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
        return name;
    }
    [[nodiscard]] std::string version() const { return SSL_get_version(ssl_.get()); }
    [[nodiscard]] std::string cipher() const { return SSL_get_cipher_name(ssl_.get()); }
    [[nodiscard]] bool resumable() const { return SSL_SESSION_is_resumable(SSL_get0_session(ssl_.get())) == 1; }

    // Asks the server to change its keys, too.
    void update_keys() {
        if (SSL_key_update(ssl_.get(), SSL_KEY_UPDATE_REQUESTED) != 1 || SSL_do_handshake(ssl_.get()) != 1) {
            throw std::runtime_error(why());
        }
    }

    void close_notify() { SSL_shutdown(ssl_.get()); }
    [[nodiscard]] bool was_notified() const { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }

   protected:
    ssize_t write_some(std::string_view bytes) override {
        ERR_clear_error();
        return result_of(SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())));
    }
    ssize_t read_some(char* to, std::size_t size) override {
        ERR_clear_error();
        return result_of(SSL_read(ssl_.get(), to, static_cast<int>(size)));
    }

   private:
    static std::string why() {
        const char* reason = ERR_reason_error_string(ERR_peek_last_error());
        return reason == nullptr ? "the connection has ended" : reason;
    }

    // 0 also where the stream ended without a word.
    ssize_t result_of(int result) const {
        if (result > 0) return result;
        const int error = SSL_get_error(ssl_.get(), result);
        if (error == SSL_ERROR_ZERO_RETURN) return 0;
        if (error == SSL_ERROR_SYSCALL) return -1;
        if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) return 0;
        errno = EPROTO;
        return -1;
    }

    SslRef ssl_;
};

}  // namespace foorumi::test
