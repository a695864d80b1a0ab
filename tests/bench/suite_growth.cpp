// What changes as there are more sessions, rooms and workers. Growth with the number of messages stands with history.
#include <algorithm>
#include <array>
#include <utility>

#include "fanout_contest.hpp"
#include "raw_server.hpp"
#include "suites.hpp"

namespace foorumi::bench {
namespace {

constexpr const char* flat = "0.8 to 1.2";

// Of each round's two values.
template <class Combine>
Spread combined(const std::vector<double>& a, const std::vector<double>& b, Combine combine) {
    std::vector<double> values;
    for (std::size_t round = 0; round < std::min(a.size(), b.size()); ++round)
        values.push_back(combine(a[round], b[round]));
    return spread_of(std::move(values));
}

Spread ratio_of(const std::vector<double>& a, const std::vector<double>& b) {
    return combined(a, b, [](double mine, double other) { return mine / other; });
}

// One room with so many sessions, and the CPU time of a post with all its deliveries in each round.
struct Audience {
    std::size_t sessions;
    FanOutLoad load;
    std::vector<double> post_us;

    [[nodiscard]] std::vector<double> per_delivery() const {
        std::vector<double> values;
        for (const double us : post_us) values.push_back(us / static_cast<double>(sessions));
        return values;
    }
};

// What each further session costs: the post's own part, which every room has once, is in neither.
std::vector<double> further(const Audience& few, const Audience& many) {
    std::vector<double> values;
    for (std::size_t round = 0; round < many.post_us.size(); ++round) {
        const auto sessions = static_cast<double>(many.sessions - few.sessions);
        values.push_back((many.post_us[round] - few.post_us[round]) / sessions);
    }
    return values;
}

void report_audiences(Report& report, const std::vector<Audience>& audiences, const std::string& beside) {
    const auto name = [](const Audience& audience) { return std::to_string(audience.sessions) + " sessions"; };
    const Audience& usual = audiences[2];
    for (const Audience& audience : audiences)
        report.add({"growth",
                    name(audience) + " of a room" + beside + ": CPU of a post with all its deliveries",
                    "us",
                    spread_of(audience.post_us),
                    0,
                    "",
                    {},
                    ""});
    for (const Audience& audience : audiences) {
        const auto each = audience.per_delivery();
        Row row{"growth", name(audience) + " of a room" + beside + ": the same for each delivery",
                "us",     spread_of(each),
                2,        "",
                {},       ""};
        if (&audience != &usual) {
            row.beside = name(usual);
            row.ratio = ratio_of(each, usual.per_delivery());
            row.goal = flat;
        }
        report.add(std::move(row));
    }
    const auto usual_further = further(audiences[1], usual);
    for (std::size_t i = 1; i < audiences.size(); ++i) {
        const auto each = further(audiences[i - 1], audiences[i]);
        Row row{"growth",
                "from " + std::to_string(audiences[i - 1].sessions) + " to " + name(audiences[i]) + beside +
                    ": CPU of a further delivery",
                "us",
                spread_of(each),
                2,
                "",
                {},
                ""};
        if (&audiences[i] != &usual) {
            row.beside = "from " + std::to_string(audiences[1].sessions) + " to " + name(usual);
            row.ratio = ratio_of(each, usual_further);
            row.goal = flat;
        }
        report.add(std::move(row));
    }
}

std::size_t many_sessions(const Plan& plan) { return std::clamp<std::size_t>(plan.idle_sessions, 2000, 16'000); }

void sessions_growth(const Plan& plan, Report& report) {
    const std::array<std::size_t, 4> counts{10, 100, 1000, many_sessions(plan)};
    const ServerProcess server(plan.server_options(counts.size()));
    auto setup = open_sessions(server.port(), server.tokens(), 1);
    const std::vector<Room> rooms = prepare_rooms(setup.front(), counts.size());
    for (const std::size_t in_flight : {1U, 16U}) {
        std::vector<Audience> audiences;
        for (std::size_t i = 0; i < counts.size(); ++i) {
            audiences.push_back({counts[i], foorumi_fanout(server, rooms[i], counts[i]), {}});
            static_cast<void>(audiences.back().load.run(in_flight, std::chrono::milliseconds(300)));  // warm
        }
        for (std::size_t round = 0; round < plan.rounds; ++round)
            for (Audience& audience : audiences)
                audience.post_us.push_back(audience.load.run(in_flight, plan.round_time).server_us *
                                           static_cast<double>(audience.sessions));
        report_audiences(report, audiences, ", " + std::to_string(in_flight) + " in flight");
    }
}

// What the kernel's part alone costs more among more sockets: a loop that does nothing but write().
void raw_growth(const Plan& plan, std::size_t few, std::size_t many, Report& report) {
    const WorkDirectory work(plan.directory);
    const RawServer server_of_few(plan.server_core, RawMode::write, work.path());
    const RawServer server_of_many(plan.server_core, RawMode::write, work.path());
    struct Loop {
        std::string name;
        FanOutLoad load;
        std::vector<double> delivery_us;
    };
    std::vector<Loop> loops;
    loops.push_back({std::to_string(few) + " sessions", raw_fanout("raw write()", server_of_few, few), {}});
    loops.push_back({std::to_string(many) + " sessions", raw_fanout("raw write()", server_of_many, many), {}});
    for (Loop& loop : loops) static_cast<void>(loop.load.run(1, std::chrono::milliseconds(300)));  // warm
    for (std::size_t round = 0; round < plan.rounds; ++round)
        for (Loop& loop : loops) loop.delivery_us.push_back(loop.load.run(1, plan.round_time).server_us);
    for (const Loop& loop : loops) {
        Row row{"growth", loop.name + " of raw write(), 1 in flight: CPU of a delivery",
                "us",     spread_of(loop.delivery_us),
                2,        "",
                {},       ""};
        if (&loop != &loops.front()) {
            row.beside = loops.front().name;
            row.ratio = ratio_of(loop.delivery_us, loops.front().delivery_us);
        }
        report.add(std::move(row));
    }
}

double per_room(std::size_t many_bytes, std::size_t few_bytes, std::size_t rooms) {
    return (static_cast<double>(many_bytes) - static_cast<double>(few_bytes)) / static_cast<double>(rooms);
}

void rooms_growth(const Plan& plan, Report& report) {
    constexpr std::size_t active = 10;
    const std::string few_name = std::to_string(active) + " rooms";
    const std::string many_name = std::to_string(plan.growth_rooms) + " rooms";
    ServerProcess few(plan.server_options(active));
    const auto start = std::chrono::steady_clock::now();
    ServerProcess many(plan.server_options(plan.growth_rooms));
    const std::chrono::duration<double> made = std::chrono::steady_clock::now() - start;
    report.add("growth", many_name + ": made at the start, two commits each", "/s",
               static_cast<double>(plan.growth_rooms) / made.count());
    const std::size_t idle = plan.growth_rooms - active;
    report.add("growth", many_name + ": bytes of Redis for an idle room", "bytes",
               per_room(redis_bytes(many.redis_socket()), redis_bytes(few.redis_socket()), idle));
    report.add("growth", many_name + ": resident bytes of foorumid for an idle room, just made", "bytes",
               per_room(many.memory_bytes(), few.memory_bytes(), idle));
    few.restart();
    const auto restart = std::chrono::steady_clock::now();
    many.restart();
    const std::chrono::duration<double> started = std::chrono::steady_clock::now() - restart;
    report.add("growth", many_name + ": restart until it listens, Redis included", "s", started.count(), 1);
    report.add("growth", many_name + ": resident bytes of foorumid for an idle room, after a restart", "bytes",
               per_room(many.memory_bytes(), few.memory_bytes(), idle));
    const auto load_of = [&](const ServerProcess& server) {
        auto setup = open_sessions(server.port(), server.tokens(), 1);
        return foorumi_rooms(server, prepare_rooms(setup.front(), active), plan.sessions_per_room);
    };
    RoomsLoad small = load_of(few);
    RoomsLoad large = load_of(many);
    for (RoomsLoad* load : {&small, &large}) static_cast<void>(load->run(std::chrono::milliseconds(300)));  // warm
    compete(report, "growth",
            "posts to " + std::to_string(active) + " rooms x " + std::to_string(plan.sessions_per_room) +
                " sessions, CPU of foorumid with",
            "us", plan.rounds,
            {{few_name, [&] { return small.run(plan.round_time).server_us; }, "", ""},
             {many_name, [&] { return large.run(plan.round_time).server_us; }, few_name, flat}},
            1);
}

}  // namespace

void growth_suite(const Plan& plan, Report& report) {
    sessions_growth(plan, report);
    raw_growth(plan, 1000, many_sessions(plan), report);
    rooms_growth(plan, report);
}

// Two workers get a core each where there are enough; here they share one, and only what they cost is compared.
void scaling_suite(const Plan& plan, Report& report) {
    ServerOptions two_workers = plan.server_options(1);
    two_workers.workers = 2;
    const ServerProcess one(plan.server_options(1));
    const ServerProcess two(std::move(two_workers));
    const auto load_of = [&](const ServerProcess& server) {
        auto setup = open_sessions(server.port(), server.tokens(), 1);
        return foorumi_fanout(server, prepare_rooms(setup.front(), 1).front(), plan.subscribers);
    };
    FanOutLoad with_one = load_of(one);
    FanOutLoad with_two = load_of(two);
    for (const std::size_t in_flight : {1U, 16U}) {
        const std::string what =
            std::to_string(plan.subscribers) + " sessions, " + std::to_string(in_flight) + " in flight";
        for (FanOutLoad* load : {&with_one, &with_two})
            static_cast<void>(load->run(in_flight, std::chrono::milliseconds(300)));  // warm
        std::vector<double> one_us, two_us;
        for (std::size_t round = 0; round < plan.rounds; ++round) {
            one_us.push_back(with_one.run(in_flight, plan.round_time).server_us);
            two_us.push_back(with_two.run(in_flight, plan.round_time).server_us);
        }
        report.add({"scaling", what + ": 1 worker", "us/delivery", spread_of(one_us), 2, "", {}, ""});
        report.add({"scaling", what + ": 2 workers", "us/delivery", spread_of(two_us), 2, "1 worker",
                    ratio_of(two_us, one_us), ""});
        report.add({"scaling",
                    what + ": estimated speed-up of 2 workers on a core each",
                    "times",
                    combined(one_us, two_us, [](double first, double second) { return 2 * first / second; }),
                    2,
                    "",
                    {},
                    "at least 1.7"});
    }
}

}  // namespace foorumi::bench
