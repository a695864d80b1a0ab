// Feeds that consumed entries are taken out of for good.
#include <gmock/gmock.h>

#include <atomic>

#include "purge_fixture.hpp"
#include "support/fake_redis.hpp"

namespace foorumi::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(PurgeTest, TakesOutWhatIsConsumedAndKeepsWhatCameBehindIt) {
    {
        Worker worker(context, options());
        put_many(worker, 3);
        const auto answer = purge(worker);
        run_until_tried(1);
        put_many(worker, 2);
        EXPECT_FALSE(answer->has_value()) << "nothing is consumed";
        EXPECT_EQ(length(), "5");
        worker->consumed(partition, 3);
        EXPECT_EQ(wait_for(answer), std::nullopt);
        EXPECT_EQ(redis.command({"XRANGE", feed(), "-", "+"}),
                  "4-0\nc\nroom:1\nv\n4\nk\na\nd\nx\n5-0\nc\nroom:1\nv\n5\nk\na\nd\nx");
        EXPECT_EQ(done(), "3");
        EXPECT_FALSE(wait_for(put(worker, "room:1", "a", "y")).failure);
        EXPECT_EQ(worker.released.back()->position, 6U);
        EXPECT_THAT(worker.gaps, IsEmpty());
        stop(worker);
    }
    Worker again(context, options());
    run_until([&] { return again.released.size() == 3; });
    EXPECT_THAT(again.versions("room:1"), ElementsAre(4, 5, 6));
    EXPECT_THAT(again.gaps, IsEmpty());
}

TEST_F(PurgeTest, TakesOutAllWhereAllIsConsumedAndMayBeRepeated) {
    {
        Worker worker(context, options());
        worker.consume = true;
        EXPECT_EQ(wait_for(purge(worker)), std::nullopt) << "of an empty feed";
        EXPECT_EQ(length(), "0");
        put_many(worker, 150);  // more than one node of a stream
        for (int i = 0; i < 3; ++i) EXPECT_EQ(wait_for(purge(worker)), std::nullopt);
        EXPECT_EQ(length(), "1") << "the fence that shows where it goes on";
        put_many(worker, 1);
        EXPECT_THAT(worker.gaps, IsEmpty());
        stop(worker);
    }
    Worker again(context, options());
    put_many(again, 1);
    EXPECT_THAT(again.versions("room:1"), ElementsAre(152));
    EXPECT_THAT(again.gaps, IsEmpty());
}

TEST_F(PurgeTest, FencesNeedNotBeConsumed) {
    Worker worker(context, options());
    worker.directory = 1'000;
    worker.consume = true;
    const auto put_behind_fences = [&] { return change(worker, request("room:1"), always(putting("a", "x"), 100)); };
    ASSERT_FALSE(wait_for(put_behind_fences()).failure);
    for (Version version = 1; version <= 100; ++version) {
        ASSERT_EQ(wait_for(fence(worker, version)), std::nullopt);
    }
    EXPECT_EQ(wait_for(purge(worker)), std::nullopt);
    EXPECT_EQ(length(), "100");
    EXPECT_EQ(redis.command({"XRANGE", feed(), "-", "+", "COUNT", "1"}), "2-0\nf\n1");
    EXPECT_EQ(wait_for(purge(worker)), std::nullopt) << "nothing to take out";
    EXPECT_EQ(length(), "100");
    // A commit behind them does need it.
    worker.consume = false;
    ASSERT_FALSE(wait_for(put_behind_fences()).failure);
    const auto answer = purge(worker);
    run_until_tried(1);
    EXPECT_FALSE(answer->has_value());
    worker->consumed(partition, 102);
    EXPECT_EQ(wait_for(answer), std::nullopt);
    EXPECT_EQ(redis.command({"XRANGE", feed(), "-", "+"}), "103-0\nf\n100");
    EXPECT_THAT(worker.gaps, IsEmpty());
}

