// Commits for many sessions wait for those under way, so that they go out together.
#include <gmock/gmock.h>

#include "store_fixture.hpp"
#include "support/fake_redis.hpp"

namespace foorumi::test {
namespace {

using testing::ElementsAre;

class GatherTest : public StoreTest {
   protected:
    [[nodiscard]] Options gathering(std::size_t time_ms) const {
        auto gathering = options();
        gathering.url = fake.url();
        gathering.partitions = 1;
        gathering.gather_time = std::chrono::milliseconds(time_ms);
        return gathering;
    }
    static bool is_commit(const FakeRedis::Command& command) { return calls(command, "commit"); }
    // The replies to commits are kept back from now on, while their entries go to the tail.
    void hold_commits() { fake.hold_replies(is_commit); }
    FakeRedis fake{redis.socket(), [](const FakeRedis::Command&) { return std::nullopt; }};
};

TEST_F(GatherTest, WaitsForWhatIsUnderWayWhereTheAudienceIsWide) {
    for (const std::size_t audience : {127U, 128U, 129U}) {
        Worker worker(context, gathering(60'000));
        worker.audience = audience;
        ASSERT_FALSE(wait_for(put(worker, "room:1", "a", "0")).failure);
        worker.released.clear();
        hold_commits();
        const auto answer = put(worker, "room:1", "a", "1");
        if (audience < 128) {
            run_until([&] { return !worker.released.empty(); });
        } else {
            run_until([&] { return redis.command({"HGET", "{p00}:e:room:1", "a"}) == "1"; });
            for (int turn = 0; turn < 20; ++turn) {
                context.restart();
                context.run_one_for(std::chrono::milliseconds(5));
            }
            EXPECT_TRUE(worker.released.empty()) << "with " << audience;
        }
        fake.let_go();
        EXPECT_FALSE(wait_for(answer).failure);
        EXPECT_EQ(worker.released.size(), 1U);
        stop(worker);
        redis.command({"FLUSHALL"});
    }
}

TEST_F(GatherTest, WhatIsGatheredGoesOutAsOneRun) {
    Worker worker(context, gathering(60'000));
    worker.audience = 1'000;
    ASSERT_FALSE(wait_for(put(worker, "room:1", "a", "0")).failure);
    std::vector<std::size_t> runs;
    worker.on_release = [&](const Released&) {
        if (worker.in_run == 1) runs.push_back(0);
        ++runs.back();
    };
    hold_commits();
    std::vector<Answer<ChangeOutcome>> answers;
    for (int i = 0; i < 5; ++i) {
        answers.push_back(put(worker, "room:1", "message:@", std::to_string(i)));
        run_until([&] { return redis.command({"HGET", "{p00}:meta", "n"}) == std::to_string(i + 2) || i > 0; });
    }
    fake.let_go();
    for (const auto& answer : answers) EXPECT_FALSE(wait_for(answer).failure);
    EXPECT_THAT(runs, ElementsAre(5));
}

TEST_F(GatherTest, WaitsForItsTimeAtMostAndNotAtAllWithoutOne) {
    for (const std::size_t time_ms : {0U, 1U, 50U}) {
        Worker worker(context, gathering(time_ms));
        worker.audience = 1'000;
        ASSERT_FALSE(wait_for(put(worker, "room:1", "a", "0")).failure);
        worker.released.clear();
        hold_commits();
        const auto answer = put(worker, "room:1", "a", "1");
        run_until([&] { return !worker.released.empty(); });
        EXPECT_FALSE(answer->has_value()) << "its reply has not come";
        fake.let_go();
        EXPECT_FALSE(wait_for(answer).failure);
        stop(worker);
        redis.command({"FLUSHALL"});
    }
}

TEST_F(GatherTest, StopsWhileItWaits) {
    Worker worker(context, gathering(60'000));
    worker.audience = 1'000;
    ASSERT_FALSE(wait_for(put(worker, "room:1", "a", "0")).failure);
    hold_commits();
    const auto answer = put(worker, "room:1", "a", "1");
    run_until([&] { return redis.command({"HGET", "{p00}:e:room:1", "a"}) == "1"; });
    stop(worker);
    EXPECT_EQ(wait_for(answer).failure, Failure::outcome_unknown);
}

TEST_F(GatherTest, LostConnectionsEndTheWait) {
    Worker worker(context, gathering(60'000));
    worker.audience = 1'000;
    ASSERT_FALSE(wait_for(put(worker, "room:1", "a", "0")).failure);
    worker.released.clear();
    hold_commits();
    const auto answer = put(worker, "room:1", "a", "1");
    run_until([&] { return redis.command({"HGET", "{p00}:e:room:1", "a"}) == "1"; });
    fake.let_go();
    fake.cut_connections();
    EXPECT_FALSE(wait_for(answer).failure);
    EXPECT_EQ(worker.released.size(), 1U) << "once, though it was sent twice";
}

}  // namespace
}  // namespace foorumi::test
