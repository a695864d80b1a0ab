// The synchronous half of a transport: what is written at once goes through it. A handle: it owns nothing, and is valid
// as long as the transport that gave it is open.
//
// Thread: the connection's worker.
#pragma once

#include <sys/types.h>
#include <sys/uio.h>

#include <span>

#include "net/tls_session.hpp"

namespace foorumi::net {

class Wire {
   public:
    // tls null: the bare socket.
    Wire(int socket, TlsSession* tls) : socket_(socket), tls_(tls) {}

    // Takes what it can at once, as sendmsg() with MSG_DONTWAIT does. Over TLS that is one record at most, whose bytes
    // may be pending() afterwards.
    [[nodiscard]] ssize_t write(std::span<const iovec> from) const {
        return tls_ != nullptr ? tls_->write(from) : send(from);
    }
    // Whether a write of only a part may be followed by another.
    [[nodiscard]] bool writes_in_parts() const { return tls_ != nullptr && !tls_->pending(); }
    // Bytes that were taken, and not by the socket yet.
    [[nodiscard]] bool pending() const { return tls_ != nullptr && tls_->pending(); }
    // 0: nothing is pending. Else -1 and errno, EAGAIN where some still is.
    [[nodiscard]] int flush() const { return tls_ != nullptr ? tls_->flush() : 0; }

   private:
    [[nodiscard]] ssize_t send(std::span<const iovec> from) const;

    int socket_;
    TlsSession* tls_;
};

}  // namespace foorumi::net
