#include "net/transport.hpp"

namespace foorumi::net {

void Transport::start_tls(ssl_ctx_st& context) {
    tls_ = std::make_unique<TlsSession>(context, socket_.native_handle());
}

void Transport::shutdown_send() {
    if (tls_) tls_->close_notify();
    boost::system::error_code ignored;  // if the peer is gone, the read tells
    socket_.shutdown(Socket::shutdown_send, ignored);
}

void Transport::close() {
    tls_.reset();                       // what still waits for the socket must not use a descriptor that others get
    boost::system::error_code ignored;  // nothing can be done about a failed close
    if (socket_.is_open()) socket_.close(ignored);
}

}  // namespace foorumi::net
