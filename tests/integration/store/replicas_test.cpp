// Replicas that must have a change before anybody hears of it, and what becomes of what they had not when one of them
// takes the primary's place.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "captured_log.hpp"
#include "store_fixture.hpp"

namespace foorumi::test {
namespace {

constexpr std::chrono::milliseconds until_missing{100};

std::string free_loopback_port() {
    const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    EXPECT_EQ(::bind(probe, reinterpret_cast<sockaddr*>(&address), length), 0);
    EXPECT_EQ(::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &length), 0);
    ::close(probe);
    return std::to_string(ntohs(address.sin_port));
}

std::vector<std::string> serving(const std::string& port) {
    return {"--port", port, "--bind", "127.0.0.1", "--repl-diskless-sync-delay", "0"};
}

// A server that others replicate, and that can replicate one.
class Replica {
   public:
    explicit Replica(const std::string& of) : port(free_loopback_port()), server(serving(port)) { follow(of); }
    void follow(const std::string& primary) { EXPECT_EQ(server.command({"REPLICAOF", "127.0.0.1", primary}), "OK"); }
    void promote() { EXPECT_EQ(server.command({"REPLICAOF", "NO", "ONE"}), "OK"); }
    [[nodiscard]] bool follows() {
        return server.command({"INFO", "replication"}).find("master_link_status:up") != std::string::npos;
    }

    std::string port;
    RedisServer server;
};

class ReplicasTest : public StoreTest {
   protected:
    ReplicasTest() {
        port_ = free_loopback_port();
        redis.kill();
        redis.start_with(serving(port_));
        lead_to(redis);
    }

    // The place that stores connect to is a link: whose it is changes with it.
    void lead_to(RedisServer& server) {
        std::filesystem::remove(place());
        std::filesystem::create_symlink(server.socket(), place());
    }
    void add_replicas(std::size_t count) {
        while (replicas.size() < count) replicas.push_back(std::make_unique<Replica>(port_));
        for (const auto& replica : replicas) run_until([&] { return replica->follows(); });
    }
    // The first replica is the primary from now on, with the second one behind it. The old one goes on as if nothing
    // were.
    void add_chain() {
        replicas.push_back(std::make_unique<Replica>(port_));
        replicas.push_back(std::make_unique<Replica>(replicas.front()->port));
        for (const auto& replica : replicas) run_until([&] { return replica->follows(); });
    }
    RedisServer& successor() { return replicas.front()->server; }
    void fail_over() {
        replicas.front()->promote();
        lead_to(successor());
    }
    static void cut(RedisServer& server, const std::string& which) {
        const auto clients = server.command({"CLIENT", "LIST"});
        for (std::size_t line = 0; line < clients.size(); line = clients.find('\n', line) + 1) {
            const auto text = clients.substr(line, clients.find('\n', line) - line);
            if (text.find("name=foorumi-test-w0-" + which) != std::string::npos)
                server.command({"CLIENT", "KILL", "ID", text.substr(3, text.find(' ') - 3)});
            if (clients.find('\n', line) == std::string::npos) break;
        }
    }

    [[nodiscard]] Options replicated(std::uint32_t count) const {
        auto made = options();
        made.url = "unix:" + place().string();
        made.replicas = count;
        made.replica_wait = until_missing;
        made.partitions = 1;
        return made;
    }
    Answer<std::optional<Failure>> fence(Worker& worker, Version version) {
        auto answer = std::make_shared<std::optional<std::optional<Failure>>>();
        worker->fence(version, [answer](std::optional<Failure> failure) { answer->emplace(failure); });
        return answer;
    }

    // What comes before they are found to be missing waits with the others.
    void until_refused(Worker& worker) {
        std::vector<Answer<ChangeOutcome>> tried;
        run_until([&] {
            const auto refused = [](const auto& answer) {
                return answer->has_value() && (*answer)->failure == Failure::replicas_missing;
            };
            const bool found = std::ranges::any_of(tried, refused);
            if (!found) tried.push_back(put(worker, "room:9", "a", "1"));
            return found;
        });
    }

    std::vector<std::unique_ptr<Replica>> replicas;

