// What a tail makes sure of on replicas. The test answers for them.
#include "feed_tail_fixture.hpp"

namespace foorumi::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FeedReplicasTest : public FeedTailTest {
   protected:
    ~FeedReplicasTest() override { held_tail.stop(); }

    // Of a feed of so many entries, of which those from `first` on are still there.
    void start_held(std::uint64_t entries, std::uint64_t first) {
        const auto last = std::to_string(entries);
        redis.command({"HSET", "{p00}:meta", "n", last, "fence", "7"});
        for (auto position = first; position <= entries; ++position)
            redis.command({"XADD", "{p00}:feed", std::to_string(position) + "-0", "f", "7"});
        held_tail.start();
        run_until([&] { return held; });
    }
    Options with_replicas() {
        auto options = options_of_tail();
        options.locator = always_at(*parse_endpoint(with_a_replica.url()));
        options.replicas = 1;
        options.batch = 4;
        return options;
    }
    FeedTailHooks hooks_of_replicas() {
        auto all = hooks();
        all.replicated = [this](std::uint64_t position) { replicated.push_back(position); };
        all.replicas_missing = [this] { ++missing; };
        all.unsure = [this] { ++unsure; };
        return all;
    }

    std::atomic<int> waits = 0;
    std::vector<std::uint64_t> replicated;
    int missing = 0;
    int unsure = 0;
    std::atomic<bool> another_history = false;
    FakeRedis with_a_replica{redis.socket(), [this](const FakeRedis::Command& command) -> std::optional<std::string> {
                                 if (command[0] == "INFO" && command[1] == "replication" && another_history) {
                                     return "$34\r\n# Replication\r\nmaster_replid:abc\r\n\r\n";
                                 }
                                 if (command[0] != "WAIT") return std::nullopt;
                                 ++waits;
                                 return ":1\r\n";
                             }};
    FeedTail held_tail{context, with_replicas(), hooks_of_replicas()};
};

TEST_F(FeedReplicasTest, WhatAFenceHoldsIsReplicated) {
    start_held(9, 1);
    held_tail.replicate_to(6);
    run_until([&] { return replicated.back() >= 6; });
    EXPECT_EQ(replicated.back(), 8u) << "the second batch";
    EXPECT_THAT(turns, IsEmpty());
}

// The directory is read past fences once it is replicated, and brings the version that the fence waits for.
TEST_F(FeedReplicasTest, WhatAFenceHoldsIsReplicatedBehindAGap) {
    start_held(9, 5);
    held_tail.replicate_to(9);
    run_until([&] { return replicated.back() == 9; });
    EXPECT_THAT(turns, IsEmpty());
    directory = 7;
    held_tail.resume();
    run_until_passed(9);
    EXPECT_THAT(gaps, ElementsAre(4));
    EXPECT_EQ(missing, 0);
}

// What the fence waits for may have come by another connection that is gone as well, and is read again.
TEST_F(FeedReplicasTest, GapIsToldAgainWhereTheConnectionWasLost) {
    held_tail.start();
    run_until([&] { return redis.command({"INFO", "clients"}).find("blocked_clients:1") != std::string::npos; });
    redis.command({"HSET", "{p00}:meta", "n", "5", "fence", "7"});
    redis.command({"XADD", "{p00}:feed", "5-0", "f", "7"});
    run_until([&] { return gaps.size() == 1; });
    with_a_replica.cut_connections();
    run_until([&] { return gaps.size() == 2; });
    EXPECT_THAT(gaps, ElementsAre(4, 4));
    directory = 7;
    held_tail.resume();
    run_until_passed(5);
}

TEST_F(FeedReplicasTest, WhatAFenceHoldsIsReplicatedWhereAllWasTrimmed) {
    start_held(9, 10);
    held_tail.replicate_to(9);
    run_until([&] { return replicated.back() == 9; });
    EXPECT_TRUE(held);
}

TEST_F(FeedReplicasTest, WhatIsWantedWhileItLooksForTheEndIsNotForgotten) {
    std::atomic<bool> looks = false;
    with_a_replica.hold_replies([&](const FakeRedis::Command& command) {
        if (command[0] == "HGET") looks = true;
        return command[0] == "HGET";
    });
    start_held(9, 5);
    held_tail.replicate_to(9);
    run_until([&] { return looks.load(); });
    redis.command({"XADD", "{p00}:feed", "10-0", "f", "7"});
    redis.command({"HSET", "{p00}:meta", "n", "10"});
    held_tail.replicate_to(10);
    with_a_replica.let_go();
    run_until([&] { return replicated.back() == 10; });
}

TEST_F(FeedReplicasTest, DoesNotAskAgainForMoreThanThereIs) {
    start_held(9, 5);
    held_tail.replicate_to(12);
    run_until([&] { return replicated.back() == 9; });
    const int asked_for = waits;
    for (int n = 0; n < 50; ++n) {
        redis.command({"PING"});
        context.restart();
        context.poll();
    }
    EXPECT_EQ(waits, asked_for);
}

// As one that was demoted and promoted again does, without closing its connections.
TEST_F(FeedReplicasTest, NothingIsHandedOverOfAnotherHistoryThanTheConnectionWasMadeTo) {
    held_tail.start();
    run_until([&] { return !replicated.empty(); });
    another_history = true;
    commit(1, 1, "a");
    run_until([&] { return unsure == 1; });
    EXPECT_THAT(released, IsEmpty());
    another_history = false;
    run_until([&] { return !released.empty(); });
    EXPECT_THAT(released, ElementsAre(1));
}

}  // namespace
}  // namespace foorumi::test
