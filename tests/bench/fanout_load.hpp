// One publisher and many subscribers of one topic on any kind of server: a closed loop that checks every delivery.
//
// Throws std::runtime_error if a delivery is lost, doubled or out of order.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dialect.hpp"
#include "stream.hpp"

namespace foorumi::bench {

struct Rate {
    double per_second = 0;
    double server_us = 0;    // CPU time of the server's processes for one delivery
    double server_busy = 0;  // part of one core
    double load_busy = 0;    // part of one core, of the load itself
};

struct Latencies {
    double first_p50_ms = 0;  // from the post to its first delivery
    double first_p99_ms = 0;
    double last_p50_ms = 0;  // from the post to its last delivery
    double last_p99_ms = 0;
    std::size_t posts = 0;
};

class FanOutLoad {
   public:
    // Connected, handshakes done: the subscribers', then the publisher's as the last. `version` is the topic's
    // when they came. `processes` are the server's, for its CPU time.
    FanOutLoad(std::string name, Dialect dialect, std::vector<Stream> streams, std::uint64_t version,
               std::vector<pid_t> processes);
    ~FanOutLoad();
    FanOutLoad(FanOutLoad&&) noexcept;
    FanOutLoad& operator=(FanOutLoad&&) = delete;

    [[nodiscard]] const std::string& name() const;

    // Keeps `in_flight` posts that not all subscribers have seen.
    [[nodiscard]] Rate run(std::size_t in_flight, std::chrono::milliseconds time);
    // Posts at even intervals.
    [[nodiscard]] Latencies latency(double posts_per_second, std::chrono::milliseconds time);

   private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace foorumi::bench
