#include "forum/calendar.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "forum/rule_parts.hpp"

namespace foorumi::forum {
namespace {

constexpr Millis hour_ms = 3'600'000;
constexpr Millis day_ms = 24 * hour_ms;

bool is_leap_year(std::int32_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

std::uint8_t days_in_month(std::int32_t year, std::uint8_t month) {
    constexpr std::array<std::uint8_t, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap_year(year) ? 29 : days.at(month - 1U);
}

// Days since 1970-01-01. After days_from_civil of Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms": years
// begin with March, so that the leap day is the last. REQUIRES: a year after 0.
std::int64_t days_since_1970(const Date& date) {
    const std::int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    const std::int64_t month = date.month <= 2 ? date.month + 9 : date.month - 3;
    const std::int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
    constexpr std::int64_t days_before_1970 = 719'468;  // from 0000-03-01
    return year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - days_before_1970;
}

// REQUIRES: a month of 31 days; 1970 or later.
Date last_sunday(std::int32_t year, std::uint8_t month) {
    constexpr std::int64_t thursday = 4;  // 1970-01-01, from Sunday = 0
    const auto weekday = (days_since_1970({year, month, 31}) + thursday) % 7;
    return {year, month, static_cast<std::uint8_t>(31 - weekday)};
}

// The whole of the text as digits; nothing where there is anything else.
std::optional<std::int32_t> number_of(std::string_view digits) {
    if (!std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
    std::int32_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

std::optional<Date> existing_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const auto year = number_of(text.substr(0, 4));
    const auto month = number_of(text.substr(5, 2));
    const auto day = number_of(text.substr(8, 2));
    if (!year || !month || !day || *month < 1 || *month > 12 || *day < 1) return std::nullopt;
    const Date date{*year, static_cast<std::uint8_t>(*month), static_cast<std::uint8_t>(*day)};
    if (date.day > days_in_month(date.year, date.month)) return std::nullopt;
    return date;
}

void append_two_digits(std::string& out, std::int32_t value) {
    out.push_back(static_cast<char>('0' + value / 10));
    out.push_back(static_cast<char>('0' + value % 10));
}

}  // namespace

Result<Date> parse_date(std::string_view text, std::string_view field) {
    const auto date = existing_date(text);
    if (!date) return parts::refusal(ErrorCode::invalid, "date_invalid", field);
    if (*date < first_date) return parts::refusal(ErrorCode::invalid, "date_too_early", field);
    return *date;
}

std::string iso_text(const Date& date) {
    std::string out;
    append_two_digits(out, date.year / 100);
    append_two_digits(out, date.year % 100);
    out.push_back('-');
    append_two_digits(out, date.month);
    out.push_back('-');
    append_two_digits(out, date.day);
    return out;
}

Date next_day(const Date& date) {
    if (date.day < days_in_month(date.year, date.month)) {
        return {date.year, date.month, static_cast<std::uint8_t>(date.day + 1)};
    }
    if (date.month < 12) return {date.year, static_cast<std::uint8_t>(date.month + 1), 1};
    return {date.year + 1, 1, 1};
}

Millis midnight_in_finland(const Date& date) {
    // The Sundays themselves begin before the change.
    const bool summer = date > last_sunday(date.year, 3) && date <= last_sunday(date.year, 10);
    return days_since_1970(date) * day_ms - (summer ? 3 : 2) * hour_ms;
}

}  // namespace foorumi::forum
