// Runs simulations by seed. Exit status 1: something that must not be was found, or, with --hunt, was not found.
#include <spdlog/spdlog.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>

#include "core/episode.hpp"

namespace foorumi::core {
namespace {

struct Task {
    std::uint64_t first = 1;
    std::uint64_t count = 1;
    unsigned jobs = 1;  // processes
    bool trace = false, twice = false, acts = false, hunt = false, hashes = false;
    std::optional<Topology> topology = std::nullopt;
};

struct Totals {
    std::uint64_t events = 0, wishes = 0, bad = 0;
    std::uint64_t hash = 0;  // of all traces, in any order

    void add(const Totals& other) {
        events += other.events;
        wishes += other.wishes;
        bad += other.bad;
        hash += other.hash;
    }
};

Verdict run_one(std::uint64_t seed, const Task& task, Scripts& scripts) {
    return Episode(seed, {task.trace, task.topology, task.acts}, scripts).run();
}

void print_violation(const Verdict& verdict) {
    std::string text =
        fmt::format("seed {} ({}): {}\n", verdict.seed, to_string(verdict.topology), verdict.violations.front());
    for (const auto& fault : verdict.faults) text += fmt::format("  fault: {}\n", fault);
    fmt::print("{}", text);
    std::fflush(stdout);
}

bool is_same(const Verdict& one, const Verdict& other) {
    if (one.hash == other.hash) return true;
    fmt::print("seed {}: the trace is {:016x}, and then {:016x}\n", one.seed, one.hash, other.hash);
    return false;
}

// Every `jobs`th seed, from the one of that number on.
Totals run_share(const Task& task, unsigned number) {
    Scripts scripts;
    Totals totals;
    for (auto seed = task.first + number; seed < task.first + task.count; seed += task.jobs) {
        const auto verdict = run_one(seed, task, scripts);
        totals.add({verdict.events, verdict.wishes, verdict.violations.empty() ? 0U : 1U, verdict.hash});
        if (task.hashes) fmt::print("{} {:016x}\n", seed, verdict.hash);
        if (task.twice && !is_same(verdict, run_one(seed, task, scripts))) ++totals.bad;
        if (!verdict.violations.empty()) print_violation(verdict);
        if (task.hunt && !verdict.violations.empty()) break;
    }
    return totals;
}

// A process for each share: a world is alone in its process.
Totals run_shares(const Task& task) {
    if (task.jobs == 1) return run_share(task, 0);
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
    for (unsigned number = 0; number < task.jobs; ++number) {
        if (::fork() != 0) continue;
        const auto totals = run_share(task, number);
        const bool told = ::write(ends[1], &totals, sizeof totals) == sizeof totals;
        std::fflush(stdout);
        ::_exit(told ? 0 : 1);
    }
    ::close(ends[1]);
    Totals all;
    for (unsigned number = 0; number < task.jobs; ++number) {
        Totals share{0, 0, 1, 0};  // of one that ended too early
        if (::read(ends[0], &share, sizeof share) != sizeof share) fmt::print("a process ended too early\n");
        all.add(share);
    }
    while (::wait(nullptr) > 0) {
    }
    return all;
}

int run_all(const Task& task) {
    const auto begin = std::chrono::steady_clock::now();
    const auto totals = run_shares(task);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    fmt::print("{} seeds, {} events, {} changes, trace {:016x}: {}\n", task.count, totals.events, totals.wishes,
               totals.hash, totals.bad == 0 ? "clean" : fmt::format("{} not clean", totals.bad));
    fmt::print(stderr, "{:.0f} seeds/s\n", static_cast<double>(task.count) / took.count());
    return (totals.bad == 0) != task.hunt ? 0 : 1;
}

}  // namespace
}  // namespace foorumi::core

int main(int argc, char** argv) {
    using foorumi::core::Topology;
    CLI::App app("Simulations of the server's core");
    foorumi::core::Task task;
    std::string topology;
    bool log = false;
    app.add_option("--seed", task.first, "The first seed");
    app.add_option("--seeds", task.count, "How many");
    app.add_option("--jobs", task.jobs, "Processes at once")->check(CLI::PositiveNumber);
    app.add_option("--topology", topology, "One only: alone, replicated or lossy");
    app.add_flag("--acts", task.acts, "Rights are given and taken where something may be lost, too");
    app.add_flag("--trace", task.trace, "Tells all that happens");
    app.add_flag("--log", log, "The server's own log, too");
    app.add_flag("--twice", task.twice, "Each seed twice: both traces must be the same");
    app.add_flag("--hashes", task.hashes, "Tells the hash of each trace");
    app.add_flag("--hunt", task.hunt, "Something is wrong on purpose: ends with the first seed that finds it");
    CLI11_PARSE(app, argc, argv);
    if (task.trace) task.jobs = 1;
    for (const auto each : {Topology::alone, Topology::replicated, Topology::lossy}) {
        if (topology == to_string(each)) task.topology = each;
    }
    spdlog::set_level(log ? spdlog::level::debug : spdlog::level::off);
    return foorumi::core::run_all(task);
}
