#include "client/local_time.hpp"

#include <charconv>
#include <ctime>

namespace foorumi::client {
namespace {

// The digits from `at` on, `count` of them, within the bounds.
std::optional<int> part(std::string_view text, std::size_t at, std::size_t count, int least, int most) {
    int value = 0;
    const auto* const end = text.data() + at + count;
    const auto [stop, error] = std::from_chars(text.data() + at, end, value);
    if (error != std::errc{} || stop != end || value < least || value > most) return std::nullopt;
    return value;
}

}  // namespace

std::optional<std::int64_t> read_local_time(std::string_view text) {
    constexpr std::string_view day_form = "2026-12-31", time_form = "2026-12-31T18:00";
    const bool timed = text.size() == time_form.size();
    if (!timed && text.size() != day_form.size()) return std::nullopt;
    if (text[4] != '-' || text[7] != '-') return std::nullopt;
    if (timed && (text[10] != 'T' || text[13] != ':')) return std::nullopt;
    const auto year = part(text, 0, 4, 1970, 9999), month = part(text, 5, 2, 1, 12), day = part(text, 8, 2, 1, 31);
    const auto hour = timed ? part(text, 11, 2, 0, 23) : std::optional(0);
    const auto minute = timed ? part(text, 14, 2, 0, 59) : std::optional(0);
    if (!year || !month || !day || !hour || !minute) return std::nullopt;
    std::tm local{};
    local.tm_year = *year - 1900;
    local.tm_mon = *month - 1;
    local.tm_mday = *day;
    local.tm_isdst = -1;
    std::tm begin = local;
    if (std::mktime(&begin) == -1 || begin.tm_mday != *day) return std::nullopt;  // such as February 30
    local.tm_hour = *hour;
    local.tm_min = *minute;
    if (!timed) ++local.tm_mday;
    const std::time_t seconds = std::mktime(&local);
    if (seconds == -1) return std::nullopt;
    return std::int64_t{seconds} * 1000;
}

}  // namespace foorumi::client
