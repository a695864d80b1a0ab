#include "store/feed_trace.hpp"

#include <gtest/gtest.h>

namespace foorumi::store {
namespace {

FeedTrace trace_of(std::uint64_t first, std::uint64_t last) {
    FeedTrace trace;
    for (auto position = first; position <= last; ++position) trace.note({position, position * 10});
    return trace;
}

TEST(FeedTraceTest, KnowsTheFeedAgainWhereTheEntriesAreTheSame) {
    EXPECT_FALSE(trace_of(1, 5).contradicts({{5, 50}, {4, 40}}));
}

TEST(FeedTraceTest, EntryThatIsAnotherOneContradicts) {
    EXPECT_TRUE(trace_of(1, 5).contradicts({{5, 51}}));
    EXPECT_TRUE(trace_of(1, 5).contradicts({{5, 50}, {4, 41}}));  // behind it are fences that say the same
}

TEST(FeedTraceTest, WhatIsGoneOrWasNotReadTellsNothing) {
    EXPECT_FALSE(trace_of(1, 5).contradicts({}));
    EXPECT_FALSE(trace_of(3, 5).contradicts({{6, 1}, {2, 1}}));
    EXPECT_FALSE(FeedTrace().contradicts({{1, 1}}));
}

TEST(FeedTraceTest, KeepsTheLastEntries) {
    const auto trace = trace_of(1, FeedTrace::length + 1);
    EXPECT_FALSE(trace.contradicts({{1, 0}}));
    EXPECT_TRUE(trace.contradicts({{2, 0}}));
}

TEST(FeedTraceTest, WhatWasCutOrClearedIsReadAnew) {
    auto trace = trace_of(1, 5);
    trace.cut(3);
    EXPECT_FALSE(trace.contradicts({{4, 0}}));
    EXPECT_TRUE(trace.contradicts({{3, 0}}));
    trace.clear();
    EXPECT_TRUE(trace.empty());
    EXPECT_FALSE(trace.contradicts({{3, 0}}));
}

}  // namespace
}  // namespace foorumi::store
