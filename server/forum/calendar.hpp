// Dates of the Gregorian calendar, and the instants at which they begin in Finland. Pure: no table of time zones is
// read.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "forum/decision.hpp"

namespace foorumi::forum {

struct Date {
    std::int32_t year = 0;
    std::uint8_t month = 0;  // 1 to 12
    std::uint8_t day = 0;    // 1 to 31
    friend constexpr auto operator<=>(const Date&, const Date&) = default;
};

// From this day on the rule of midnight_in_finland() holds.
inline constexpr Date first_date{1996, 1, 1};

// Exactly "2025-06-01", a day that exists, from first_date to 9999-12-31. Reasons: date_invalid, date_too_early.
[[nodiscard]] Result<Date> parse_date(std::string_view text, std::string_view field);

// As parse_date() reads it. REQUIRES: a date of this calendar, of a year of four digits.
[[nodiscard]] std::string iso_text(const Date& date);

[[nodiscard]] Date next_day(const Date& date);

// 00:00 of that day in Europe/Helsinki: UTC+2, and UTC+3 from 01:00 UTC of March's last Sunday to 01:00 UTC of
// October's (Directive 2000/84/EC, articles 2 and 3; the dates are those of all member states since 1996). Clocks never
// change at midnight, so there is one such instant each day. REQUIRES: not before first_date.
[[nodiscard]] Millis midnight_in_finland(const Date& date);

}  // namespace foorumi::forum
