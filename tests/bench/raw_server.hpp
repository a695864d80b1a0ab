// What the figures stand beside: one thread, epoll, and one write() for each delivery of a frame made once. It serves
// the same load, without protocol, storage or fairness: the limit of servers that write each delivery by itself.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace foorumi::bench {

class RawServer {
   public:
    // Starts as a child process on the core.
    explicit RawServer(int core);
    ~RawServer();
    RawServer(const RawServer&) = delete;
    RawServer& operator=(const RawServer&) = delete;
    [[nodiscard]] std::uint16_t port() const { return port_; }

   private:
    pid_t pid_ = -1;
    std::uint16_t port_ = 0;
};

// The same load as FanOut's, with deliveries of frame_bytes.
class RawFanOut {
   public:
    RawFanOut(const RawServer& server, std::size_t subscribers, std::size_t frame_bytes);
    ~RawFanOut();
    [[nodiscard]] double deliveries_per_second(std::size_t in_flight, std::chrono::milliseconds time);

   private:
    struct Load;
    std::unique_ptr<Load> load_;
};

}  // namespace foorumi::bench
