#include "auth/slowdown.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <vector>

namespace foorumi::auth {
namespace {

// Units of one: three tries, waits of 10, 20, 40, then 50; one try forgotten in 100.
constexpr Pace short_pace{3, 10, 50, 100};

TEST(SlowdownTest, FirstTriesCostNothingAndThenTheWaitDoubles) {
    Slowdown slowdown(short_pace, 8);
    std::int64_t now = 1'000;
    for (const std::int64_t wait : {0, 0, 0, 10, 20, 40, 50, 50}) {
        EXPECT_EQ(slowdown.wait_ns(1, now), wait);
        EXPECT_EQ(slowdown.wait_ns(1, now + wait / 2), wait - wait / 2);
        now += wait;
        EXPECT_EQ(slowdown.wait_ns(1, now), 0);
        slowdown.charge(1, now);
    }
    EXPECT_EQ(slowdown.wait_ns(2, now), 0) << "another key";
}

TEST(SlowdownTest, OneTryIsForgottenInEachInterval) {
    Slowdown slowdown(short_pace, 8);
    for (int i = 0; i < 3; ++i) slowdown.charge(1, 1'000);
    EXPECT_EQ(slowdown.wait_ns(1, 1'000), 10);
    slowdown.charge(1, 1'099);  // of three not one is forgotten yet
    EXPECT_EQ(slowdown.wait_ns(1, 1'099), 20);
    slowdown.charge(1, 1'200);  // of four two are
    EXPECT_EQ(slowdown.wait_ns(1, 1'200), 10);
    slowdown.charge(1, 1'500);  // all are
    EXPECT_EQ(slowdown.wait_ns(1, 1'500), 0);
}

TEST(SlowdownTest, WhoGoesOnGetsOneTryInAnInterval) {
    constexpr Pace strict{3, 10, 10'000, 100};
    Slowdown slowdown(strict, 8);
    std::int64_t now = 0;
    for (int i = 0; i < 20; ++i, now += slowdown.wait_ns(1, now)) slowdown.charge(1, now);
    const auto begin = now;
    for (int i = 0; i < 1'000; ++i, now += slowdown.wait_ns(1, now)) slowdown.charge(1, now);
    EXPECT_GE(now - begin, 1'000 * strict.forget_ns * 9 / 10);
    EXPECT_LE(now - begin, 1'000 * strict.forget_ns * 11 / 10);
}

TEST(SlowdownTest, WhatIsGivenBackDoesNotCount) {
    Slowdown slowdown(short_pace, 8);
    for (int i = 0; i < 100; ++i) {
        ASSERT_EQ(slowdown.wait_ns(1, 1'000), 0);
        slowdown.charge(1, 1'000);
        slowdown.give_back(1, 1'000);
    }
    for (int i = 0; i < 4; ++i) slowdown.charge(1, 1'000);
    slowdown.give_back(1, 1'000);
    EXPECT_EQ(slowdown.wait_ns(1, 1'000), 10);
    slowdown.give_back(2, 1'000);
    EXPECT_EQ(slowdown.wait_ns(2, 1'000), 0);
}

TEST(SlowdownTest, ForgottenKeyIsLikeANewOne) {
    Slowdown slowdown(short_pace, 8);
    for (int i = 0; i < 6; ++i) slowdown.charge(1, 1'000);
    slowdown.forget(1);
    slowdown.forget(2);
    EXPECT_EQ(slowdown.size(), 0U);
    EXPECT_EQ(slowdown.wait_ns(1, 1'000), 0);
}

TEST(SlowdownTest, TableHoldsItsKeysAndNotOneMore) {
    Slowdown slowdown(short_pace, 3);
    for (Slowdown::Key key = 1; key <= 3; ++key) slowdown.charge(key, 1'000);
    EXPECT_EQ(slowdown.size(), 3U);
    slowdown.charge(4, 1'000);
    EXPECT_EQ(slowdown.size(), 3U);
}

TEST(SlowdownTest, FillingTheTableResetsNobody) {
    Slowdown slowdown(short_pace, 100);
    for (int i = 0; i < 6; ++i) slowdown.charge(1, 1'000);
    const auto wait = slowdown.wait_ns(1, 1'000);
    for (Slowdown::Key key = 2; key < 10'000; ++key) {
        slowdown.charge(key, 1'000);
        ASSERT_GE(slowdown.wait_ns(1, 1'000), wait);
    }
}

TEST(SlowdownTest, NewKeyInAFullTableBeginsWithWhatTheLeastChargedHas) {
    Slowdown slowdown(short_pace, 3);
    for (Slowdown::Key key = 1; key <= 3; ++key) {
        for (int i = 0; i < 2; ++i) slowdown.charge(key, 1'000);
    }
    EXPECT_EQ(slowdown.wait_ns(4, 1'000), 0);
    slowdown.charge(4, 1'000);
    EXPECT_EQ(slowdown.wait_ns(4, 1'000), 10) << "two taken over, and its own";
    EXPECT_EQ(slowdown.wait_ns(5, 1'200), 0) << "what is forgotten is not taken over";
    slowdown.charge(5, 1'300);
    EXPECT_EQ(slowdown.wait_ns(5, 1'300), 0);
}

TEST(SlowdownTest, SuccessOfOneKeyInAFullTableResetsNoOther) {
    Slowdown slowdown(short_pace, 2);
    for (int i = 0; i < 4; ++i) slowdown.charge(1, 1'000);
    for (const Slowdown::Key key : {2, 3}) {
        for (int i = 0; i < 8; ++i) slowdown.charge(key, 1'000);
    }
    const auto before = slowdown.wait_ns(1, 1'000);
    slowdown.forget(2);
    slowdown.forget(3);
    EXPECT_GE(before, 20);
    EXPECT_GE(slowdown.wait_ns(1, 1'000), 20) << "1 has left the table, and keeps what it has used up";
}

// Without a bound each key has its own, so this tells what the table may not fall short of.
class Unbounded {
   public:
    Spent& of(Slowdown::Key key) { return spent_[key]; }

   private:
    std::map<Slowdown::Key, Spent> spent_;
};

void check_history(std::size_t table, bool exact) {
    Slowdown slowdown(short_pace, table);
    Unbounded model;
    std::int64_t now = 1'000;
    for (const auto step : *rc::gen::container<std::vector<int>>(200, rc::gen::inRange(0, 1'000))) {
        const auto key = static_cast<Slowdown::Key>(*rc::gen::inRange(0, 8));
        if (step < 100) now += step;
        if (step >= 950) {
            slowdown.forget(key);
            model.of(key) = Spent();
        } else if (step >= 850) {
            const bool charged = slowdown.wait_ns(key, now) == 0;
            if (charged) {
                slowdown.charge(key, now);
                slowdown.give_back(key, now);
                model.of(key).charge(short_pace, now);
                model.of(key).give_back(short_pace, now);
            }
        } else if (slowdown.wait_ns(key, now) == 0) {
            slowdown.charge(key, now);
            model.of(key).charge(short_pace, now);
        }
        RC_ASSERT(slowdown.size() <= table);
        for (Slowdown::Key each = 0; each < 8; ++each) {
            const auto least = model.of(each).wait_ns(now);
            RC_ASSERT(slowdown.wait_ns(each, now) >= least);
            if (exact) RC_ASSERT(slowdown.wait_ns(each, now) == least);
        }
    }
}

RC_GTEST_PROP(SlowdownTest, NoKeyWaitsShorterThanItsOwnTriesAskFor, ()) {
    check_history(*rc::gen::inRange<std::size_t>(1, 8), false);
}

RC_GTEST_PROP(SlowdownTest, InATableThatIsLargeEnoughKeysDoNotMeet, ()) { check_history(8, true); }

}  // namespace
}  // namespace foorumi::auth
