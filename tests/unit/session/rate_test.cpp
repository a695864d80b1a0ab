#include "session/rate.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "session/rate_book.hpp"

namespace foorumi::session {
namespace {

constexpr std::int64_t second = 1'000'000'000;

TEST(Rate, BurstPassesAndTheNextIsToldWhen) {
    std::int64_t arrival = 0;
    const Rate rate{10, 5};
    for (int n = 0; n < 5; ++n) EXPECT_EQ(take(arrival, rate, 1, second), 0U) << n;
    EXPECT_EQ(take(arrival, rate, 1, second), 100U);
    EXPECT_EQ(take(arrival, rate, 1, second + second / 10), 0U);
}

TEST(Rate, RefusedUnitsAreNotCharged) {
    std::int64_t arrival = 0;
    const Rate rate{1, 1};
    EXPECT_EQ(take(arrival, rate, 1, second), 0U);
    const auto before = arrival;
    EXPECT_GT(take(arrival, rate, 1, second), 0U);
    EXPECT_EQ(arrival, before);
}

RC_GTEST_PROP(Rate, NeverMoreThanBurstAndRateAllow, ()) {
    const Rate rate{*rc::gen::inRange(1U, 200U), *rc::gen::inRange(1U, 50U)};
    const auto pauses = *rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, second / 20));
    std::int64_t arrival = 0;
    std::int64_t now = second;
    std::uint64_t passed = 0;
    for (auto pause : pauses) {
        now += pause;
        if (take(arrival, rate, 1, now) == 0) ++passed;
        const auto allowed = rate.burst + static_cast<std::uint64_t>(now - second) * rate.per_second / second + 1;
        RC_ASSERT(passed <= allowed);
    }
}

TEST(RateBook, SessionsOfOneMemberShareOneRate) {
    RateBook book;
    auto first = book.of(7, second);
    EXPECT_EQ(book.of(7, second), first);
    EXPECT_NE(book.of(8, second), first);
    const Rate rate{1, 2};
    EXPECT_EQ(first->take(rate, 1, second), 0U);
    EXPECT_EQ(book.of(7, second)->take(rate, 1, second), 0U);
    EXPECT_GT(first->take(rate, 1, second), 0U);
}

TEST(RateBook, ConnectingAgainGivesNoNewBurst) {
    RateBook book;
    const Rate rate{1, 2};
    EXPECT_EQ(book.of(7, second)->take(rate, 2, second), 0U);
    EXPECT_GT(book.of(7, second)->take(rate, 1, second), 0U);
}

TEST(RateBook, ForgetsMembersThatHaveRecovered) {
    RateBook book;
    for (std::uint64_t member = 1; member <= 1'000; ++member) {
        const auto now = second * static_cast<std::int64_t>(member);
        EXPECT_EQ(book.of(member, now)->take({1'000, 1}, 1, now), 0U);
    }
    EXPECT_LT(book.size(), 200U);
}

}  // namespace
}  // namespace foorumi::session
