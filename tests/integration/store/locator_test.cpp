// A connection asks its locator at every connect, and tells it what it meets.
#include "store/locator.hpp"

#include <gmock/gmock.h>

#include "store/redis_client.hpp"
#include "store/redis_query.hpp"
#include "store_fixture.hpp"
#include "support/fake_redis.hpp"

namespace foorumi::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

// Answers at once, or keeps the question.
class ScriptedLocator final : public Locator {
   public:
    void locate(Found found) override {
        ++asked;
        if (keep) return kept.push_back(std::move(found));
        found(endpoint);
    }
    void connected(const Endpoint& where) override {
        connections.push_back(where.path);
        if (settle) outdated = "none";
    }
    [[nodiscard]] bool elsewhere(const Endpoint& where) const override { return outdated == where.path; }
    void lost(const Endpoint& where) override { losses.push_back(where.path); }
    void refused(const Endpoint& by, std::string_view error) override {
        refusals.push_back(by.path + ' ' + std::string(error));
    }
    [[nodiscard]] std::string display() const override { return "scripted"; }

    std::optional<Endpoint> endpoint;
    bool keep = false;
    std::vector<Found> kept;
    int asked = 0;
    std::string outdated = "none";
    bool settle = false;  // what is connected is right
    std::vector<std::string> connections;
    std::vector<std::string> losses;
    std::vector<std::string> refusals;
};

class LocatorTest : public StoreTest {
   protected:
    RedisClientOptions located() const {
        RedisClientOptions located;
        located.locator = locator;
        located.name = "test";
        return located;
    }
    RedisClientEvents events() {
        return {.ready = [this] { ++ready; }, .lost = nullptr, .push = nullptr, .failed = [this] { ++failed; }};
    }
    [[nodiscard]] Endpoint here() const { return *parse_endpoint(redis.url()); }

    std::shared_ptr<ScriptedLocator> locator = std::make_shared<ScriptedLocator>();
    int ready = 0;
    int failed = 0;
};

TEST_F(LocatorTest, IsAskedAtEveryConnectAndMayTellAnotherPlace) {
    FakeRedis other(redis.socket(), [](const auto&) { return std::nullopt; });
    locator->endpoint = here();
    RedisClient client(context, located(), events());
    client.start();
    run_until([&] { return ready == 1; });
    locator->endpoint = *parse_endpoint(other.url());
    client.reconnect();
    run_until([&] { return ready == 2; });
    EXPECT_EQ(locator->asked, 2);
    EXPECT_THAT(locator->losses, ElementsAre(here().path));
    other.cut_connections();
    run_until([&] { return ready == 3; });
    EXPECT_THAT(locator->losses, ElementsAre(here().path, locator->endpoint->path));
}

TEST_F(LocatorTest, IsAskedAgainWhereItDoesNotKnow) {
    RedisClient client(context, located(), events());
    client.start();
    run_until([&] { return failed >= 3; });
    EXPECT_GE(locator->asked, 3);
    EXPECT_THAT(locator->losses, IsEmpty()) << "nothing was tried";
    locator->endpoint = here();
    run_until([&] { return ready == 1; });
}

TEST_F(LocatorTest, OneThatNeverAnswersIsAskedAgainAtTheConnectDeadline) {
    locator->keep = true;
    auto impatient = located();
    impatient.connect_deadline = std::chrono::milliseconds(20);
    RedisClient client(context, impatient, events());
    client.start();
    run_until([&] { return locator->asked >= 3; });
    locator->kept.front()(here());  // an answer to a question that is over
    locator->kept.clear();
    EXPECT_EQ(ready, 0);
    locator->keep = false;
    locator->endpoint = here();
    run_until([&] { return ready == 1; });
}

TEST_F(LocatorTest, MayAnswerWhenTheConnectionIsGone) {
    locator->keep = true;
    {
        RedisClient client(context, located(), events());
        client.start();
        run_until([&] { return locator->asked == 1; });
    }
    locator->kept.front()(here());
    context.restart();
    context.poll();
    EXPECT_EQ(ready, 0);
}

TEST_F(LocatorTest, HearsOfEveryError) {
    bool moved = true;
    FakeRedis fake(redis.socket(), [&](const FakeRedis::Command& command) -> std::optional<std::string> {
        if (command[0] == "GET") return "-CLUSTERDOWN The cluster is down\r\n";
        if (command[0] == "CLIENT" && std::exchange(moved, false)) return "-MOVED 7 127.0.0.1:7000\r\n";
        return std::nullopt;
    });
    locator->endpoint = *parse_endpoint(fake.url());
    RedisClient client(context, located(), events());
    client.start();
    run_until([&] { return ready == 1; });
    const auto path = locator->endpoint->path;
    EXPECT_THAT(locator->refusals, ElementsAre(path + " MOVED 7 127.0.0.1:7000")) << "in the handshake";
    EXPECT_EQ(failed, 1);
    bool answered = false;
    const std::vector<std::string_view> get{"GET", "x"};
    ASSERT_TRUE(client.send(get, [&](const Reply* reply) {
        answered = true;
        EXPECT_THAT(std::string(reply->text()), StartsWith("CLUSTERDOWN"));
        EXPECT_EQ(locator->refusals.size(), 2u) << "told first";
    }));
    run_until([&] { return answered; });
}

