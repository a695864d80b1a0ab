// The broadcast that most Beast servers begin as: a coroutine per session, tcp_stream, any_io_executor, an async_write
// for each message and recipient, compression offered by nobody. What Foorumi's own write path is measured against.
#pragma once

#include <cstdint>
#include <filesystem>

#include "child.hpp"
#include "dialect.hpp"

namespace foorumi::bench {

class NaiveBeastServer {
   public:
    explicit NaiveBeastServer(int core);
    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] pid_t pid() const { return child_.pid(); }

   private:
    std::uint16_t port_ = 0;
    int listening_;
    Child child_;
};

// Whoever sends a message has it passed on to all others.
[[nodiscard]] Dialect broadcast_dialect(std::size_t payload_bytes);

}  // namespace foorumi::bench
