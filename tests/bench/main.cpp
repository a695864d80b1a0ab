// foorumi_bench: starts foorumid on one core, loads it from another, and prints one table.
#include <sys/vfs.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "measure.hpp"
#include "raw_server.hpp"
#include "report.hpp"
#include "server_process.hpp"

namespace foorumi::bench {
namespace {

namespace fs = std::filesystem;

struct Arguments {
    fs::path server = fs::read_symlink("/proc/self/exe").parent_path() / "foorumid";
    fs::path directory = fs::read_symlink("/proc/self/exe").parent_path();
    fs::path json;
    std::size_t rounds = 3;
    double seconds = 2;
    std::size_t subscribers = 1000;
    std::size_t rooms = 200;
    std::size_t sessions_per_room = 10;
    std::size_t idle_sessions = 5000;
    std::vector<std::string> only;

    [[nodiscard]] bool wants(const std::string& part) const {
        return only.empty() || std::ranges::find(only, part) != only.end();
    }
    [[nodiscard]] std::chrono::milliseconds round_time() const {
        return std::chrono::milliseconds(static_cast<long>(seconds * 1000));
    }
};

struct Cores {
    int server = -1;
    int load = -1;
};

Cores choose_cores() {
    const std::vector<int> cores = available_cores();
    if (cores.size() < 2) return {};
    return {cores.back(), cores.front()};
}

// Durable posts on a file system in memory would not be durable.
std::string file_system_of(const fs::path& directory) {
    constexpr long tmpfs = 0x01021994;
    struct statfs info{};
    if (::statfs(directory.c_str(), &info) != 0) return "an unknown file system";
    return info.f_type == tmpfs ? "tmpfs: NOT durable" : "a disk";
}

void require_release(const std::string& version) {
#ifndef NDEBUG
    throw std::runtime_error("this is a debug build of the load generator: its figures would mean nothing");
#endif
    if (version.find("(Release)") == std::string::npos) {
        throw std::runtime_error("'" + version + "' is no release build: its figures would mean nothing");
    }
}

void measure_fan_out(const Arguments& arguments, const Cores& cores, const ServerProcess& server, const Room& room,
                     Figures& figures) {
    FanOut foorumi(server, room, arguments.subscribers);
    static_cast<void>(foorumi.deliveries_per_second(1, std::chrono::milliseconds(300)));  // warm
    figures.frame_bytes = foorumi.frame_bytes();
    if (arguments.wants("fanout")) {
        const RawServer raw_server(cores.server);
        RawFanOut raw(raw_server, arguments.subscribers, figures.frame_bytes);
        static_cast<void>(raw.deliveries_per_second(1, std::chrono::milliseconds(300)));
        for (const std::size_t in_flight : {1U, 16U}) {
            std::vector<double> ours, theirs, ratios;
            for (std::size_t round = 0; round < arguments.rounds; ++round) {
                theirs.push_back(raw.deliveries_per_second(in_flight, arguments.round_time()));
                ours.push_back(foorumi.deliveries_per_second(in_flight, arguments.round_time()));
                ratios.push_back(ours.back() / theirs.back());
            }
            figures.fanout.push_back({in_flight, spread_of(ours), spread_of(theirs), spread_of(ratios)});
        }
    }
    if (arguments.wants("latency")) {
        figures.latency_posts_per_second = 20;
        figures.latency = foorumi.latency(20, arguments.rounds * arguments.round_time());
    }
}

void measure_durable(const Arguments& arguments, const ServerProcess& server, const std::vector<Room>& rooms,
                     Figures& figures) {
    std::vector<double> rates;
    for (std::size_t round = 0; round < arguments.rounds; ++round) {
        rates.push_back(durable_posts_per_second(server, rooms, arguments.sessions_per_room, arguments.round_time()));
    }
    figures.rooms = rooms.size();
    figures.sessions_per_room = arguments.sessions_per_room;
    figures.durable = spread_of(rates);
}

Figures measure(const Arguments& arguments) {
    Figures figures;
    figures.server = server_version(arguments.server);
    require_release(figures.server);
    const Cores cores = choose_cores();
    figures.place = cores.load < 0 ? std::string("server and load on ONE core")
                                   : "server and its Redis on core " + std::to_string(cores.server) +
                                         ", load on core " + std::to_string(cores.load);
    figures.place += ", data on " + file_system_of(arguments.directory);
    figures.rounds = arguments.rounds;
    figures.seconds = arguments.seconds;
    figures.subscribers = arguments.subscribers;
    pin_to_core(cores.load);
    const auto rooms_needed = static_cast<unsigned>(std::max<std::size_t>(arguments.rooms, 1));
    if (arguments.wants("fanout") || arguments.wants("latency") || arguments.wants("durable")) {
        const ServerProcess server({arguments.server, arguments.directory, cores.server, rooms_needed});
        auto setup = open_sessions(server.port(), server.tokens(), 1);
        const std::vector<Room> rooms = prepare_rooms(setup.front(), rooms_needed);
        if (arguments.wants("fanout") || arguments.wants("latency")) {
            measure_fan_out(arguments, cores, server, rooms.front(), figures);
        }
        if (arguments.wants("durable")) measure_durable(arguments, server, rooms, figures);
    }
    if (arguments.wants("idle")) {
        const ServerProcess server({arguments.server, arguments.directory, cores.server, 1});
        const auto warm = open_sessions(server.port(), server.tokens(), 100);
        figures.idle_bytes = memory_per_session(server, arguments.idle_sessions);
        figures.idle_sessions = arguments.idle_sessions;
    }
    return figures;
}

}  // namespace
}  // namespace foorumi::bench

int main(int argc, char** argv) {
    using namespace foorumi::bench;
    Arguments arguments;
    CLI::App app{"Measures foorumid beside a raw epoll write() loop in the same run.", "foorumi_bench"};
    app.add_option("server", arguments.server, "foorumid to measure (the one beside this program)");
    app.add_option("--json", arguments.json, "file for the figures as JSON");
    app.add_option("--dir", arguments.directory, "where the server's data goes, on a real disk");
    app.add_option("--rounds", arguments.rounds, "rounds, of which the median counts")->check(CLI::Range(1, 100));
    app.add_option("--seconds", arguments.seconds, "length of a round")->check(CLI::Range(0.1, 600.0));
    app.add_option("--subscribers", arguments.subscribers, "of the one room")->check(CLI::Range(1, 9000));
    app.add_option("--rooms", arguments.rooms, "for durable posts")->check(CLI::Range(1, 900));
    app.add_option("--sessions", arguments.sessions_per_room, "of each of these rooms")->check(CLI::Range(1, 100));
    app.add_option("--idle", arguments.idle_sessions, "idle sessions")->check(CLI::Range(1, 9000));
    app.add_option("--only", arguments.only, "parts: fanout, latency, durable, idle")
        ->check(CLI::IsMember({"fanout", "latency", "durable", "idle"}));
    CLI11_PARSE(app, argc, argv);
    try {
        const Figures figures = measure(arguments);
        print_table(std::cout, figures);
        if (!arguments.json.empty()) write_json(arguments.json, figures);
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "foorumi_bench: " << error.what() << '\n';
        return 1;
    }
}
