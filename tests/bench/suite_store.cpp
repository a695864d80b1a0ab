// Durable posts, history and memory.
#include "bare_rooms.hpp"
#include "naive_beast.hpp"
#include "peers.hpp"
#include "suites.hpp"

namespace foorumi::bench {
namespace {

RoomsLoad nchan_rooms(const Nchan& server, std::size_t rooms, std::size_t sessions) {
    std::vector<RoomsLoad::RoomSockets> all;
    for (std::size_t i = 0; i < rooms; ++i) {
        RoomsLoad::RoomSockets room;
        const std::string channel = "room" + std::to_string(i);
        room.dialect = Nchan::dialect(opaque_bytes);
        for (std::size_t k = 0; k < sessions; ++k) room.subscribers.push_back(server.subscriber(channel).release());
        room.publisher = server.publisher(channel).release();
        all.push_back(std::move(room));
    }
    return {std::move(all), {server.pid()}};
}

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// All sessions come back with their version, or say Hello only.
double herd_seconds(const ServerProcess& server, const Room& room, std::size_t count, bool resume) {
    const auto start = std::chrono::steady_clock::now();
    auto sessions = open_sessions(server.port(), server.tokens(), count);
    if (resume) static_cast<void>(subscribe_all(sessions, 0, sessions.size(), room.id, room.thread));
    return seconds_since(start);
}

template <class Open>
double bytes_per_session(pid_t pid, std::size_t count, Open open) {
    const std::size_t before = resident_bytes(pid);
    const auto held = open(count);
    return (static_cast<double>(resident_bytes(pid)) - static_cast<double>(before)) / static_cast<double>(count);
}

}  // namespace

void durable_suite(const Plan& plan, Report& report) {
    const WorkDirectory work(plan.directory);
    const ServerProcess server(plan.server_options(plan.rooms));
    auto setup = open_sessions(server.port(), server.tokens(), 1);
    const std::vector<Room> rooms = prepare_rooms(setup.front(), plan.rooms);
    RoomsLoad load = foorumi_rooms(server, rooms, plan.sessions_per_room);
    const BareRooms bare(plan.server_core, work.path(), plan.rooms, plan.sessions_per_room);
    RoomsLoad bare_load = bare.load();
    std::vector<double> cost, bare_cost;
    const auto measured = [&](RoomsLoad& rooms_load, std::vector<double>& costs) {
        const RoomsRate rate = rooms_load.run(plan.round_time);
        costs.push_back(rate.server_us);
        return rate.posts_per_second;
    };
    std::vector<Contender> contenders;
    contenders.push_back(
        {"redis-benchmark of the commit script",
         [&] { return commit_script_per_second(plan.server_core, plan.directory, plan.rooms, 40'000); }, "", ""});
    contenders.push_back({"the script and a write() for each delivery", [&] { return measured(bare_load, bare_cost); },
                          "redis-benchmark of the commit script", ""});
    contenders.push_back(
        {"foorumid", [&] { return measured(load, cost); }, "redis-benchmark of the commit script", "0.6"});
    std::optional<Nchan> nchan;
    std::optional<RoomsLoad> nchan_load;
    if (plan.peers && Nchan::installed()) {
        nchan.emplace(plan.server_core, work.path(), true);
        nchan_load.emplace(nchan_rooms(*nchan, plan.rooms, plan.sessions_per_room));
        contenders.push_back({"nchan, Redis without fsync",
                              [&] { return nchan_load->run(plan.round_time).posts_per_second; },
                              "redis-benchmark of the commit script", "below foorumid"});
    }
    const std::string what =
        std::to_string(plan.rooms) + " rooms x " + std::to_string(plan.sessions_per_room) + " sessions";
    compete(report, "durable", what, "posts/s", plan.rounds, std::move(contenders));
    const auto add_cost = [&](const std::string& whose, const std::vector<double>& costs) {
        report.add({"durable",
                    what + ": CPU of " + whose + " for a post and its deliveries",
                    "us",
                    spread_of(costs),
                    1,
                    "",
                    {},
                    ""});
    };
    add_cost("the bare writes", bare_cost);
    add_cost("foorumid", cost);
}

void memory_suite(const Plan& plan, Report& report) {
    const std::string what = std::to_string(plan.idle_sessions) + " idle sessions";
    // A fork: what the load holds and frees later would be its memory, too.
    const NaiveBeastServer beast(plan.server_core);
    for (const bool tls : {false, true}) {
        ServerOptions options = plan.server_options(1);
        options.tls = tls;
        const ServerProcess server(options);
        const auto warm = open_sessions(server.address(), server.tokens(), 100);
        const double bytes = bytes_per_session(server.pid(), plan.idle_sessions, [&](std::size_t count) {
            return open_sessions(server.address(), server.tokens(), count);
        });
        report.add("memory", what + (tls ? " over TLS: foorumid" : ": foorumid"), "KiB each", bytes / 1024, 2,
                   tls ? "at most 60" : "at most 5");
    }
    {
        const ServerProcess server(plan.server_options(1));
        auto setup = open_sessions(server.port(), server.tokens(), 1);
        const Room room = prepare_rooms(setup.front(), 1).front();
        const double bytes = bytes_per_session(server.pid(), plan.idle_sessions, [&](std::size_t count) {
            auto sessions = open_sessions(server.port(), server.tokens(), count);
            static_cast<void>(subscribe_all(sessions, 0, count, room.id));
            return sessions;
        });
        report.add("memory", what + ", subscribed to a room: foorumid", "KiB each", bytes / 1024, 2);
    }
    const double bytes = bytes_per_session(beast.pid(), plan.idle_sessions, [&](std::size_t count) {
        std::vector<PlainClient> clients;
        for (std::size_t i = 0; i < count; ++i) clients.emplace_back(beast.port(), "/", "");
        return clients;
    });
    report.add("memory", what + ": naive Beast", "KiB each", bytes / 1024, 2);
}

void herd_suite(const Plan& plan, Report& report) {
    ServerProcess server(plan.server_options(1));
    auto setup = open_sessions(server.port(), server.tokens(), 1);
    const Room room = prepare_rooms(setup.front(), 1).front();
    const std::string what = std::to_string(plan.idle_sessions) + " sessions on a restarted server: ";
    for (const bool resume : {false, true}) {
        server.restart();
        const double seconds = herd_seconds(server, room, plan.idle_sessions, resume);
        report.add("herd", what + (resume ? "all resumed" : "handshake and Hello only"), "s", seconds, 1,
                   resume ? "under 10" : "");
    }
}

void history_suite(const Plan& plan, Report& report) {
    const ServerProcess server(plan.server_options(2));
    auto setup = open_sessions(server.port(), server.tokens(), 1);
    const std::vector<Room> rooms = prepare_rooms(setup.front(), 2);
    const std::size_t before = redis_bytes(server.redis_socket());
    const double seconds = load_messages(server.redis_socket(), rooms[0], plan.messages);
    const double each =
        static_cast<double>(redis_bytes(server.redis_socket()) - before) / static_cast<double>(plan.messages);
    static_cast<void>(load_messages(server.redis_socket(), rooms[1], 1000));
    const std::string room = "room of " + std::to_string(plan.messages);
    report.add("history", room + ": commits through the script, pipelined", "/s",
               static_cast<double>(plan.messages) / seconds);
    std::vector<Contender> contenders;
    for (const auto& [name, part] : {std::pair{"p50", 0}, std::pair{"p99", 1}}) {
        const auto pick = [part = part](const PageTimes& times) { return part == 0 ? times.p50_us : times.p99_us; };
        const std::string bare = std::string("bare HMGET of 50, ") + name;
        contenders.push_back(
            {bare, [&, pick] { return pick(bare_pages(server.redis_socket(), rooms[0], plan.messages, 1000)); }, "",
             ""});
        contenders.push_back({std::string("page of 50, ") + name,
                              [&, pick] { return pick(history_pages(server, rooms[0], plan.messages, 1000)); }, bare,
                              part == 1 ? "under 3" : ""});
    }
    compete(report, "history", room, "us", plan.rounds, std::move(contenders));
    report.add("growth", room + ": bytes of Redis for a message", "bytes", each, 0,
               "at most " + std::to_string(22 * text_bytes / 10 + 250));
    RoomsLoad small = foorumi_rooms(server, {rooms[1]}, plan.sessions_per_room);
    RoomsLoad large = foorumi_rooms(server, {rooms[0]}, plan.sessions_per_room);
    compete(report, "growth", "posts to one room, CPU of foorumid", "us", plan.rounds,
            {{"of 1,000 messages", [&] { return small.run(plan.round_time).server_us; }, "", ""},
             {"of " + std::to_string(plan.messages), [&] { return large.run(plan.round_time).server_us; },
              "of 1,000 messages", "0.8 to 1.2"}},
            1);
}

}  // namespace foorumi::bench
