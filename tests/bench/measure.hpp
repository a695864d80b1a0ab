// The measurements. Each throws std::runtime_error if a delivery is lost, doubled or out of order.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "server_process.hpp"
#include "session.hpp"

namespace foorumi::bench {

// Text of the posts: with it a change is about the 300 bytes of which facts about other servers are told.
inline constexpr std::size_t text_bytes = 200;

struct Spread {
    double median = 0;
    double least = 0;
    double most = 0;
};
[[nodiscard]] Spread spread_of(std::vector<double> values);

// One room and its subscribers, kept from round to round.
class FanOut {
   public:
    FanOut(const ServerProcess& server, const Room& room, std::size_t subscribers);
    ~FanOut();

    // Deliveries a second while `in_flight` posts are kept that not all subscribers have seen.
    [[nodiscard]] double deliveries_per_second(std::size_t in_flight, std::chrono::milliseconds time);

    struct Latency {
        double p50_ms = 0;
        double p99_ms = 0;
        std::size_t samples = 0;
    };
    // From the post to each of its deliveries.
    [[nodiscard]] Latency latency(double posts_per_second, std::chrono::milliseconds time);

    // Of one delivery, WebSocket header included, as last seen.
    [[nodiscard]] std::size_t frame_bytes() const;

   private:
    struct Load;
    std::unique_ptr<Load> load_;
};

// A room's posts a second: every room has `sessions` subscribers, the first of which posts the next message when it has
// its acknowledgement.
[[nodiscard]] double durable_posts_per_second(const ServerProcess& server, const std::vector<Room>& rooms,
                                              std::size_t sessions, std::chrono::milliseconds time);

// Of the server, for each session that has said Hello and does nothing.
[[nodiscard]] double memory_per_session(const ServerProcess& server, std::size_t sessions);

}  // namespace foorumi::bench
