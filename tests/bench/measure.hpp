// The measurements. Each throws std::runtime_error if a delivery is lost, doubled or out of order.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "fanout_load.hpp"
#include "server_process.hpp"
#include "session.hpp"

namespace foorumi::bench {

// Text of the posts: with it a change is about the 300 bytes of which facts about other servers are told.
inline constexpr std::size_t text_bytes = 230;
// What servers get that pass on whatever they are given: as large as our deliveries.
inline constexpr std::size_t opaque_bytes = 300;

struct Spread {
    double median = 0;
    double least = 0;
    double most = 0;
};
[[nodiscard]] Spread spread_of(std::vector<double> values);
// part: 0.5 is the median. Of no values: 0.
[[nodiscard]] double percentile(std::vector<double> values, double part);

// --- fan-out: loads on each kind of server, ready to run

[[nodiscard]] FanOutLoad foorumi_fanout(const ServerProcess& server, const Room& room, std::size_t subscribers);

// --- durable: many rooms, one post in flight in each

struct RoomsRate {
    double posts_per_second = 0;
    double server_us = 0;  // CPU time of the server for one post and its deliveries
};

// Rooms with a publisher each; the next post goes out when the last one is acknowledged.
class RoomsLoad {
   public:
    struct RoomSockets {
        Dialect dialect;
        std::vector<Stream> subscribers;
        Stream publisher;
        std::uint64_t version = 0;
    };
    RoomsLoad(std::vector<RoomSockets> rooms, std::vector<pid_t> processes);
    ~RoomsLoad();
    RoomsLoad(RoomsLoad&&) noexcept;
    RoomsLoad& operator=(RoomsLoad&&) = delete;
    [[nodiscard]] RoomsRate run(std::chrono::milliseconds time);

   private:
    struct State;
    std::unique_ptr<State> state_;
};
[[nodiscard]] RoomsLoad foorumi_rooms(const ServerProcess& server, const std::vector<Room>& rooms,
                                      std::size_t sessions);

// Executions a second of the commit script with the same durability by redis-benchmark, on a Redis of its own.
[[nodiscard]] double commit_script_per_second(int redis_core, const std::filesystem::path& directory,
                                              std::size_t connections, std::size_t executions);

// --- disk

// Milliseconds of an append of 512 bytes with fdatasync(), the p50 and p99 of `count`, at even intervals.
struct SyncTimes {
    double p50_ms = 0;
    double p99_ms = 0;
};
[[nodiscard]] SyncTimes sync_times(const std::filesystem::path& directory, std::size_t count,
                                   std::chrono::milliseconds interval);

// --- history

inline constexpr std::size_t page_of_messages = 50;

struct PageTimes {
    double p50_us = 0;
    double p99_us = 0;
};
// Puts messages into the room's thread as the server would, through the commit script; seconds it took.
double load_messages(const std::filesystem::path& redis_socket, const Room& room, std::size_t messages);
// Random pages of 50 messages through the protocol, and the bare HMGET of 50 of them beside it.
[[nodiscard]] PageTimes history_pages(const ServerProcess& server, const Room& room, std::size_t messages,
                                      std::size_t pages);
[[nodiscard]] PageTimes bare_pages(const std::filesystem::path& redis_socket, const Room& room, std::size_t messages,
                                   std::size_t pages);
// used_memory of the Redis.
[[nodiscard]] std::size_t redis_bytes(const std::filesystem::path& redis_socket);

}  // namespace foorumi::bench
