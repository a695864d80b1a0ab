#include "store/feed_cursor.hpp"

#include <gtest/gtest.h>

namespace foorumi::store {
namespace {

using Start = FeedCursor::Start;
using Step = FeedCursor::Step;

TEST(FeedCursorTest, StartsBehindWhatIsConsumed) {
    FeedCursor cursor;
    EXPECT_EQ(cursor.connected(10, 7, cursor.position()), Start::first);
    EXPECT_EQ(cursor.position(), 7u);
    EXPECT_EQ(cursor.meet(8), Step::next);
}

TEST(FeedCursorTest, EntryIsPassedOnlyWhenItIsSaidSo) {
    FeedCursor cursor;
    static_cast<void>(cursor.connected(0, 0, cursor.position()));
    EXPECT_EQ(cursor.meet(1), Step::next);
    EXPECT_EQ(cursor.position(), 0u);
    EXPECT_EQ(cursor.meet(1), Step::next);
    cursor.passed(1);
    EXPECT_EQ(cursor.meet(1), Step::seen);
    EXPECT_EQ(cursor.meet(2), Step::next);
}

TEST(FeedCursorTest, MissingEntriesAreAGapOnce) {
    FeedCursor cursor;
    static_cast<void>(cursor.connected(9, 2, cursor.position()));
    EXPECT_EQ(cursor.meet(6), Step::gap);
    EXPECT_EQ(cursor.position(), 5u);
    cursor.passed(6);
    EXPECT_EQ(cursor.meet(7), Step::next);
}

TEST(FeedCursorTest, ReconnectGoesOnWhereverConsumptionIs) {
    FeedCursor cursor;
    static_cast<void>(cursor.connected(9, 2, cursor.position()));
    cursor.passed(5);
    EXPECT_EQ(cursor.connected(9, 9, cursor.position()), Start::goes_on);
    EXPECT_EQ(cursor.position(), 5u);
    EXPECT_EQ(cursor.connected(5, 2, cursor.position()), Start::goes_on);
}

TEST(FeedCursorTest, FeedThatEndsBeforeTheCursorWasRewoundAndStartsBehindWhatIsConsumed) {
    FeedCursor cursor;
    static_cast<void>(cursor.connected(9, 9, cursor.position()));
    EXPECT_EQ(cursor.connected(4, 2, cursor.position()), Start::rewound);
    EXPECT_EQ(cursor.position(), 2u);
    EXPECT_EQ(cursor.meet(3), Step::next);
    cursor.passed(4);
    EXPECT_EQ(cursor.connected(4, 2, cursor.position()), Start::goes_on);
    EXPECT_EQ(cursor.connected(0, 0, cursor.position()), Start::rewound);
    EXPECT_EQ(cursor.position(), 0u);
}

TEST(FeedCursorTest, FeedThatEndsBeforeWhatWasReadAndWaitsWasRewound) {
    FeedCursor cursor;
    static_cast<void>(cursor.connected(9, 3, 0));
    cursor.passed(5);
    EXPECT_EQ(cursor.connected(7, 3, 7), Start::goes_on);
    EXPECT_EQ(cursor.connected(6, 3, 7), Start::rewound);
    EXPECT_EQ(cursor.position(), 3u);
}

}  // namespace
}  // namespace foorumi::store
