// A tail by itself: reading on, lost connections, rewound feeds, fences.
#include "store/feed_tail.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <boost/asio/post.hpp>
#include <cstring>
#include <utility>

#include "store_fixture.hpp"
#include "support/fake_redis.hpp"

namespace foorumi::test {
namespace {

using testing::ElementsAre;

// A tail by itself, whose feed gets entries while its XREAD blocks: Redis answers that with the first of them.
class FeedTailTest : public StoreTest {
   protected:
    ~FeedTailTest() override { tail.stop(); }

    void start() {
        tail.start();
        run_until([&] { return redis.command({"INFO", "clients"}).find("blocked_clients:1") != std::string::npos; });
    }
    // `known`: what the reply to a commit of this node has told. `fence`: of all these entries.
    void add(std::initializer_list<const char*> positions, std::uint64_t known, const char* fence = "1") {
        for (const auto* position : positions) {
            redis.command({"XADD", "{p00}:feed", position, "f", fence});
            redis.command({"HSET", "{p00}:meta", "n", std::string(position, std::strchr(position, '-'))});
        }
        tail.committed(known);
    }
    // As after a failover to a replica that had not got the entries.
    std::string epoch() { return redis.command({"HGET", "{p00}:meta", "epoch"}); }
    void forget_feed() { redis.command({"DEL", "{p00}:feed", "{p00}:meta"}); }

    void run_until_passed(std::uint64_t position) {
        run_until([&] { return !turns.empty() && turns.back().back() == position; });
    }
    void passed(std::uint64_t position) {
        if (position == 0) return;
        if (!std::exchange(same_turn, true)) {
            turns.emplace_back();
            boost::asio::post(context, [this] { same_turn = false; });
        }
        turns.back().push_back(position);
    }
    void later(std::function<void()> function) {
        if (keep_later) return kept.push_back(std::move(function));
        boost::asio::post(context, std::move(function));
    }

