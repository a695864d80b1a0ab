// The tail: where it starts, what it does when entries are missing, back-pressure.
#include <gmock/gmock.h>

#include <atomic>
#include <utility>

#include "store/redis_keys.hpp"
#include "store_fixture.hpp"
#include "support/fake_redis.hpp"

namespace foorumi::test {
namespace {

using testing::ElementsAre;

class FeedTest : public StoreTest {
   protected:
    [[nodiscard]] std::string meta() const { return prefix() + "meta"; }
    [[nodiscard]] std::string feed() const { return prefix() + "feed"; }
    [[nodiscard]] std::string prefix() const { return "{p0" + std::to_string(partition_of("room:1", 2)) + "}:"; }
    // Ends all connections of the store to Redis, as a failing network does.
    void cut_connections() { redis.command({"CLIENT", "KILL", "SKIPME", "yes", "TYPE", "normal"}); }
};

TEST_F(FeedTest, StartsBehindWhatIsConsumed) {
    {
        Worker worker(context, options());
        for (int i = 0; i < 5; ++i) wait_for(put(worker, "room:1", "a", std::to_string(i)));
        worker->consumed(worker.released[2]->partition, worker.released[2]->position);
        stop(worker);
    }
    EXPECT_EQ(redis.command({"HGET", meta(), "done"}), "3");
    Worker worker(context, options());
    run_until([&] { return worker.released.size() == 2; });
    EXPECT_THAT(worker.versions("room:1"), ElementsAre(4, 5));
}

TEST_F(FeedTest, RunOfCommitsIsHandedOverBeforeAnybodyIsAnswered) {
    Worker author(context, options());
    std::vector<std::string> events;
    author.on_release = [&](const Released& commit) { events.push_back("r" + std::to_string(commit.version)); };
    author.on_released_all = [&] { events.emplace_back("all"); };
    for (int i = 0; i < 9; ++i)
        author->change(request("room:1"), always(putting("a", "x")), [&](ChangeOutcome outcome) {
            events.push_back("a" + std::to_string(outcome.committed.version));
        });
    run_until([&] { return !events.empty() && events.back() == "a9"; });
    std::size_t released = 0, handed_over = 0, answered = 0;
    for (const auto& event : events) {
        if (event == "all") {
            handed_over = released;
        } else if (event[0] == 'r') {
            EXPECT_EQ(event, "r" + std::to_string(++released));
        } else {
            EXPECT_EQ(event, "a" + std::to_string(++answered));
            EXPECT_LE(answered, handed_over);
        }
    }
    EXPECT_EQ(answered, 9U);

    events.clear();
    Worker reader(context, options());  // which gets them with its first XREAD
    reader.on_release = [&](const Released& commit) { events.push_back("r" + std::to_string(commit.version)); };
    reader.on_released_all = [&] { events.emplace_back("all"); };
    run_until([&] { return !events.empty() && events.back() == "all"; });
    EXPECT_THAT(events, ElementsAre("r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "all"));
}

TEST_F(FeedTest, ConsumedPositionIsKeptLazilyButSoon) {
    Worker worker(context, options());
    wait_for(put(worker, "room:1", "a", "1"));
    worker->consumed(worker.released[0]->partition, 1);
    run_until([&] { return redis.command({"HGET", meta(), "done"}) == "1"; });
}

TEST_F(FeedTest, IsTrimmedToItsLengthOnceConsumed) {
    auto bounded = options();
    bounded.feed_length = 100;
    Worker worker(context, bounded);
    worker.consume = true;
    for (int round = 0; round < 10; ++round) {
        std::vector<Answer<ChangeOutcome>> answers;
        for (int i = 0; i < 200; ++i) answers.push_back(put(worker, "room:1", "a", "x"));
        for (const auto& answer : answers) EXPECT_FALSE(wait_for(answer).failure);
        run_until([&] { return redis.command({"HGET", meta(), "done"}) == redis.command({"HGET", meta(), "n"}); });
    }
    wait_for(put(worker, "room:1", "a", "last"));
    const auto length = std::stoi(redis.command({"XLEN", feed()}));
    EXPECT_GE(length, 100);
    EXPECT_LT(length, 400);  // trimmed by whole nodes of the stream
}

TEST_F(FeedTest, GoesOnFromItsCursorWhenConnectionsAreLost) {
    Worker worker(context, options());
    Worker other(context, options());
    for (int round = 0; round < 10; ++round) {
        std::vector<Answer<ChangeOutcome>> answers;
        for (int i = 0; i < 20; ++i) answers.push_back(increment(worker, "room:1", "n"));
        cut_connections();
        for (int i = 0; i < 20; ++i) answers.push_back(put(worker, "room:1", "message:@", "x"));
        for (const auto& answer : answers) EXPECT_FALSE(wait_for(answer).failure);
    }
    run_until([&] { return other.released.size() == 400; });
    std::vector<Version> expected(400);
    for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = i + 1;
    EXPECT_EQ(worker.versions("room:1"), expected);
    EXPECT_EQ(other.versions("room:1"), expected);
    EXPECT_EQ(state(worker, "room:1").at("n"), "200");
    EXPECT_TRUE(worker.gaps.empty());
}

TEST_F(FeedTest, TellsOfEntriesThatWereTrimmedBeforeItReadThem) {
    Worker writer(context, options());
    Worker reader(context, options());
    wait_for(put(writer, "room:1", "a", "1"));
    run_until([&] { return reader.released.size() == 1; });
    reader.may_release = false;  // holds the second entry and reads no further
    wait_for(put(writer, "room:1", "a", "2"));
    for (int i = 3; i <= 10; ++i) wait_for(put(writer, "room:1", "a", std::to_string(i)));
    const auto opened = open(reader, "room:1");
    redis.command({"XTRIM", feed(), "MINID", "9-0"});
    reader.may_release = true;
    reader->resume_tails();
    const auto got = wait_for(opened);
    ASSERT_FALSE(got.outcome.failure);
    EXPECT_EQ(got.outcome.result.version, 10u);
    run_until([&] { return reader.versions("room:1").back() == 10; });
    const auto versions = reader.versions("room:1");
    if (versions.size() < 10) {  // unless the batch that was read had all of them
        EXPECT_THAT(reader.gaps, ElementsAre(partition_of("room:1", 2)));
    }
    for (const auto& commit : got.later) EXPECT_GT(commit->version, got.outcome.result.version);
    EXPECT_FALSE(wait_for(put(reader, "room:1", "a", "11")).failure);
}

TEST_F(FeedTest, GapAtTheStartIsTold) {
    {
        Worker worker(context, options());
        for (int i = 0; i < 5; ++i) wait_for(put(worker, "room:1", "a", std::to_string(i)));
        stop(worker);
    }
    redis.command({"XTRIM", feed(), "MINID", "4-0"});
    Worker worker(context, options());
    run_until([&] { return worker.released.size() == 2; });
    EXPECT_THAT(worker.gaps, ElementsAre(partition_of("room:1", 2)));
    EXPECT_THAT(worker.versions("room:1"), ElementsAre(4, 5));
    EXPECT_EQ(state(worker, "room:1").at("a"), "4");
}

// Else whoever is handed it would never get what follows, where that says the same as what was handed over before.
TEST_F(FeedTest, StateOfLessThanWasHandedOverIsReadAgain) {
    Worker worker(context, options());
    for (int i = 0; i < 3; ++i) wait_for(put(worker, "room:1", "a", std::to_string(i)));
    redis.command({"HSET", meta(), "n", "2"});  // as a restored backup has it, which the tail has not met yet
    const auto opened = wait_for(open(worker, "room:1"));
    EXPECT_FALSE(opened.outcome.failure);
    EXPECT_GT(opened.outcome.result.epoch, 0u) << "the tail has looked anew, and found it";
}

TEST_F(FeedTest, StateOfLessThanWasHandedOverMayComeFromAnotherRedisThanTheFeed) {
    std::atomic<int> connections = 0;
    std::atomic<bool> stale = false;
    FakeRedis fake(redis.socket(), [&](const FakeRedis::Command& command) -> std::optional<std::string> {
        if (command[0] == "CLIENT" && command[2].ends_with("commands")) ++connections;
        const bool reads = std::ranges::find(command, "sync") != command.end();
        if (!stale || connections > 1 || !reads) return std::nullopt;
        return "*7\r\n:2\r\n:2\r\n:2\r\n:0\r\n:0\r\n*0\r\n:0\r\n";  // of a primary that another has replaced
    });
    auto behind = options();
    behind.url = fake.url();
    behind.connections = 1;
    Worker worker(context, behind);
    for (int i = 0; i < 3; ++i) wait_for(put(worker, "room:1", "a", std::to_string(i)));
    stale = true;
    const auto opened = wait_for(open(worker, "room:1"));
    EXPECT_FALSE(opened.outcome.failure);
    EXPECT_EQ(opened.outcome.result.version, 3u);
    EXPECT_EQ(connections, 2);
    stop(worker);
}

// It was read before the fence came, and what brings the fence's version stands behind where the tail begins.
TEST_F(FeedTest, DirectoryIsReadAnewWhereAFenceIsMetAtTheStart) {
    Worker writer(context, options());
    wait_for(put(writer, "directory", "a", "1"));
    const auto tail = "p0" + std::to_string(partition_of("directory", 2));
    std::atomic<bool> read = false, open_to_tails = false;
    FakeRedis fake(redis.socket(), [&](const FakeRedis::Command& command) -> std::optional<std::string> {
        if (command[0] == "CLIENT" && command[2].ends_with(tail) && !open_to_tails) return "";
        const bool reads = std::ranges::find(command, "sync") != command.end();
        if (!reads || read.exchange(true)) return std::nullopt;
        return "*7\r\n:1\r\n:1\r\n:1\r\n:0\r\n:0\r\n*3\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\n1\r\n:0\r\n";
    });
    auto late_tails = options();
    late_tails.url = fake.url();
    Worker worker(context, late_tails);
    const auto opened = open(worker, "directory");
    run_until([&] { return read.load(); });
    wait_for(put(writer, "directory", "a", "2"));
    bool fenced = false;
    writer.directory = 2;
    writer->fence(2, [&](auto failure) { fenced = !failure; });
    run_until([&] { return fenced; });
    open_to_tails = true;
    EXPECT_EQ(wait_for(opened).outcome.result.version, 2u);
    worker.directory = 2;
    worker->directory_changed();
    run_until([&] { return worker.versions("directory").size() == 2; });
    stop(worker);
}

// The fence waits for the directory, and the entry that tells of the epoch stands behind the fence.
TEST_F(FeedTest, DirectoryIsReadWhereAnEpochWasRaisedBehindAFence) {
    const auto keys = RedisKeys(partition_of("directory", 2));
    redis.command({"HSET", keys.meta(), "n", "1", "done", "1", "fence", "7"});
    redis.command({"XADD", keys.feed(), "1-0", "f", "7"});
    Worker worker(context, options());
    worker.directory = 1;
    EXPECT_FALSE(wait_for(open(worker, "directory")).outcome.failure);
    redis.command({"XADD", keys.feed(), "2-0", "f", "7", "e", "1700000000000"});
    redis.command({"HSET", keys.meta(), "n", "2", "epoch", "1700000000000"});
    const auto opened = wait_for(open(worker, "directory"));
    EXPECT_FALSE(opened.outcome.failure);
    EXPECT_EQ(opened.outcome.result.epoch, 1'700'000'000'000u);
    stop(worker);
}

TEST_F(FeedTest, WhatIsConsumedIsNotSaidToAFeedThatEndsBeforeWhatWasRead) {
    Worker worker(context, options());
    for (int i = 0; i < 3; ++i) wait_for(put(worker, "room:1", "a", std::to_string(i)));
    redis.command({"HSET", meta(), "n", "2"});  // as a restored backup has it, which the tail has not met yet
    worker->consumed(worker.released[2]->partition, 2);
    stop(worker);
    EXPECT_EQ(redis.command({"HGET", meta(), "done"}), "(nil)");
}

TEST_F(FeedTest, WhatIsConsumedAndInDoubtIsDroppedWhenTheFeedWasRewound) {
    std::atomic<int> attempts = 0;
    FakeRedis fake(redis.socket(), [&](const FakeRedis::Command& command) -> std::optional<std::string> {
        if (std::ranges::find(command, "consumed") == command.end()) return std::nullopt;
        ++attempts;
        return "";  // the connection ends without an answer, each time
    });
    auto behind = options();
    behind.url = fake.url();
    Worker worker(context, behind);
    for (int i = 0; i < 3; ++i) wait_for(put(worker, "room:1", "a", std::to_string(i)));
    worker->consumed(worker.released[0]->partition, 1);
    run_until([&] { return attempts >= 2; });
    redis.command({"HSET", meta(), "n", "2"});
    redis.command({"CLIENT", "KILL", "SKIPME", "yes", "TYPE", "normal"});
    run_until([&] { return !worker.gaps.empty(); });
    redis.command({"HSET", meta(), "n", "3"});
    EXPECT_FALSE(wait_for(put(worker, "room:1", "a", "the pipeline goes on")).failure);
    EXPECT_EQ(redis.command({"HGET", meta(), "done"}), "(nil)");
}

TEST_F(FeedTest, PausesWhileTheFanOutIsFull) {
    Worker worker(context, options());
    std::size_t room = 3;
    worker.on_release = [&](const Released&) { worker.may_release = --room > 0; };
    std::vector<Answer<ChangeOutcome>> answers;
    for (int i = 0; i < 9; ++i) answers.push_back(put(worker, "room:1", "a", std::to_string(i)));
    for (std::size_t expected = 3; expected <= 9; expected += 3) {
        run_until([&] { return worker.released.size() == expected; });
        EXPECT_FALSE(wait_for(answers[expected - 1]).failure);
        EXPECT_EQ(worker.released.size(), expected);
        if (expected < 9) {
            // Read from Redis, so certainly committed; not released.
            run_until([&] { return redis.command({"HGET", meta(), "n"}) == "9"; });
            EXPECT_FALSE(answers[expected]->has_value());
        }
        room = 3;
        worker.may_release = true;
        worker->resume_tails();
    }
    for (const auto& answer : answers) EXPECT_FALSE(wait_for(answer).failure);
}

}  // namespace
}  // namespace foorumi::test