// A partition in which nothing is written gets fences all the same.
TEST_F(PurgeTest, FencesThatAreTooManyToStayGoAsWell) {
    for (const Version fences : {3, 4}) {
        redis.command({"FLUSHALL"});
        auto bounded = options();
        bounded.purge_entries = 3;
        {
            Worker worker(context, bounded);
            worker.directory = 1'000;
            worker.consume = true;
            put_many(worker, 1);
            for (Version version = 1; version <= fences; ++version)
                ASSERT_EQ(wait_for(fence(worker, version)), std::nullopt);
            EXPECT_EQ(wait_for(purge(worker)), std::nullopt);
            EXPECT_EQ(length(), fences == 3 ? "3" : "1");
            EXPECT_EQ(done(), fences == 3 ? "1" : "5") << "a node that starts there misses nothing";
            stop(worker);
        }
        Worker again(context, bounded);
        again.directory = 1'000;
        EXPECT_FALSE(wait_for(change(again, request("room:1"), always(putting("a", "y"), 1'000))).failure);
        EXPECT_THAT(again.gaps, IsEmpty());
    }
}

TEST_F(PurgeTest, FenceStillHoldsWhoHasNotItsDirectory) {
    Worker worker(context, options());
    worker.consume = true;
    worker.directory = 9;
    EXPECT_EQ(wait_for(fence(worker, 9)), std::nullopt);
    EXPECT_EQ(wait_for(purge(worker)), std::nullopt);
    Worker late(context, options());
    ASSERT_FALSE(wait_for(change(worker, request("room:1"), always(putting("a", "1"), 9))).failure);
    const auto read = sync(late, "directory");
    EXPECT_FALSE(wait_for(read).failure);
    EXPECT_THAT(late.released, IsEmpty());
    late.directory = 9;
    late->directory_changed();
    run_until([&] { return late.released.size() == 1; });
}

TEST_F(PurgeTest, NodeThatLagsMeetsAGapAndOthersDoNot) {
    Worker writer(context, options());
    writer.consume = true;
    Worker reader(context, options());
    auto one = options();
    one.tail_batch = 1;
    Worker lagging(context, one);
    put_many(writer, 1);
    run_until([&] { return lagging.released.size() == 1; });
    lagging.may_release = false;  // it holds the second entry at most, and reads no further
    put_many(writer, 9);
    run_until([&] { return reader.released.size() == 10; });
    EXPECT_EQ(wait_for(purge(writer)), std::nullopt);
    lagging.may_release = true;
    lagging->resume_tails();
    run_until([&] { return !lagging.gaps.empty(); });
    EXPECT_LE(lagging.released.size(), 2U);
    EXPECT_EQ(state(lagging, "room:1").at("a"), "x");
    put_many(writer, 1);
    run_until([&] { return lagging.versions("room:1").back() == 11 && reader.released.size() == 11; });
    EXPECT_THAT(lagging.gaps, ElementsAre(partition)) << "once";
    EXPECT_THAT(reader.gaps, IsEmpty());
    EXPECT_THAT(writer.gaps, IsEmpty());
    EXPECT_FALSE(wait_for(put(lagging, "room:1", "a", "y")).failure);
}

TEST_F(PurgeTest, WhatIsNotConsumedInTimeIsContended) {
    auto hasty = options();
    hasty.change_deadline = std::chrono::milliseconds(200);
    Worker worker(context, hasty);
    put_many(worker, 2);
    worker->consumed(partition, 1);
    EXPECT_EQ(wait_for(purge(worker)), Failure::contended);
    EXPECT_EQ(length(), "2");
    worker->consumed(partition, 2);
    run_until([&] { return done() == "2"; });
    EXPECT_EQ(wait_for(purge(worker)), std::nullopt);
}

// Behind the position, that is, at the moment when all before it is consumed.
TEST_F(PurgeTest, EntriesThatStayAreBounded) {
    for (const int behind : {2, 3, 4}) {
        redis.command({"FLUSHALL"});
        auto bounded = options();
        bounded.purge_entries = 3;
        Worker worker(context, bounded);
        put_many(worker, 2);
        const auto answer = purge(worker);
        run_until_tried(1);
        put_many(worker, behind);
        worker->consumed(partition, 2);
        if (behind <= 3) {
            EXPECT_EQ(wait_for(answer), std::nullopt);
            EXPECT_EQ(length(), std::to_string(behind));
        } else {
            run_until([&] { return done() == "2"; });
            run_until_tried(2);
            EXPECT_FALSE(answer->has_value());
            EXPECT_EQ(length(), "6");
            worker->consumed(partition, 6);
            EXPECT_EQ(wait_for(answer), std::nullopt);
            EXPECT_EQ(length(), "1") << "with what came meanwhile";
        }
        stop(worker);
    }
}

TEST_F(PurgeTest, RepeatedWhereItsReplyWasLostDoesNoHarm) {
    std::atomic<int> lost = 0;
    FakeRedis fake(redis.socket(), [&](const FakeRedis::Command& command) -> std::optional<std::string> {
        const bool purges = command[0] == "EVALSHA" && command[2] == "3";  // no other call has as many keys
        if (!purges || lost++ != 0) return std::nullopt;
        redis.command(command);  // done
        return std::string();    // but nobody hears of it
    });
    auto through_fake = options();
    through_fake.url = fake.url();
    Worker worker(context, through_fake);
    worker.consume = true;
    put_many(worker, 3);
    run_until([&] { return done() == "3"; });
    EXPECT_EQ(wait_for(purge(worker)), std::nullopt);
    EXPECT_GE(lost, 2);
    EXPECT_EQ(length(), "1");
    put_many(worker, 1);
    EXPECT_THAT(worker.versions("room:1"), ElementsAre(1, 2, 3, 4));
    EXPECT_THAT(worker.gaps, IsEmpty());
}

TEST_F(PurgeTest, FeedThatWasRewoundMeanwhileIsNotTouched) {
    Worker worker(context, options());
    put_many(worker, 3);
    const auto answer = purge(worker);
    run_until_tried(1);
    redis.command({"HSET", meta(), "n", "2", "done", "2"});  // as a restored backup has it
    EXPECT_EQ(wait_for(answer), Failure::unavailable);
    EXPECT_EQ(length(), "3");
}

TEST_F(PurgeTest, WithoutRedisOrAStoreThatRunsItIsRefused) {
    auto hasty = options();
    hasty.change_deadline = std::chrono::milliseconds(200);
    hasty.workers = 2;
    hasty.worker = partition;
    Worker worker(context, hasty);
    put_many(worker, 1);
    auto elsewhere = std::make_shared<std::optional<std::optional<Failure>>>();
    worker->purge_feed(static_cast<std::uint16_t>(1 - partition),
                       [elsewhere](std::optional<Failure> failure) { elsewhere->emplace(failure); });
    EXPECT_EQ(wait_for(elsewhere), Failure::unavailable);
    redis.kill();
    EXPECT_EQ(wait_for(purge(worker)), Failure::unavailable);
    redis.start();
    run_until([&] { return !wait_for(put(worker, "room:1", "a", "2")).failure; });
    const auto waiting = purge(worker);
    stop(worker);
    EXPECT_EQ(wait_for(waiting), Failure::stopping);
    EXPECT_EQ(wait_for(purge(worker)), Failure::stopping);
}

TEST_F(PurgeTest, FullMemoryDoesNotKeepIt) {
    Worker worker(context, options());
    worker.consume = true;
    put_many(worker, 3);
    run_until([&] { return done() == "3"; });
    redis.command({"CONFIG", "SET", "maxmemory", "1"});
    EXPECT_EQ(wait_for(purge(worker)), std::nullopt);
    EXPECT_EQ(length(), "1");
}

TEST_F(PurgeTest, BesideCommitsLosesNothing) {
    Worker worker(context, options());
    Worker other(context, options());
    worker.consume = other.consume = true;
    std::vector<Answer<ChangeOutcome>> answers;
    for (int round = 0; round < 6; ++round) {
        auto purged = purge(round % 2 == 0 ? worker : other);
        while (!purged->has_value()) {
            for (int i = 0; i < 10; ++i)
                answers.push_back(put(i % 2 == 0 ? worker : other, "room:1", "message:@", "x"));
            wait_for(answers.back());
        }
        EXPECT_EQ(wait_for(purged), std::nullopt);
    }
    for (const auto& answer : answers) EXPECT_FALSE(wait_for(answer).failure);
    EXPECT_EQ(state(worker, "room:1").size(), answers.size());
    for (auto* one : {&worker, &other}) {
        run_until([&] { return one->versions("room:1").back() == answers.size(); });
        const auto versions = one->versions("room:1");
        EXPECT_TRUE(std::ranges::is_sorted(versions));
        EXPECT_EQ(std::ranges::adjacent_find(versions), versions.end());
        if (one->gaps.empty()) {
            EXPECT_EQ(versions.size(), answers.size());
        }
    }
}

}  // namespace
}  // namespace foorumi::test
