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
    // Commits of one channel, from one position to another, that say this.
    void commit(std::uint64_t first, std::uint64_t last, const char* text) {
        for (auto position = first; position <= last; ++position) {
            const auto number = std::to_string(position);
            redis.command({"XADD", "{p00}:feed", (number + "-0").c_str(), "c", "room:1", "v", number.c_str(), "k", "a",
                           "d", text});
            redis.command({"HSET", "{p00}:meta", "n", number.c_str()});
        }
    }
    std::uint64_t epoch() {
        const auto told = redis.command({"HGET", "{p00}:meta", "epoch"});
        return told == "(nil)" ? 0 : std::stoull(told);
    }
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
    int doubts = 0;
    int epochs_begun = 0;
    std::vector<ReleasedMark> remembered;
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
    using Options = FeedTailOptions;
    Options options_of_tail() {
        return {.locator = always_at(*parse_endpoint(fake.url())), .name = "tail", .setup = {}, .partition = 0};
    }
    FeedTailHooks hooks() {
        return {.release = [this](const auto& commit) { released.push_back(commit->version); },
                .released_all = [] {},
                .passed = [this](std::uint64_t position) { passed(position); },
                .gap = [this](std::uint64_t position) { gaps.push_back(position); },
                .rewound = [this](std::uint64_t position) { rewinds.push_back(position); },
                .held = [this](bool now) { held = now; },
                .doubtful = [this] { ++doubts; },
                .epoch_began = [this] { ++epochs_begun; },
                .remember = [this](const ReleasedMark& mark) { remembered.push_back(mark); },
                .directory_version = [this] { return directory; },
                .may_release =
                    [this] {
                        ++asked;
                        return may_release;
                    },
                .is_wide = [this](const auto&) { return wide; },
                .gather = [this](auto function) { gathered.push_back(std::move(function)); },
                .after = [this](auto, auto function) { boost::asio::post(context, std::move(function)); },
                .later = [this](auto function) { later(std::move(function)); }};
    }
    FeedTail tail{context, options_of_tail(), hooks()};
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
    EXPECT_EQ(epoch(), 0u) << "nobody was told of what is not there";
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
    commit(1, 2, "old");
    run_until_passed(2);
    forget_feed();
    commit(1, 1, "old");
    commit(2, 3, "new");
    fake.cut_connections();
    run_until([&] { return !rewinds.empty(); });
    EXPECT_THAT(rewinds, ElementsAre(0));
    EXPECT_EQ(doubts, 1);
    EXPECT_GT(epoch(), 0u);
    released.clear();
    run_until([&] { return turns.back().back() == 4; });
    EXPECT_THAT(released, ElementsAre(1, 2, 3)) << "all of it is handed over again";
    EXPECT_EQ(redis.command({"HGET", "{p00}:meta", "n"}), "4") << "an entry tells the other nodes";
    EXPECT_EQ(epochs_begun, 0) << "this one has raised it";
}

TEST_F(FeedTailTest, WhatWasConsumedBeforeItStartedIsComparedAsWell) {
    commit(1, 2, "old");
    redis.command({"HSET", "{p00}:meta", "done", "2"});
    start();
    run_until([&] { return !turns.empty(); });
    EXPECT_THAT(turns, ElementsAre(ElementsAre(2)));
    forget_feed();
    commit(1, 3, "new");
    fake.cut_connections();
    run_until([&] { return !rewinds.empty(); });
    EXPECT_GT(epoch(), 0u);
}

TEST_F(FeedTailTest, WhatARunBeforeHasReleasedIsComparedAtTheStart) {
    start();
    commit(1, 2, "old");
    run_until([&] { return remembered.size() >= 2 && remembered.back().entry.first == 2; });
    for (const auto* text : {"old", "new"}) {
        forget_feed();
        commit(1, 2, text);
        FeedTailTest::Options options = options_of_tail();
        options.remembered = remembered.back();
        FeedTail next(context, options, hooks());
        const auto known = remembered.size();
        next.start();
        run_until([&] { return remembered.size() > known; });
        EXPECT_EQ(epoch() > 0, text == std::string("new"));
        EXPECT_EQ(remembered.back().epoch, epoch());
        next.stop();
    }
    EXPECT_TRUE(rewinds.empty()) << "nobody had anything of this run";
}

