// The suites of the benchmark: each starts what it needs, measures, and adds its rows.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "report.hpp"

namespace foorumi::bench {

struct Plan {
    std::filesystem::path server;
    std::filesystem::path directory;  // on a real disk
    int server_core = -1;
    int load_core = -1;
    std::size_t rounds = 5;
    std::chrono::milliseconds round_time{2000};
    std::size_t subscribers = 1000;
    std::size_t rooms = 200;
    std::size_t sessions_per_room = 10;
    std::size_t idle_sessions = 10'000;
    std::size_t messages = 1'000'000;
    std::size_t growth_rooms = 100'000;
    bool peers = true;  // also other servers that are installed

    [[nodiscard]] ServerOptions server_options(std::size_t room_count) const {
        return {.program = server,
                .directory = directory,
                .core = server_core,
                .rooms = static_cast<unsigned>(room_count),
                .tls = false,
                .workers = 1};
    }
};

void fanout_suite(const Plan& plan, Report& report);
void latency_suite(const Plan& plan, Report& report);
void durable_suite(const Plan& plan, Report& report);
void memory_suite(const Plan& plan, Report& report);
void herd_suite(const Plan& plan, Report& report);
void history_suite(const Plan& plan, Report& report);  // and growth with the number of messages
void growth_suite(const Plan& plan, Report& report);   // with the number of sessions and rooms
void scaling_suite(const Plan& plan, Report& report);  // with a second worker

}  // namespace foorumi::bench
