// What the figures over TLS stand beside: one thread, epoll, OpenSSL as it comes, and one SSL_write() of all frames of
// a turn for each subscriber. It serves the same load without protocol, limits or fairness.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "certificate.hpp"
#include "child.hpp"

namespace foorumi::bench {

class RawTlsServer {
   public:
    RawTlsServer(int core, const Certificate& certificate);
    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] pid_t pid() const { return child_.pid(); }

   private:
    std::uint16_t port_ = 0;
    int listening_;
    Child child_;
};

}  // namespace foorumi::bench