   private:
    [[nodiscard]] std::filesystem::path place() const { return redis.directory() / "place.sock"; }
    std::string port_;
};

TEST_F(ReplicasTest, AllMustHaveItBeforeAnybodyHearsOfIt) {
    add_replicas(2);
    Worker worker(context, replicated(2));
    EXPECT_FALSE(wait_for(put(worker, "room:1", "a", "1")).failure);
    EXPECT_FALSE(wait_for(put(worker, "room:2", "a", "1")).failure);
    replicas.back()->server.freeze();
    const auto waiting = put(worker, "room:1", "a", "2");
    until_refused(worker);
    EXPECT_FALSE(waiting->has_value());
    EXPECT_EQ(worker.versions("room:1"), (std::vector<Version>{1}));
    replicas.back()->server.thaw();
    EXPECT_FALSE(wait_for(waiting).failure);
    EXPECT_EQ(worker.versions("room:1"), (std::vector<Version>{1, 2}));
    EXPECT_FALSE(wait_for(put(worker, "room:1", "a", "3")).failure);
}

TEST_F(ReplicasTest, WhatNobodyWaitsForIsReadMeanwhile) {
    add_replicas(1);
    Worker worker(context, replicated(1));
    EXPECT_FALSE(wait_for(put(worker, "room:1", "a", "1")).failure);
    EXPECT_FALSE(wait_for(put(worker, "room:2", "a", "1")).failure);
    replicas.back()->server.freeze();
    const auto waiting = put(worker, "room:1", "a", "2");
    const auto also_waiting = put(worker, "room:1", "b", "1");
    EXPECT_EQ(state(worker, "room:2"), (std::map<std::string, std::string>{{"a", "1"}}));
    const auto unsure = sync(worker, "room:1");
    EXPECT_EQ(state(worker, "room:2"), (std::map<std::string, std::string>{{"a", "1"}}));
    EXPECT_FALSE(unsure->has_value()) << "what is not released shows to nobody";
    replicas.back()->server.thaw();
    EXPECT_EQ(wait_for(unsure).result.version, 3U);
    EXPECT_FALSE(wait_for(waiting).failure);
    EXPECT_FALSE(wait_for(also_waiting).failure);
}

TEST_F(ReplicasTest, WhoseTimeIsOverIsToldThatItIsUnknown) {
    add_replicas(1);
    auto hurried = replicated(1);
    hurried.change_deadline = std::chrono::milliseconds(3'000);
    Worker worker(context, hurried);
    EXPECT_FALSE(wait_for(put(worker, "room:1", "a", "1")).failure);
    replicas.back()->server.freeze();
    EXPECT_EQ(wait_for(put(worker, "room:1", "a", "2")).failure, Failure::outcome_unknown);
    replicas.back()->server.thaw();
    run_until([&] { return worker.versions("room:1").size() == 2; });
}

TEST_F(ReplicasTest, FenceStandsWhenAllHaveIt) {
    add_replicas(1);
    Worker worker(context, replicated(1));
    worker.directory = 9;
    EXPECT_EQ(wait_for(fence(worker, 8)), std::nullopt);
    replicas.back()->server.freeze();
    const auto waiting = fence(worker, 9);
    until_refused(worker);
    EXPECT_FALSE(waiting->has_value());
    replicas.back()->server.thaw();
    EXPECT_EQ(wait_for(waiting), std::nullopt);
    EXPECT_EQ(wait_for(fence(worker, 9)), std::nullopt) << "it stands already";
}

TEST_F(ReplicasTest, AFreshStoreOnAnOldFeedAnswers) {
    add_replicas(1);
    {
        Worker worker(context, replicated(1));
        worker.consume = true;
        worker.directory = 5;
        EXPECT_FALSE(wait_for(put(worker, "room:1", "a", "1")).failure);
        EXPECT_EQ(wait_for(fence(worker, 5)), std::nullopt);
        stop(worker);
    }
    Worker worker(context, replicated(1));
    worker.directory = 5;
    EXPECT_EQ(wait_for(fence(worker, 5)), std::nullopt);
    EXPECT_EQ(state(worker, "room:1").at("a"), "1");
}

// What the old primary alone has is nobody's, and whoever asked for it is decided anew on the new one.
class FailoverTest : public ReplicasTest, public testing::WithParamInterface<std::string> {};

TEST_P(FailoverTest, WhatIsInDoubtIsDecidedAnewOnTheNewPrimary) {
    add_chain();
    Worker worker(context, replicated(1));
    EXPECT_FALSE(wait_for(increment(worker, "room:1", "n")).failure);
    replicas.front()->promote();
    const auto first = increment(worker, "room:1", "n");
    const auto second = increment(worker, "room:1", "n");
    const auto elsewhere = put(worker, "room:2", "a", "1");
    run_until([&] { return redis.command({"HGET", "{p00}:meta", "n"}) == "4"; });
    // Somebody else comes first on the new one, with the same version and position as the old one's.
    lead_to(successor());
    auto others = replicated(1);
    others.node = "other";
    Worker other(context, others);
    EXPECT_FALSE(wait_for(increment(other, "room:1", "n")).failure);
    EXPECT_FALSE(wait_for(put(other, "room:1", "lukko", "1")).failure);
    EXPECT_TRUE(worker.versions("room:1").size() == 1 && !first->has_value());
    cut(redis, GetParam());
    EXPECT_FALSE(wait_for(first).failure);
    EXPECT_FALSE(wait_for(second).failure);
    EXPECT_FALSE(wait_for(elsewhere).failure);
    EXPECT_EQ(state(worker, "room:1"), (std::map<std::string, std::string>{{"n", "4"}, {"lukko", "1"}}));
    run_until([&] { return worker.versions("room:1").size() == 5; });
    EXPECT_EQ(worker.versions("room:1"), (std::vector<Version>{1, 2, 3, 4, 5}));
    EXPECT_EQ(worker.versions("room:2"), (std::vector<Version>{1}));
    for (std::size_t i = 0; i < worker.released.size(); ++i) EXPECT_EQ(worker.released[i]->position, i + 1);
    EXPECT_EQ(worker.gaps, std::vector<std::uint16_t>{}) << "nothing that anybody has seen is lost";
}

// All connections, or one of the two that a store compares.
INSTANTIATE_TEST_SUITE_P(Connections, FailoverTest, testing::Values("", "commands", "p00"),
                         [](const auto& which) { return which.param.empty() ? std::string("All") : which.param; });

TEST_F(ReplicasTest, ReadOfTheOldPrimaryIsNotShown) {
    add_chain();
    Worker worker(context, replicated(1));
    EXPECT_FALSE(wait_for(put(worker, "room:1", "a", "1")).failure);
    replicas.front()->promote();
    const auto lost = put(worker, "room:1", "a", "only there");
    run_until([&] { return redis.command({"HGET", "{p00}:meta", "n"}) == "2"; });
    const auto read = sync(worker, "room:1");
    lead_to(successor());
    cut(redis, "p00");
    EXPECT_FALSE(wait_for(lost).failure);
    const auto outcome = wait_for(read);
    ASSERT_FALSE(outcome.failure);
    EXPECT_EQ(successor().command({"HGET", "{p00}:e:room:1", "a"}), "only there") << "made again there";
    EXPECT_EQ(outcome.result.entities.size(), 1U);
}

TEST_F(ReplicasTest, WhoseTimeIsOverIsDoneNowhereElse) {
    add_chain();
    auto hurried = replicated(1);
    hurried.change_deadline = std::chrono::milliseconds(3'000);
    Worker worker(context, hurried);
    EXPECT_FALSE(wait_for(put(worker, "room:1", "a", "1")).failure);
    replicas.front()->promote();
    const auto answer = increment(worker, "room:1", "n");
    run_until([&] { return redis.command({"HGET", "{p00}:meta", "n"}) == "2"; });
    redis.kill();
    EXPECT_EQ(wait_for(answer).failure, Failure::outcome_unknown);
    lead_to(successor());
    run_until([&] { return !wait_for(put(worker, "room:1", "a", "2")).failure; });
    EXPECT_EQ(state(worker, "room:1"), (std::map<std::string, std::string>{{"a", "2"}}));
}

TEST_F(ReplicasTest, WhatIsMissingAtAFailoverWithNothingToDoIsFoundAgain) {
    add_chain();
    auto hurried = replicated(1);
    hurried.change_deadline = std::chrono::milliseconds(3'000);
    Worker worker(context, hurried);
    EXPECT_FALSE(wait_for(put(worker, "room:1", "a", "1")).failure);
    replicas.front()->promote();
    EXPECT_EQ(wait_for(put(worker, "room:1", "a", "2")).failure, Failure::outcome_unknown);
    EXPECT_EQ(wait_for(put(worker, "room:1", "a", "3")).failure, Failure::replicas_missing);
    lead_to(successor());
    redis.kill();
    run_until([&] { return !wait_for(put(worker, "room:1", "a", "4")).failure; });
    EXPECT_EQ(state(worker, "room:1").at("a"), "4");
}

TEST_F(ReplicasTest, PrimaryThatWasLeftIsNotGoneBackTo) {
    add_chain();
    Worker worker(context, replicated(1));
    EXPECT_FALSE(wait_for(put(worker, "room:1", "a", "1")).failure);
    fail_over();
    cut(redis, "");
    EXPECT_FALSE(wait_for(put(worker, "room:1", "a", "2")).failure);
    lead_to(redis);
    cut(successor(), "");
    const auto waiting = put(worker, "room:1", "a", "3");
    const CapturedLog log;
    run_until([&] { return log.text().find("another one has taken the place of") != std::string::npos; });
    EXPECT_FALSE(waiting->has_value());
    lead_to(successor());
    EXPECT_FALSE(wait_for(waiting).failure);
    EXPECT_EQ(worker.versions("room:1"), (std::vector<Version>{1, 2, 3}));
}

TEST_F(ReplicasTest, ReplicaIsNoPrimary) {
    add_replicas(1);
    lead_to(successor());
    const CapturedLog log;
    auto hurried = replicated(1);
    hurried.change_deadline = std::chrono::milliseconds(3'000);
    Worker worker(context, hurried);
    EXPECT_EQ(wait_for(put(worker, "room:1", "a", "1")).failure, Failure::unavailable);
    EXPECT_NE(log.text().find("this Redis is a replica"), std::string::npos);
}

// A fence holds the feed of the directory at every start until the directory is loaded, which must not wait for it.
TEST_F(ReplicasTest, DirectoryThatAFenceHoldsIsReadOnceReplicasHaveIt) {
    add_replicas(1);
    {
        Worker worker(context, replicated(1));
        worker.directory = 1;
        EXPECT_FALSE(wait_for(put(worker, "directory", "member:1", "x")).failure);
        EXPECT_EQ(wait_for(fence(worker, 1)), std::nullopt);
        stop(worker);
    }
    Worker worker(context, replicated(1));
    EXPECT_EQ(state(worker, "directory").at("member:1"), "x") << "while the fence holds";
    EXPECT_EQ(worker.versions("directory"), std::vector<Version>{}) << "it does";
    Worker other(context, replicated(1));
    other.directory = 9;
    replicas.back()->server.freeze();
    const auto unreplicated = change(other, request("directory"), always(putting("member:2", "y"), 9));
    run_until([&] { return redis.command({"HGET", "{p00}:meta", "n"}) == "3"; });
    const auto read = sync(worker, "directory");
    until_refused(other);
    EXPECT_FALSE(read->has_value());
    replicas.back()->server.thaw();
    EXPECT_EQ(wait_for(read).result.entities.size(), 2U);
    EXPECT_FALSE(wait_for(unreplicated).failure);
}

TEST_F(ReplicasTest, WhatChangesNothingIsRememberedByAllToo) {
    add_replicas(1);
    Worker worker(context, replicated(1));
    const auto asked = request("room:1");
    EXPECT_FALSE(wait_for(change(worker, asked, always(Commit{}))).failure);
    EXPECT_EQ(redis.command({"HGET", "{p00}:meta", "n"}), "1");
    const auto again = wait_for(change(worker, asked, always(putting("a", "1"))));
    EXPECT_TRUE(again.committed.repeated);
    EXPECT_EQ(worker.versions("room:1"), (std::vector<Version>{}));
}

TEST_F(ReplicasTest, StopAnswersWhatWaits) {
    add_replicas(1);
    Worker worker(context, replicated(1));
    EXPECT_FALSE(wait_for(put(worker, "room:1", "a", "1")).failure);
    replicas.back()->server.freeze();
    const auto waiting = put(worker, "room:1", "a", "2");
    run_until([&] { return redis.command({"HGET", "{p00}:meta", "n"}) == "2"; });
    stop(worker);
    EXPECT_EQ(wait_for(waiting).failure, Failure::outcome_unknown);
    replicas.back()->server.thaw();
}

}  // namespace
}  // namespace foorumi::test
