// How a tail notices that its feed is another one than was released, and what it does then.
#include "feed_tail_fixture.hpp"

namespace foorumi::test {
namespace {

using testing::ElementsAre;

class FeedEpochTest : public FeedTailTest {
   protected:
    void start_with_one_entry() {
        start();
        commit(1, 1, "old");
        run_until_passed(1);
    }
};

TEST_F(FeedEpochTest, FeedThatHasGrownPastWhatWasReadIsAnotherOneWhereItsEntriesAre) {
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

TEST_F(FeedEpochTest, WhatWasConsumedBeforeItStartedIsComparedAsWell) {
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

TEST_F(FeedEpochTest, WhatARunBeforeHasReleasedIsComparedAtTheStart) {
    start();
    commit(1, 2, "old");
    run_until([&] { return remembered.size() >= 2 && remembered.back().entries.newest().first == 2; });
    const auto before = remembered.back();
    tail.stop();
    // A change that is repeated may stand where it stood, behind others than before.
    for (const auto& [first, last] : {std::pair{"old", "old"}, std::pair{"new", "new"}, std::pair{"new", "old"}}) {
        forget_feed();
        commit(1, 1, first);
        commit(2, 2, last);
        Options options = options_of_tail();
        options.remembered = before;
        FeedTail next(context, options, hooks());
        const auto known = remembered.size();
        next.start();
        run_until([&] { return remembered.size() > known; });
        EXPECT_EQ(epoch() > 0, first == std::string("new"));
        EXPECT_EQ(remembered.back().epoch, epoch());
        next.stop();
    }
    EXPECT_TRUE(rewinds.empty()) << "nobody had anything of this run";
}

TEST_F(FeedEpochTest, WhatARunBeforeHasReleasedIsComparedAsLongAsItIsReleasedAgain) {
    start();
    commit(1, 6, "old");
    run_until([&] { return !remembered.empty() && remembered.back().entries.newest().first == 6; });
    tail.stop();
    Options options = options_of_tail();
    options.remembered = remembered.back();
    options.batch = 2;
    may_release = false;
    asked = 0;
    FeedTail next(context, options, hooks());
    next.start();
    run_until([&] { return asked > 0; });  // has read the first two, and waits for room
    forget_feed();
    commit(1, 2, "old");
    commit(3, 6, "new");
    may_release = true;
    fake.cut_connections();
    run_until([&] { return epoch() > 0; });
    next.stop();
}

TEST_F(FeedEpochTest, ItIsSaidThatTheDataIsOfABackup) {
    commit(1, 2, "old");
    redis.command({"HSET", "{p00}:meta", "epoch", "5"});
    Options options = options_of_tail();
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

TEST_F(FeedEpochTest, GoesOnWhereTheEntriesAreTheSameOrAreGone) {
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

TEST_F(FeedEpochTest, EpochThatAnotherNodeHasRaisedIsTakenOver) {
    start_with_one_entry();
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

TEST_F(FeedEpochTest, EpochThatAnotherNodeRaisesIsHeardOfAtOnce) {
    start_with_one_entry();
    redis.command({"XADD", "{p00}:feed", "2-0", "f", "1", "e", "5"});
    redis.command({"HSET", "{p00}:meta", "n", "2", "epoch", "5"});
    run_until_passed(2);
    EXPECT_EQ(epochs_begun, 1);
    EXPECT_EQ(remembered.back().epoch, 5u);
    EXPECT_EQ(remembered.back().entries.newest().first, 2u);
    fake.cut_connections();
    commit(3, 3, "old");
    run_until_passed(3);
    EXPECT_EQ(epochs_begun, 1) << "once";
    EXPECT_TRUE(rewinds.empty());
}

TEST_F(FeedEpochTest, EpochThatGoesBackIsLeftOfABackup) {
    redis.command({"HSET", "{p00}:meta", "epoch", "5"});
    start_with_one_entry();
    redis.command({"HSET", "{p00}:meta", "epoch", "3"});
    fake.cut_connections();
    run_until([&] { return !rewinds.empty(); });
    EXPECT_GT(epoch(), 5u);
}

TEST_F(FeedEpochTest, NothingIsHandedOverBeforeTheEpochIsRaised) {
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

}  // namespace
}  // namespace foorumi::test
