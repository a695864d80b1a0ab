#include "store/under_way.hpp"

#include <gtest/gtest.h>

#include <string>

namespace foorumi::store {
namespace {

TEST(UnderWay, WhoFindsNothingUnderWayDoesNotWait) {
    UnderWay under_way;
    int called = 0;
    under_way.when_answered([&] { ++called; });
    EXPECT_EQ(called, 1);
    under_way.sent();
    EXPECT_FALSE(under_way.none());
    under_way.answered();
    EXPECT_TRUE(under_way.none());
    EXPECT_EQ(called, 1);
}

TEST(UnderWay, WhatIsSentLaterIsNotWaitedFor) {
    UnderWay under_way;
    int called = 0;
    under_way.sent();
    under_way.sent();
    under_way.when_answered([&] { ++called; });
    under_way.sent();
    under_way.answered();
    EXPECT_EQ(called, 0);
    under_way.answered();
    EXPECT_EQ(called, 1);
    under_way.answered();
    EXPECT_EQ(called, 1);
}

TEST(UnderWay, WaitMayBeCutShortOnce) {
    UnderWay under_way;
    int called = 0;
    under_way.sent();
    under_way.when_answered([&] { ++called; });
    under_way.hurry();
    under_way.hurry();
    EXPECT_EQ(called, 1);
    under_way.answered();
    EXPECT_EQ(called, 1);
}

TEST(UnderWay, LaterWaitEndsTheEarlier) {
    UnderWay under_way;
    std::string called;
    under_way.sent();
    under_way.when_answered([&] { called += 'a'; });
    under_way.when_answered([&] { called += 'b'; });
    EXPECT_EQ(called, "a");
    under_way.answered();
    EXPECT_EQ(called, "ab");
}

}  // namespace
}  // namespace foorumi::store