TEST_F(LocatorTest, NothingGoesToAPlaceThatIsOutdated) {
    FakeRedis other(redis.socket(), [](const auto&) { return std::nullopt; });
    locator->endpoint = here();
    RedisClient client(context, located(), events());
    client.start();
    run_until([&] { return ready == 1; });
    locator->outdated = here().path;
    locator->endpoint = *parse_endpoint(other.url());
    const std::vector<std::string_view> ping{"PING"};
    EXPECT_FALSE(client.send(ping, [](const Reply*) { FAIL(); }));
    run_until([&] { return ready == 2; });
    EXPECT_THAT(locator->connections, ElementsAre(here().path, locator->endpoint->path));
    EXPECT_TRUE(client.send(ping, nullptr));
}

TEST_F(LocatorTest, WhatIsRightIsKnownOnlyWhenTheConnectionIsReady) {
    locator->endpoint = here();
    locator->outdated = here().path;
    locator->settle = true;
    RedisClient client(context, located(), events());
    client.start();
    run_until([&] { return ready == 1; });
    EXPECT_EQ(failed, 0);
}

// Its server may not know yet that it is no primary any more: what it has done may be lost.
TEST_F(LocatorTest, ReplyFromAPlaceThatIsOutdatedIsNone) {
    locator->endpoint = here();
    RedisClient client(context, located(), events());
    client.start();
    run_until([&] { return ready == 1; });
    int answers = 0;
    const std::vector<std::string_view> ping{"PING"};
    ASSERT_TRUE(client.send(ping, [&](const Reply* reply) {
        ++answers;
        EXPECT_EQ(reply, nullptr);
    }));
    locator->outdated = here().path;
    run_until([&] { return answers == 1; });
    locator->outdated = "none";
    run_until([&] { return ready == 2; });
    EXPECT_EQ(answers, 1);
}

class RedisQueryTest : public StoreTest {
   protected:
    std::unique_ptr<RedisQuery> ask(const std::string& url, RedisQuery::Commands commands,
                                    std::chrono::milliseconds deadline = std::chrono::seconds(20)) {
        return std::make_unique<RedisQuery>(
            context, *parse_endpoint(url), "query", std::move(commands), deadline,
            [this](std::size_t index, const Reply* reply) {
                answers.push_back(std::to_string(index) + ' ' +
                                  (reply == nullptr ? "none" : std::string(reply->text())));
            });
    }
    std::vector<std::string> answers;
};

TEST_F(RedisQueryTest, TellsAnAnswerForEachCommandInOrder) {
    const auto query = ask(redis.url(), {{"ECHO", "one"}, {"NONSENSE"}, {"ECHO", "three"}});
    EXPECT_THAT(answers, IsEmpty()) << "never from within the constructor";
    run_until([&] { return answers.size() == 3; });
    EXPECT_EQ(answers[0], "0 one");
    EXPECT_THAT(answers[1], StartsWith("1 ERR unknown command"));
    EXPECT_EQ(answers[2], "2 three");
    run_until([&] { return redis.command({"CLIENT", "LIST"}).find("name=query") == std::string::npos; });
}

TEST_F(RedisQueryTest, TellsOnceThatNobodyIsThere) {
    const auto query = ask("unix:/nowhere/redis.sock", {{"ECHO", "one"}, {"ECHO", "two"}});
    run_until([&] { return !answers.empty(); });
    context.restart();
    context.poll();
    EXPECT_THAT(answers, ElementsAre("0 none"));
}

TEST_F(RedisQueryTest, TellsThatNoAnswerCameInTime) {
    redis.freeze();
    const auto query = ask(redis.url(), {{"ECHO", "one"}}, std::chrono::milliseconds(50));
    run_until([&] { return !answers.empty(); });
    EXPECT_THAT(answers, ElementsAre("0 none"));
    redis.thaw();
}

TEST_F(RedisQueryTest, TellsWhereTheAnswersEnd) {
    FakeRedis fake(redis.socket(), [](const FakeRedis::Command& command) -> std::optional<std::string> {
        if (command[0] == "ECHO" && command[1] == "two") return "";
        return std::nullopt;
    });
    const auto query = ask(fake.url(), {{"ECHO", "one"}, {"ECHO", "two"}, {"ECHO", "three"}});
    run_until([&] { return answers.size() == 2; });
    EXPECT_THAT(answers, ElementsAre("0 one", "1 none"));
}

}  // namespace
}  // namespace foorumi::test
