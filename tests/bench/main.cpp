// foorumi_bench: starts foorumid and its peers on one core, loads them from another, and prints one table.
#include <sys/vfs.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "report.hpp"
#include "server_process.hpp"
#include "suites.hpp"

namespace foorumi::bench {
namespace {

namespace fs = std::filesystem;

struct Suite {
    const char* name;
    void (*run)(const Plan& plan, Report& report);
};

constexpr std::array suites{Suite{"fanout", fanout_suite},   Suite{"latency", latency_suite},
                            Suite{"durable", durable_suite}, Suite{"memory", memory_suite},
                            Suite{"herd", herd_suite},       Suite{"history", history_suite},
                            Suite{"growth", growth_suite},   Suite{"scaling", scaling_suite}};

struct Arguments {
    Plan plan;
    fs::path json;
    fs::path history;
    std::string revision;
    double seconds = 2;
    std::vector<std::string> only;
};

void choose_cores(Plan& plan) {
    const std::vector<int> cores = available_cores();
    if (cores.size() < 2) return;
    plan.server_core = cores.back();
    plan.load_core = cores.front();
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

std::string place_of(const Plan& plan) {
    const std::string cores = plan.load_core < 0 ? std::string("server and load on ONE core")
                                                 : "server and its Redis on core " + std::to_string(plan.server_core) +
                                                       ", load on core " + std::to_string(plan.load_core);
    return cores + ", data on " + file_system_of(plan.directory);
}

void measure(Arguments& arguments, Report& report) {
    Plan& plan = arguments.plan;
    plan.round_time = std::chrono::milliseconds(static_cast<long>(arguments.seconds * 1000));
    report.server = server_version(plan.server);
    require_release(report.server);
    choose_cores(plan);
    report.place = place_of(plan);
    report.rounds = plan.rounds;
    report.seconds = arguments.seconds;
    pin_to_core(plan.load_core);
    for (const Suite& suite : suites) {
        if (!arguments.only.empty() && std::ranges::find(arguments.only, suite.name) == arguments.only.end()) continue;
        std::cerr << "foorumi_bench: " << suite.name << std::endl;
        suite.run(plan, report);
    }
}

}  // namespace
}  // namespace foorumi::bench

int main(int argc, char** argv) {
    using namespace foorumi::bench;
    namespace fs = std::filesystem;
    Arguments arguments;
    Plan& plan = arguments.plan;
    plan.directory = fs::read_symlink("/proc/self/exe").parent_path();
    plan.server = plan.directory / "foorumid";
    bool no_peers = false;
    std::vector<std::string> names;
    for (const Suite& suite : suites) names.emplace_back(suite.name);
    CLI::App app{"Measures foorumid beside what is as fast as the kernel allows, in the same run.", "foorumi_bench"};
    app.add_option("server", plan.server, "foorumid to measure (the one beside this program)");
    app.add_option("--json", arguments.json, "file for the figures as JSON");
    app.add_option("--history", arguments.history, "file to which the medians are appended");
    app.add_option("--revision", arguments.revision, "what the history calls this state of the tree");
    app.add_option("--dir", plan.directory, "where the data goes, on a real disk");
    app.add_option("--rounds", plan.rounds, "rounds, of which the median counts")->check(CLI::Range(1, 100));
    app.add_option("--seconds", arguments.seconds, "length of a round")->check(CLI::Range(0.1, 600.0));
    app.add_option("--subscribers", plan.subscribers, "of the one room")->check(CLI::Range(1, 9000));
    app.add_option("--rooms", plan.rooms, "for durable posts")->check(CLI::Range(1, 900));
    app.add_option("--sessions", plan.sessions_per_room, "of each of these rooms")->check(CLI::Range(1, 100));
    app.add_option("--idle", plan.idle_sessions, "idle sessions")->check(CLI::Range(1, 18'000));
    app.add_option("--messages", plan.messages, "of the large room")->check(CLI::Range(1'000, 10'000'000));
    app.add_option("--growth-rooms", plan.growth_rooms, "rooms beside which the active ones are few")
        ->check(CLI::Range(1'000, 1'000'000));
    app.add_flag("--no-peers", no_peers, "without other servers that are installed");
    app.add_option("--only", arguments.only, "suites")->check(CLI::IsMember(names));
    CLI11_PARSE(app, argc, argv);
    plan.peers = !no_peers;
    Report report;
    try {
        measure(arguments, report);
        print_table(std::cout, report);
        if (!arguments.json.empty()) write_json(arguments.json, report);
        if (!arguments.history.empty()) append_history(arguments.history, report, arguments.revision);
        return 0;
    } catch (const std::exception& error) {
        if (!report.rows.empty()) print_table(std::cout, report);  // what was measured before it
        std::cerr << "foorumi_bench: " << error.what() << '\n';
        return 1;
    }
}
