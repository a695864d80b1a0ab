#include "raw_tls_server.hpp"

#include <fcntl.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <array>
#include <string>
#include <unordered_map>

#include "epoll_loop.hpp"
#include "raw_server.hpp"

namespace foorumi::bench {
namespace {

class TlsLoop : public EpollLoop<TlsLoop> {
   public:
    TlsLoop(int listening, const Certificate& certificate)
        : EpollLoop(listening), context_(SSL_CTX_new(TLS_server_method())) {
        SSL_CTX_set_num_tickets(context_, 0);
        SSL_CTX_set_options(context_, SSL_OP_CIPHER_SERVER_PREFERENCE);
        if (SSL_CTX_set_ciphersuites(context_, "TLS_AES_128_GCM_SHA256") != 1 ||
            SSL_CTX_use_certificate_chain_file(context_, certificate.certificate.c_str()) != 1 ||
            SSL_CTX_use_PrivateKey_file(context_, certificate.key.c_str(), SSL_FILETYPE_PEM) != 1) {
            end_with("certificate");
        }
    }

   private:
    friend class EpollLoop<TlsLoop>;

    void accepted(int fd) {
        SSL* tls = SSL_new(context_);
        SSL_set_fd(tls, fd);
        SSL_set_accept_state(tls);
        sessions_.emplace(fd, tls);
    }

    // Only the publisher ever writes, posts whole in a record; it does not subscribe.
    void read(int fd) {
        SSL* tls = sessions_.at(fd);
        std::array<RawPost, 64> posts;
        for (;;) {
            const int got = SSL_read(tls, posts.data(), sizeof posts);
            if (got <= 0) {
                if (SSL_get_error(tls, got) == SSL_ERROR_WANT_READ) return;
                SSL_free(tls);
                sessions_.erase(fd);
                ::close(fd);
                return;
            }
            publisher_ = fd;
            for (std::size_t i = 0; i < static_cast<std::size_t>(got) / sizeof(RawPost); ++i)
                turn_ += raw_frame(posts[i]);
        }
    }

    void flush() {
        if (turn_.empty()) return;
        for (const auto& [fd, tls] : sessions_) {
            if (fd == publisher_) continue;
            if (SSL_write(tls, turn_.data(), static_cast<int>(turn_.size())) != static_cast<int>(turn_.size())) {
                end_with("SSL_write");
            }
        }
        turn_.clear();
    }

    SSL_CTX* context_;
    int publisher_ = -1;
    std::unordered_map<int, SSL*> sessions_;
    std::string turn_;  // its frames
};

}  // namespace

RawTlsServer::RawTlsServer(int core, const Certificate& certificate)
    : listening_(listen_on_loopback(port_)), child_(core, [&] {
          ::fcntl(listening_, F_SETFL, O_NONBLOCK);
          TlsLoop(listening_, certificate).run();
      }) {
    ::close(listening_);
}

}  // namespace foorumi::bench
