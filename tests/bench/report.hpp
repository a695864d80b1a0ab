// The figures as a table for people and as JSON for comparison over time.
#pragma once

#include <filesystem>
#include <optional>
#include <ostream>
#include <string>

#include "measure.hpp"

namespace foorumi::bench {

struct Figures {
    std::string server;  // as `foorumid --version` prints it
    std::string place;   // cores and file system
    std::size_t rounds = 0;
    double seconds = 0;
    std::size_t subscribers = 0;
    std::size_t frame_bytes = 0;
    struct Pair {
        std::size_t in_flight = 0;
        Spread foorumi;
        Spread raw;
        Spread ratio;  // of each round's two
    };
    std::vector<Pair> fanout;
    FanOut::Latency latency;
    double latency_posts_per_second = 0;
    std::size_t rooms = 0;
    std::size_t sessions_per_room = 0;
    Spread durable;
    std::size_t idle_sessions = 0;
    double idle_bytes = 0;
};

void print_table(std::ostream& out, const Figures& figures);
void write_json(const std::filesystem::path& file, const Figures& figures);

}  // namespace foorumi::bench
