// Deliveries of one room to many sessions.
#include <iostream>
#include <map>
#include <memory>
#include <optional>

#include <map>
#include "fanout_contest.hpp"
#include "foorumi_dialect.hpp"

#include "naive_beast.hpp"
#include "peers.hpp"
#include "raw_server.hpp"
#include "suites.hpp"

namespace foorumi::bench {
namespace {

FanOutLoad beast_load(const NaiveBeastServer& server, std::size_t subscribers) {
    std::vector<Stream> sockets;
    for (std::size_t i = 0; i <= subscribers; ++i) sockets.push_back(PlainClient(server.port(), "/", "").release());
    return {"naive Beast", broadcast_dialect(opaque_bytes), std::move(sockets), 0, {server.pid()}};
}

FanOutLoad mosquitto_load(const Mosquitto& server, std::size_t subscribers) {
    std::vector<Stream> sockets;
    for (std::size_t i = 0; i < subscribers; ++i)
        sockets.push_back(server.client(std::to_string(i), "bench").release());
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
        loads.push_back(raw_fanout("raw write()", write, plan.subscribers));
        loads.push_back(raw_fanout("raw writev() of a turn", writev, plan.subscribers));
        loads.push_back(raw_fanout("raw writev() behind fdatasync()", durable, plan.subscribers));
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

FanOutLoad raw_fanout(const std::string& name, const RawServer& server, std::size_t subscribers) {
    constexpr std::size_t frame_bytes = 300;  // a change with its frame
    std::vector<Stream> sockets;
    for (std::size_t i = 0; i <= subscribers; ++i) sockets.push_back(connect_to(server.port()));
    return {name, raw_dialect(frame_bytes), std::move(sockets), 0, {server.pid()}};
}

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
    constexpr int rate = 20;
    constexpr std::chrono::milliseconds interval{1000 / rate};
    const std::string pace = std::to_string(rate) + " posts/s x " + std::to_string(plan.subscribers);
    const auto add = [&](const std::string& what, double ms) { report.add("latency", what, "ms", ms, 2); };
    // A disk that had nothing to do for a while takes longer: what each post waits for is a sync at its own pace.
    const SyncTimes busy = sync_times(plan.directory, 500, {});
    add("append and fdatasync() again and again, p50", busy.p50_ms);
    add("append and fdatasync() again and again, p99", busy.p99_ms);
    const auto whole = plan.rounds * plan.round_time;
    const SyncTimes paced = sync_times(plan.directory, static_cast<std::size_t>(whole / interval) + 1, interval);
    add("append and fdatasync() 20 times a second, p50", paced.p50_ms);
    add("append and fdatasync() 20 times a second, p99", paced.p99_ms);
    Field field(plan);
    std::map<std::string, Latencies> took;
    for (FanOutLoad& load : field.loads) {
        if (!load.name().starts_with("raw write") && load.name() != "foorumid") continue;
        if (load.name() == "raw writev() of a turn") continue;
        const Latencies& ms = took[load.name()] = load.latency(rate, whole);
        add(pace + ": " + load.name() + ", first delivery p50", ms.first_p50_ms);
        add(pace + ": " + load.name() + ", first delivery p99", ms.first_p99_ms);
        add(pace + ": " + load.name() + ", last delivery p50", ms.last_p50_ms);
        add(pace + ": " + load.name() + ", last delivery p99", ms.last_p99_ms);
    }
    const Latencies& ours = took["foorumid"];
    const Latencies& raw = took["raw write()"];
    report.add("latency", "last delivery p99 beside fsync p99 (again and again) + raw fan-out p99", "times",
               ours.last_p99_ms / (busy.p99_ms + raw.last_p99_ms), 2, "at most 2");
    const auto own = [&](const std::string& beside, double ms) {
        report.add("latency", "foorumid's own part at p50, " + beside, "ms", ours.last_p50_ms - ms, 2, "under 1");
    };
    own("beside fsync (again and again) + raw fan-out", busy.p50_ms + raw.last_p50_ms);
    own("beside fsync (20 a second) + raw fan-out", paced.p50_ms + raw.last_p50_ms);
    own("beside raw fan-out behind fdatasync()", took["raw writev() behind fdatasync()"].last_p50_ms);
}

}  // namespace foorumi::bench