    std::vector<Version> released;
    std::vector<std::vector<std::uint64_t>> turns;  // the positions that were handed over in each turn of the loop
    bool same_turn = false;
    bool held = false;
    bool may_release = true;
    int asked = 0;            // whether it may release
    bool keep_later = false;  // what is for a later turn is the test's to call
    std::vector<std::function<void()>> kept;
    bool wide = false;
    std::vector<std::function<void()>> gathered;
    std::vector<std::uint64_t> gaps;
    std::vector<std::uint64_t> rewinds;
    Version directory = 1;
    // What is answered to a read that does not block; set before start().
    std::function<std::optional<std::string>()> answer_to_read_on = [] { return std::nullopt; };
    std::atomic<int> reads_on = 0;
    std::atomic<bool> refuse_epoch = false;
    std::atomic<int> refused_epochs = 0;
    std::atomic<int> count_read_on = 0;
    FakeRedis fake{redis.socket(), [this](const FakeRedis::Command& command) -> std::optional<std::string> {
                       if (command[0] == "EVAL" && refuse_epoch) {
                           ++refused_epochs;
                           return "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
                       }
                       if (command[0] != "XREAD" || command[3] == "BLOCK") return std::nullopt;
                       ++reads_on;
                       count_read_on = std::stoi(command[2]);
                       return answer_to_read_on();
                   }};
    FeedTail tail{context,
                  {.locator = always_at(*parse_endpoint(fake.url())), .name = "tail", .setup = {}, .partition = 0},
                  {.release = [this](const auto& commit) { released.push_back(commit->version); },
                   .released_all = [] {},
                   .passed = [this](std::uint64_t position) { passed(position); },
                   .gap = [this](std::uint64_t position) { gaps.push_back(position); },
                   .rewound = [this](std::uint64_t position) { rewinds.push_back(position); },
                   .held = [this](bool now) { held = now; },
                   .directory_version = [this] { return directory; },
                   .may_release =
                       [this] {
                           ++asked;
                           return may_release;
                       },
                   .is_wide = [this](const auto&) { return wide; },
                   .gather = [this](auto function) { gathered.push_back(std::move(function)); },
                   .later = [this](auto function) { later(std::move(function)); }}};
};

TEST_F(FeedTailTest, ReadsOnWhereMoreIsKnownToBeCommitted) {
    start();
    add({"1-0", "2-0", "3-0"}, 3);
    run_until_passed(3);
    EXPECT_THAT(turns, ElementsAre(ElementsAre(1, 2, 3)));
    EXPECT_EQ(count_read_on, 255) << "a batch of 256, with the one that is there";
}

TEST_F(FeedTailTest, WaitsForNothingWhereNoMoreIsKnown) {
    start();
    add({"1-0", "2-0", "3-0"}, 1);
    run_until_passed(3);
    EXPECT_THAT(turns, ElementsAre(ElementsAre(1), ElementsAre(2, 3)));
    EXPECT_EQ(reads_on, 0);
}

TEST_F(FeedTailTest, LooksForAFenceInWhatWasTrimmedBeforeItReadOn) {
    start();
    add({"1-0", "5-0"}, 5);
    redis.command({"HSET", "{p00}:meta", "fence", "7"});
    run_until([&] { return held; });
    EXPECT_THAT(turns, ElementsAre(ElementsAre(1)));
    EXPECT_THAT(gaps, ElementsAre(4)) << "the directory that the fence waits for may be what was missed";
    directory = 7;
    tail.resume();
    run_until_passed(5);
    EXPECT_FALSE(held);
    EXPECT_THAT(gaps, ElementsAre(4)) << "once";
}

TEST_F(FeedTailTest, DoesNotReadOnBehindAReplyOfMoreThanOne) {
    start();
    redis.command({"EVAL", "for n = 1, 2 do redis.call('XADD', KEYS[1], n .. '-0', 'f', '1') end", "1", "{p00}:feed"});
    tail.committed(3);
    run_until_passed(2);
    EXPECT_THAT(turns, ElementsAre(ElementsAre(1, 2)));
    EXPECT_EQ(reads_on, 0);
}

TEST_F(FeedTailTest, NoticesThatTheFeedWasRewoundWhereWhatIsKnownIsNotThere) {
    start();
    add({"1-0"}, 9);
    run_until_passed(1);
    EXPECT_THAT(rewinds, ElementsAre(0));
    EXPECT_EQ(reads_on, 1) << "it is forgotten then";
}

TEST_F(FeedTailTest, NoticesThatTheFeedWasRewoundBeforeWhatItHadNotReadYet) {
    start();
    add({"1-0"}, 1);
    run_until_passed(1);
    tail.committed(2);
    fake.cut_connections();
    run_until([&] { return !rewinds.empty(); });
    run_until([&] { return turns.size() == 2; });
    EXPECT_THAT(turns.back(), ElementsAre(1)) << "from what is consumed on";
}

TEST_F(FeedTailTest, FeedThatHasGrownPastWhatWasReadIsAnotherOneWhereItsEntriesAre) {
    start();
    add({"1-0", "2-0"}, 2);
    run_until_passed(2);
    forget_feed();
    add({"1-0"}, 2);
    add({"2-0", "3-0"}, 2, "0");
    fake.cut_connections();
    run_until([&] { return !rewinds.empty(); });
    EXPECT_THAT(rewinds, ElementsAre(0));
    EXPECT_EQ(epoch(), "1");
    run_until([&] { return turns.back() == std::vector<std::uint64_t>{1, 2, 3}; });
}

TEST_F(FeedTailTest, GoesOnWhereTheEntriesAreTheSameOrAreGone) {
    start();
    add({"1-0", "2-0"}, 2);
    run_until_passed(2);
    fake.cut_connections();
    add({"3-0"}, 3);
    run_until_passed(3);
    redis.command({"XTRIM", "{p00}:feed", "MINID", "4-0"});
    fake.cut_connections();
    add({"4-0"}, 4);
    run_until_passed(4);
    EXPECT_TRUE(rewinds.empty());
    EXPECT_EQ(epoch(), "(nil)");
}

TEST_F(FeedTailTest, EpochThatAnotherNodeHasRaisedIsTakenOver) {
    start();
    add({"1-0"}, 1);
    run_until_passed(1);
    redis.command({"HSET", "{p00}:meta", "epoch", "5"});
    fake.cut_connections();
    add({"2-0"}, 2);
    run_until_passed(2);
    EXPECT_TRUE(rewinds.empty());
    forget_feed();
    redis.command({"HSET", "{p00}:meta", "epoch", "6"});
    add({"1-0"}, 1);
    fake.cut_connections();
    run_until([&] { return !rewinds.empty(); });
    EXPECT_EQ(epoch(), "6") << "who noticed it before has raised it";
}

TEST_F(FeedTailTest, EpochThatGoesBackIsLeftOfABackup) {
    start();
    add({"1-0"}, 1);
    redis.command({"HSET", "{p00}:meta", "epoch", "5"});
    run_until_passed(1);
    fake.cut_connections();
    add({"2-0"}, 2);
    run_until_passed(2);
    redis.command({"HSET", "{p00}:meta", "epoch", "3"});
    fake.cut_connections();
    run_until([&] { return !rewinds.empty(); });
    EXPECT_EQ(epoch(), "6");
}

TEST_F(FeedTailTest, NothingIsHandedOverBeforeTheEpochIsRaised) {
    refuse_epoch = true;
    start();
    add({"1-0", "2-0"}, 2);
    run_until_passed(2);
    forget_feed();
    add({"1-0"}, 1);
    fake.cut_connections();
    run_until([&] { return refused_epochs >= 2; });
    EXPECT_TRUE(rewinds.empty());
    EXPECT_EQ(turns.back().back(), 2u);
    refuse_epoch = false;
    run_until([&] { return turns.back().back() == 1; });
    EXPECT_EQ(epoch(), "1");
}

TEST_F(FeedTailTest, IsHeldByAFenceBeforeWhereItStartsInARewoundFeed) {
    start();
    add({"1-0", "2-0"}, 2);
    run_until_passed(2);
    turns.clear();
    redis.command({"HSET", "{p00}:meta", "n", "1", "done", "1", "fence", "7"});
    fake.cut_connections();
    run_until([&] { return held; });
    EXPECT_THAT(rewinds, ElementsAre(1));
    EXPECT_TRUE(turns.empty());
    directory = 7;
    tail.resume();
    EXPECT_THAT(turns, ElementsAre(ElementsAre(1)));
    EXPECT_FALSE(held);
}

TEST_F(FeedTailTest, HandsOverWhatItHasWhenTheConnectionIsLostAsItReadsOn) {
    answer_to_read_on = [this] {
        forget_feed();
        return std::string();  // and the connection ends
    };
    start();
    add({"1-0", "2-0"}, 2);
    run_until([&] { return !rewinds.empty(); });
    EXPECT_THAT(turns, ElementsAre(ElementsAre(1))) << "it was durable when it was read";
    EXPECT_THAT(rewinds, ElementsAre(0)) << "Redis has come back with less than what was handed over";
}

TEST_F(FeedTailTest, HandsOverWhatItHasWhenTheConnectionIsLostBeforeItReadsOn) {
    keep_later = true;
    start();
    add({"1-0", "2-0"}, 2);
    run_until([&] { return !kept.empty(); });
    EXPECT_TRUE(turns.empty());
    forget_feed();
    fake.cut_connections();
    run_until([&] { return !rewinds.empty(); });
    EXPECT_THAT(turns, ElementsAre(ElementsAre(1)));
    add({"1-0"}, 1);
    run_until([&] { return kept.size() == 2; });
    kept[0]();
    EXPECT_EQ(turns.size(), 1u) << "that was of the lost connection";
    kept[1]();
    run_until([&] { return turns.size() == 2; });
    EXPECT_THAT(turns.back(), ElementsAre(1)) << "another entry of that position";
}

TEST_F(FeedTailTest, GoesOnWhenReadingOnIsRefused) {
    answer_to_read_on = [] { return "-BUSY Redis is busy running a script.\r\n"; };
    start();
    add({"1-0", "2-0"}, 2);
    run_until_passed(2);
    EXPECT_THAT(turns, ElementsAre(ElementsAre(1), ElementsAre(2)));
}

TEST_F(FeedTailTest, WhatWaitsForAFenceIsForgottenWhenRedisComesBackWithLess) {
    start();
    add({"1-0"}, 1, "7");
    run_until([&] { return held; });
    forget_feed();
    fake.cut_connections();
    run_until([&] { return !rewinds.empty(); });
    EXPECT_FALSE(held);
    directory = 7;
    tail.resume();
    EXPECT_TRUE(turns.empty()) << "it is no more";
}

TEST_F(FeedTailTest, KeepsWhatItReadOnWhileNothingMayBeReleased) {
    may_release = false;
    start();
    for (const auto* position : {"1-0", "2-0"})
        redis.command({"XADD", "{p00}:feed", position, "c", "room:1", "v", std::string(position, 1)});
    redis.command({"HSET", "{p00}:meta", "n", "2"});
    tail.committed(2);
    run_until([&] { return asked == 1; });
    fake.cut_connections();
    run_until([&] { return asked == 3; });  // as the connection is lost, and with the next one
    EXPECT_TRUE(turns.empty());
    EXPECT_TRUE(released.empty());
    may_release = true;
    tail.resume();
    EXPECT_THAT(released, ElementsAre(1, 2));
    EXPECT_THAT(turns, ElementsAre(ElementsAre(2))) << "both are passed at once, as a run";
    EXPECT_EQ(reads_on, 1);
    EXPECT_TRUE(rewinds.empty());
}

TEST_F(FeedTailTest, WideCommitsWaitUntilOthersAreGathered) {
    wide = true;
    start();
    for (const auto* position : {"1-0", "2-0"})
        redis.command({"XADD", "{p00}:feed", position, "c", "room:1", "v", std::string(position, 1)});
    redis.command({"HSET", "{p00}:meta", "n", "2"});
    run_until([&] { return !gathered.empty(); });
    EXPECT_TRUE(released.empty());
    tail.resume();
    EXPECT_TRUE(released.empty()) << "it is not the fence that it waits for";
    tail.committed(2);
    gathered[0]();
    run_until([&] { return released.size() == 2; });
    EXPECT_THAT(released, ElementsAre(1, 2));
    EXPECT_THAT(turns, ElementsAre(ElementsAre(2))) << "as one run";
    EXPECT_EQ(gathered.size(), 1U) << "once for what is waited for";
}

TEST_F(FeedTailTest, WideCommitsGoOutWhenTheConnectionIsLostAsTheyWait) {
    wide = true;
    start();
    redis.command({"XADD", "{p00}:feed", "1-0", "c", "room:1", "v", "1"});
    redis.command({"HSET", "{p00}:meta", "n", "1"});
    run_until([&] { return !gathered.empty(); });
    fake.cut_connections();
    run_until([&] { return released.size() == 1; });
    gathered[0]();
    EXPECT_THAT(released, ElementsAre(1));
}

TEST_F(FeedTailTest, IsSilentOnceItIsStopped) {
    keep_later = true;
    start();
    add({"1-0", "2-0"}, 2);
    run_until([&] { return !kept.empty(); });
    tail.stop();
    kept.front()();
    EXPECT_TRUE(turns.empty());
}

}  // namespace
}  // namespace foorumi::test
