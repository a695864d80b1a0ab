// A tail by itself: reading on, lost connections, rewound feeds, fences.
#include "feed_tail_fixture.hpp"

namespace foorumi::test {
namespace {

using testing::ElementsAre;

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

// Else the directory that a later fence waits for would stand behind it.
TEST_F(FeedTailTest, IsHeldAtItsStartByTheFenceThatStoodThereAndByNoLaterOne) {
    add({"1-0", "2-0", "3-0"}, 0);
    redis.command({"HSET", "{p00}:meta", "fence", "2", "done", "3"});
    tail.start();
    run_until([&] { return held; });
    EXPECT_EQ(tail.arrival(), 3u);
    add({"4-0"}, 0, "5");
    redis.command({"HSET", "{p00}:meta", "fence", "5"});
    fake.cut_connections();
    run_until([&] { return !tail.knows_its_feed(); });
    run_until([&] { return tail.knows_its_feed(); });
    directory = 2;
    tail.resume();
    run_until_passed(3);
    run_until([&] { return held; });
    EXPECT_THAT(turns, ElementsAre(testing::Each(3)));
    directory = 5;
    tail.resume();
    run_until_passed(4);
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
