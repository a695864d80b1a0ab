// Deliveries of one room to many sessions.
#include <iostream>
#include <memory>
#include <optional>

#include "fanout_contest.hpp"
#include "foorumi_dialect.hpp"
#include "naive_beast.hpp"
#include "peers.hpp"
#include "raw_server.hpp"
#include "suites.hpp"

namespace foorumi::bench {
namespace {

// A change with its frame: what the baselines write for each delivery.
constexpr std::size_t frame_bytes = 300;

FanOutLoad raw_load(const std::string& name, const RawServer& server, std::size_t subscribers) {
    std::vector<Stream> sockets;
    for (std::size_t i = 0; i <= subscribers; ++i) sockets.push_back(connect_to(server.port()));
    return {name, raw_dialect(frame_bytes), std::move(sockets), 0, {server.pid()}};
}

FanOutLoad beast_load(const NaiveBeastServer& server, std::size_t subscribers) {
    std::vector<Stream> sockets;
    for (std::size_t i = 0; i <= subscribers; ++i) sockets.push_back(PlainClient(server.port(), "/", "").release());
    return {"naive Beast", broadcast_dialect(opaque_bytes), std::move(sockets), 0, {server.pid()}};
}

FanOutLoad mosquitto_load(const Mosquitto& server, std::size_t subscribers) {
    std::vector<Stream> sockets;
    for (std::size_t i = 0; i < subscribers; ++i)
        sockets.push_back(server.client("s" + std::to_string(i), "bench").release());
    sockets.push_back(server.client("publisher", "").release());
    return {"mosquitto", Mosquitto::dialect("bench", opaque_bytes), std::move(sockets), 0, {server.pid()}};
}

FanOutLoad nchan_load(const std::string& name, const Nchan& server, std::size_t subscribers) {
    std::vector<Stream> sockets;
    for (std::size_t i = 0; i < subscribers; ++i) sockets.push_back(server.subscriber("bench").release());
    sockets.push_back(server.publisher("bench").release());
    return {name, Nchan::dialect(opaque_bytes), std::move(sockets), 0, {server.pid()}};
}

// All servers of one run, each with its load.
struct Field {
    explicit Field(const Plan& plan)
        : work(plan.directory),
          server(plan.server_options(1)),
          write(plan.server_core, RawMode::write, work.path()),
          writev(plan.server_core, RawMode::writev, work.path()),
          durable(plan.server_core, RawMode::durable, work.path()),
          beast(plan.server_core) {
        auto setup = open_sessions(server.port(), server.tokens(), 1);
        const std::vector<Room> rooms = prepare_rooms(setup.front(), 1);
        loads.push_back(foorumi_fanout(server, rooms.front(), plan.subscribers));
        loads.push_back(raw_load("raw write()", write, plan.subscribers));
        loads.push_back(raw_load("raw writev() of a turn", writev, plan.subscribers));
        loads.push_back(raw_load("raw writev() behind fdatasync()", durable, plan.subscribers));
        loads.push_back(beast_load(beast, plan.subscribers));
        if (!plan.peers) return;
        if (Mosquitto::installed()) add_mosquitto(plan);
        if (!Nchan::installed()) return;
        nchan.emplace(plan.server_core, work.path(), false);
        loads.push_back(nchan_load("nchan, memory", *nchan, plan.subscribers));
    }

    // Where it is installed, its WebSocket listener may still not work.
    void add_mosquitto(const Plan& plan) {
        try {
            mosquitto.emplace(plan.server_core, work.path());
            loads.push_back(mosquitto_load(*mosquitto, plan.subscribers));
        } catch (const std::exception& error) {
            std::cerr << "foorumi_bench: without mosquitto: " << error.what() << '\n';
        }
    }

    WorkDirectory work;
    ServerProcess server;
    RawServer write;
    RawServer writev;
    RawServer durable;
    NaiveBeastServer beast;
    std::optional<Mosquitto> mosquitto;
    std::optional<Nchan> nchan;
    std::vector<FanOutLoad> loads;
};

}  // namespace

void fanout_suite(const Plan& plan, Report& report) {
    {
        Field field(plan);
        for (const std::size_t in_flight : {1U, 16U}) {
            compete_at(plan, report, field.loads,
                       {std::to_string(plan.subscribers) + " sessions, " + std::to_string(in_flight) + " in flight",
                        in_flight,
                        in_flight == 1 ? "raw write()" : "raw writev() of a turn",
                        in_flight == 1 ? "0.9" : "0.8",
                        {"foorumid", "raw write()", "raw writev() of a turn", "naive Beast"}});
        }
    }
    fanout_over_tls(plan, report);
}

void latency_suite(const Plan& plan, Report& report) {
    const SyncTimes sync = sync_times(plan.directory, 500);
    report.add("latency", "append and fdatasync(), p50", "ms", sync.p50_ms, 2);
    report.add("latency", "append and fdatasync(), p99", "ms", sync.p99_ms, 2);
    Field field(plan);
    const std::string what = "20 posts/s x " + std::to_string(plan.subscribers);
    double raw_p99 = 0, raw_p50 = 0;
    for (FanOutLoad& load : field.loads) {
        if (load.name() != "raw write()" && load.name() != "foorumid") continue;
        const Latencies took = load.latency(20, plan.rounds * plan.round_time);
        report.add("latency", what + ": " + load.name() + ", first delivery p50", "ms", took.first_p50_ms, 2);
        report.add("latency", what + ": " + load.name() + ", first delivery p99", "ms", took.first_p99_ms, 2);
        report.add("latency", what + ": " + load.name() + ", last delivery p50", "ms", took.last_p50_ms, 2);
        report.add("latency", what + ": " + load.name() + ", last delivery p99", "ms", took.last_p99_ms, 2);
        if (load.name() != "foorumid") {
            raw_p50 = took.last_p50_ms;
            raw_p99 = took.last_p99_ms;
        }
    }
    const auto of_foorumid = [&](const std::string& end) {
        for (const Row& row : report.rows) {
            if (row.what.ends_with("foorumid, " + end)) return row.value.median;
        }
        return 0.0;
    };
    const double bound = sync.p99_ms + raw_p99;
    report.add("latency", "last delivery p99 beside fsync p99 + raw fan-out p99", "times",
               of_foorumid("last delivery p99") / bound, 2, "at most 2");
    report.add("latency", "foorumid's own part at p50", "ms", of_foorumid("last delivery p50") - sync.p50_ms - raw_p50,
               2, "under 1");
}

}  // namespace foorumi::bench
