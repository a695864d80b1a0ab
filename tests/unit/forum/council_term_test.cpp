#include "forum/council_term.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace foorumi::forum {
namespace {

// The councils elected in 2025: 2025-05-31T21:00Z to 2029-05-31T21:00Z.
const CouncilTerm sitting{7, "2025–2029", {2025, 6, 1}, {2029, 5, 31}};
constexpr Millis begins = 1'748'725'200'000;
constexpr Millis ends = 1'874'955'600'000;

TEST(CouncilTerms, EndOnTheirFirstDayOrLater) {
    EXPECT_TRUE(check_term(sitting));
    EXPECT_TRUE(check_term({7, "one day", {2025, 6, 1}, {2025, 6, 1}}));
    const auto reversed = check_term({7, "reversed", {2025, 6, 1}, {2025, 5, 31}});
    ASSERT_FALSE(reversed);
    EXPECT_EQ(reversed.error(), (Refusal{ErrorCode::invalid, "term_ends_too_early", "last_day"}));
}

TEST(CouncilTerms, GiveRightsFromTheFirstMidnightToTheLast) {
    EXPECT_EQ(phase(sitting, begins - 1), Phase::before);
    EXPECT_EQ(phase(sitting, begins), Phase::current);
    EXPECT_EQ(phase(sitting, ends - 1), Phase::current);
    EXPECT_EQ(phase(sitting, ends), Phase::over);
}

TEST(CouncilTerms, TellWhenTheyChangeNext) {
    EXPECT_EQ(next_change(sitting, 0), begins);
    EXPECT_EQ(next_change(sitting, begins - 1), begins);
    EXPECT_EQ(next_change(sitting, begins), ends);
    EXPECT_EQ(next_change(sitting, ends - 1), ends);
    EXPECT_EQ(next_change(sitting, ends), std::nullopt);
}

TEST(CouncilTerms, OfTheDayOfAChangeAreAsLongAsThatDay) {
    constexpr Millis hour_ms = 3'600'000;
    const CouncilTerm spring{1, "spring", {2026, 3, 29}, {2026, 3, 29}};
    const CouncilTerm autumn{2, "autumn", {2026, 10, 25}, {2026, 10, 25}};
    EXPECT_EQ(*next_change(spring, *next_change(spring, 0)) - *next_change(spring, 0), 23 * hour_ms);
    EXPECT_EQ(*next_change(autumn, *next_change(autumn, 0)) - *next_change(autumn, 0), 25 * hour_ms);
}

TEST(CouncilTerms, OfTheLastDayThatCanBeToldEnd) {
    const CouncilTerm last{1, "last", {9999, 12, 31}, {9999, 12, 31}};
    EXPECT_EQ(*next_change(last, *next_change(last, 0)) - *next_change(last, 0), 24 * 3'600'000);
}

RC_GTEST_PROP(CouncilTerms, ThatFollowEachOtherLeaveNoInstantBetweenThem, ()) {
    const Date last{*rc::gen::inRange(1997, 2100), static_cast<std::uint8_t>(*rc::gen::inRange(1, 13)),
                    static_cast<std::uint8_t>(*rc::gen::inRange(1, 29))};
    const CouncilTerm first{1, "first", first_date, last};
    const CouncilTerm second{2, "second", next_day(last), {2200, 1, 1}};
    const auto change = *next_change(second, 0);
    const auto around = change + *rc::gen::inRange<Millis>(-100'000, 100'000);
    RC_ASSERT((phase(first, around) == Phase::current) != (phase(second, around) == Phase::current));
}

// The way of a clock over a term, from change to change.
RC_GTEST_PROP(CouncilTerms, ChangeExactlyWhenTheySay, ()) {
    const auto now = *rc::gen::inRange<Millis>(begins - 1'000'000, ends + 1'000'000);
    const auto change = next_change(sitting, now);
    if (!change) {
        RC_ASSERT(phase(sitting, now) == Phase::over);
        return;
    }
    RC_ASSERT(*change > now);
    RC_ASSERT(phase(sitting, *change - 1) == phase(sitting, now));
    RC_ASSERT(phase(sitting, *change) > phase(sitting, now));
}

}  // namespace
}  // namespace foorumi::forum