TEST_F(FeedTailTest, ItIsSaidThatTheDataIsOfABackup) {
    commit(1, 2, "old");
    redis.command({"HSET", "{p00}:meta", "epoch", "5"});
    FeedTailTest::Options options = options_of_tail();
    options.restored = true;
    FeedTail next(context, options, hooks());
    next.start();
    run_until([&] { return !remembered.empty(); });
    const auto raised = epoch();
    EXPECT_GT(raised, 5u);
    run_until_passed(3);
    fake.cut_connections();
    commit(4, 4, "new");
    run_until_passed(4);
    EXPECT_EQ(epoch(), raised) << "once";
    next.stop();
}

TEST_F(FeedTailTest, GoesOnWhereTheEntriesAreTheSameOrAreGone) {
    start();
    commit(1, 2, "old");
    run_until_passed(2);
    fake.cut_connections();
    commit(3, 3, "old");
    run_until_passed(3);
    redis.command({"XTRIM", "{p00}:feed", "MINID", "4-0"});
    fake.cut_connections();
    commit(4, 4, "old");
    run_until_passed(4);
    EXPECT_TRUE(rewinds.empty());
    EXPECT_EQ(epoch(), 0u);
}

TEST_F(FeedTailTest, EpochThatAnotherNodeHasRaisedIsTakenOver) {
    start();
    commit(1, 1, "old");
    run_until_passed(1);
    redis.command({"HSET", "{p00}:meta", "epoch", "5"});
    fake.cut_connections();
    commit(2, 2, "old");
    run_until_passed(2);
    EXPECT_TRUE(rewinds.empty());
    EXPECT_EQ(epochs_begun, 1) << "clients that come from there may hold what is gone";
    forget_feed();
    redis.command({"HSET", "{p00}:meta", "epoch", "6"});
    commit(1, 1, "new");
    fake.cut_connections();
    run_until([&] { return !rewinds.empty(); });
    EXPECT_EQ(epoch(), 6u) << "who noticed it before has raised it";
}

TEST_F(FeedTailTest, EpochThatAnotherNodeRaisesIsHeardOfAtOnce) {
    start();
    commit(1, 1, "old");
    run_until_passed(1);
    redis.command({"XADD", "{p00}:feed", "2-0", "f", "1", "e", "5"});
    redis.command({"HSET", "{p00}:meta", "n", "2", "epoch", "5"});
    run_until_passed(2);
    EXPECT_EQ(epochs_begun, 1);
    EXPECT_EQ(remembered.back().epoch, 5u);
    EXPECT_EQ(remembered.back().entry.first, 2u);
    fake.cut_connections();
    commit(3, 3, "old");
    run_until_passed(3);
    EXPECT_EQ(epochs_begun, 1) << "once";
    EXPECT_TRUE(rewinds.empty());
}

TEST_F(FeedTailTest, EpochThatGoesBackIsLeftOfABackup) {
    redis.command({"HSET", "{p00}:meta", "epoch", "5"});
    start();
    commit(1, 1, "old");
    run_until_passed(1);
    redis.command({"HSET", "{p00}:meta", "epoch", "3"});
    fake.cut_connections();
    run_until([&] { return !rewinds.empty(); });
    EXPECT_GT(epoch(), 5u);
}

TEST_F(FeedTailTest, NothingIsHandedOverBeforeTheEpochIsRaised) {
    refuse_epoch = true;
    start();
    commit(1, 2, "old");
    run_until_passed(2);
    forget_feed();
    commit(1, 1, "old");
    fake.cut_connections();
    run_until([&] { return refused_epochs >= 2; });
    EXPECT_TRUE(rewinds.empty());
    EXPECT_GE(doubts, 1);
    const auto before = turns.size();
    refuse_epoch = false;
    run_until([&] { return turns.size() > before; });
    EXPECT_FALSE(rewinds.empty());
    EXPECT_GT(epoch(), 0u);
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
