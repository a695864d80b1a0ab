#include "forum/calendar.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

namespace foorumi::forum {
namespace {

constexpr Millis day_ms = 24LL * 3600 * 1000;

Refusal date_refusal(std::string_view reason) { return {ErrorCode::invalid, std::string(reason), "first_day"}; }

struct Run {
    std::int64_t midnight_s = 0;
    std::int64_t offset_s = 0;
};

// By the first day of each run of days with the same offset.
std::map<std::string, Run> system_midnights() {
    std::ifstream file(FOORUMI_SOURCE_DIR "/tests/data/helsinki-midnights.txt");
    std::map<std::string, Run> runs;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('#')) continue;
        std::istringstream words(line);
        std::string day;
        Run run;
        words >> day >> run.midnight_s >> run.offset_s;
        runs[day] = run;
    }
    return runs;
}

TEST(Dates, AreReadAndWrittenInTheSameForm) {
    for (const auto* text : {"1996-01-01", "2000-02-29", "2025-06-01", "2028-12-31", "9999-12-31"}) {
        const auto date = parse_date(text, "first_day");
        ASSERT_TRUE(date) << text;
        EXPECT_EQ(iso_text(*date), text);
    }
    EXPECT_EQ(*parse_date("2025-06-01", "first_day"), (Date{2025, 6, 1}));
}

TEST(Dates, InAnotherFormAreRefused) {
    for (const auto* text :
         {"", "2025-6-1", "2025-06-1", "2025-06-01 ", " 2025-06-01", "25-06-01", "2025/06/01", "20250601", "1.6.2025",
          "2025-06-01T00:00", "2025-+6-01", "-025-06-01", "2025-06-0x", "+025-06-01", "２０２５-06-01", "2025-06--1"}) {
        const auto date = parse_date(text, "first_day");
        ASSERT_FALSE(date) << text;
        EXPECT_EQ(date.error(), date_refusal("date_invalid")) << text;
    }
}

TEST(Dates, ThatDoNotExistAreRefused) {
    for (const auto* text : {"2025-00-01", "2025-13-01", "2025-01-00", "2025-01-32", "2025-04-31", "2025-02-29",
                             "2100-02-29", "2024-02-30", "0000-00-00"}) {
        const auto date = parse_date(text, "first_day");
        ASSERT_FALSE(date) << text;
        EXPECT_EQ(date.error(), date_refusal("date_invalid")) << text;
    }
    EXPECT_TRUE(parse_date("2024-02-29", "first_day"));
    EXPECT_TRUE(parse_date("2400-02-29", "first_day"));
}

TEST(Dates, BeforeTheCommonRuleAreRefused) {
    EXPECT_TRUE(parse_date("1996-01-01", "first_day"));
    const auto early = parse_date("1995-12-31", "first_day");
    ASSERT_FALSE(early);
    EXPECT_EQ(early.error(), date_refusal("date_too_early"));
}

TEST(Midnights, AreThoseOfTheTimeZoneDatabase) {
    auto runs = system_midnights();
    ASSERT_EQ(runs.size(), 131U);  // the first, and two a year
    std::int64_t utc_s = 0;        // of the day's 00:00 UTC
    std::int64_t offset_s = 0;
    std::size_t met = 0;
    for (Date date = first_date; date.year < 2061; date = next_day(date), utc_s += 86'400) {
        if (const auto run = runs.find(iso_text(date)); run != runs.end()) {
            offset_s = run->second.offset_s;
            if (met == 0) utc_s = run->second.midnight_s + offset_s;
            ASSERT_EQ(utc_s - offset_s, run->second.midnight_s) << run->first;
            ++met;
        }
        ASSERT_EQ(midnight_in_finland(date), (utc_s - offset_s) * 1000) << iso_text(date);
    }
    EXPECT_EQ(met, runs.size());
}

TEST(Midnights, AreADayApartButForTheDaysOfTheChanges) {
    EXPECT_EQ(midnight_in_finland({2025, 3, 31}) - midnight_in_finland({2025, 3, 30}), 23 * day_ms / 24);
    EXPECT_EQ(midnight_in_finland({2025, 10, 27}) - midnight_in_finland({2025, 10, 26}), 25 * day_ms / 24);
    EXPECT_EQ(midnight_in_finland({2025, 6, 1}), 1'748'725'200'000);  // 2025-05-31T21:00Z
    EXPECT_EQ(midnight_in_finland({2025, 12, 31}), 1'767'132'000'000);
}

RC_GTEST_PROP(Dates, FollowEachOtherInTheirOwnOrder, ()) {
    const Date date{*rc::gen::inRange(1996, 9999), static_cast<std::uint8_t>(*rc::gen::inRange(1, 13)),
                    static_cast<std::uint8_t>(*rc::gen::inRange(1, 29))};
    Date next = date;
    for (int days = 0; days < 5; ++days) {
        const Date before = next;
        next = next_day(before);
        RC_ASSERT(before < next);
        RC_ASSERT(iso_text(before) < iso_text(next));
        RC_ASSERT(*parse_date(iso_text(next), "first_day") == next);
        const auto length = midnight_in_finland(next) - midnight_in_finland(before);
        RC_ASSERT(length >= 23 * day_ms / 24 && length <= 25 * day_ms / 24);
    }
}

}  // namespace
}  // namespace foorumi::forum
