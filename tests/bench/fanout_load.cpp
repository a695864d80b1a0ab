#include "fanout_load.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "cpu_time.hpp"
#include "fanout_counter.hpp"
#include "measure.hpp"
#include "swarm.hpp"

namespace foorumi::bench {

using Clock = std::chrono::steady_clock;

namespace {

constexpr std::chrono::seconds quiet_deadline{10};  // for what is under way

double seconds_between(Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
}

double milliseconds_between(Clock::time_point from, Clock::time_point to) { return seconds_between(from, to) * 1000; }

}  // namespace

struct FanOutLoad::State {
    State(std::string kind, Dialect spoken, std::uint64_t version, std::size_t subscribers, std::vector<pid_t> pids)
        : name(std::move(kind)),
          dialect(std::move(spoken)),
          counter(version, subscribers),
          publisher(subscribers),
          processes(std::move(pids)) {}

    void post() {
        counter.posted();
        swarm.send(publisher, dialect.post(counter.last_posted()));
    }

    void poll(int timeout_ms, const OnVersion& note = nullptr) {
        swarm.poll(timeout_ms, [&](std::size_t client, std::string_view payload) {
            if (client == publisher) return dialect.answer(payload);
            dialect.read(payload, [&](std::uint64_t version) {
                counter.delivered(client, version);
                if (note) note(version);
            });
        });
    }

    void settle(const OnVersion& note = nullptr) {
        const auto end = Clock::now() + quiet_deadline;
        while (counter.in_flight() > 0) {
            if (Clock::now() > end) throw std::runtime_error(name + ": deliveries are missing");
            poll(100, note);
        }
    }

    std::string name;
    Dialect dialect;
    Swarm swarm;
    FanOutCounter counter;
    std::size_t publisher;
    std::vector<pid_t> processes;
};

FanOutLoad::FanOutLoad(std::string name, Dialect dialect, std::vector<Stream> streams, std::uint64_t version,
                       std::vector<pid_t> processes)
    : state_(std::make_unique<State>(std::move(name), std::move(dialect), version, streams.size() - 1,
                                     std::move(processes))) {
    for (Stream& stream : streams) state_->swarm.add(std::move(stream));
}

FanOutLoad::~FanOutLoad() = default;
FanOutLoad::FanOutLoad(FanOutLoad&&) noexcept = default;

const std::string& FanOutLoad::name() const { return state_->name; }

Rate FanOutLoad::run(std::size_t in_flight, std::chrono::milliseconds time) {
    const std::uint64_t before = state_->counter.deliveries();
    const double server_before = cpu_seconds(state_->processes);
    const double load_before = own_cpu_seconds();
    const auto start = Clock::now();
    auto now = start;
    while (now - start < time) {
        while (state_->counter.in_flight() < in_flight) state_->post();
        state_->poll(1000);
        now = Clock::now();
        if (now - start > time + quiet_deadline) throw std::runtime_error(state_->name + " does not deliver");
    }
    const double seconds = seconds_between(start, now);
    const double server = cpu_seconds(state_->processes) - server_before;
    const double load = own_cpu_seconds() - load_before;
    const auto deliveries = static_cast<double>(state_->counter.deliveries() - before);
    state_->settle();
    return {deliveries / seconds, server * 1e6 / deliveries, server / seconds, load / seconds};
}

Latencies FanOutLoad::latency(double posts_per_second, std::chrono::milliseconds time) {
    const auto interval =
        std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / posts_per_second));
    const std::uint64_t base = state_->counter.last_posted() + 1;
    std::vector<Clock::time_point> sent;
    std::vector<double> first, last;
    const OnVersion note = [&](std::uint64_t version) {
        const double took = milliseconds_between(sent[version - base], Clock::now());
        if (first.size() <= version - base) first.push_back(took);
        last.resize(first.size());
        last[version - base] = took;
    };
    const auto start = Clock::now();
    for (auto due = start; due - start < time; due += interval) {
        for (auto now = Clock::now(); now < due; now = Clock::now()) {
            state_->poll(static_cast<int>(std::chrono::floor<std::chrono::milliseconds>(due - now).count()), note);
        }
        sent.push_back(Clock::now());
        state_->post();
    }
    state_->settle(note);
    return {percentile(first, 0.5), percentile(first, 0.99), percentile(last, 0.5), percentile(last, 0.99),
            sent.size()};
}

}  // namespace foorumi::bench
