#include "client/times.hpp"

#include <array>
#include <charconv>
#include <ctime>

namespace foorumi::client {
namespace {

// Digits only, as many as there are in the text.
std::optional<int> digits(std::string_view text) {
    int value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return value;
}

bool has_form(std::string_view text) {
    if (text.size() != 10 && text.size() != 16) return false;
    if (text[4] != '-' || text[7] != '-') return false;
    return text.size() == 10 || ((text[10] == ' ' || text[10] == 'T') && text[13] == ':');
}

}  // namespace

std::optional<std::int64_t> parse_time(std::string_view text, OfDay of_day) {
    if (!has_form(text)) return std::nullopt;
    const bool with_hour = text.size() == 16;
    const std::array parts{digits(text.substr(0, 4)), digits(text.substr(5, 2)), digits(text.substr(8, 2)),
                           digits(with_hour ? text.substr(11, 2) : "0"), digits(with_hour ? text.substr(14, 2) : "0")};
    for (const auto& part : parts)
        if (!part) return std::nullopt;
    std::tm local{};
    local.tm_year = *parts[0] - 1900;
    local.tm_mon = *parts[1] - 1;
    local.tm_mday = *parts[2];
    local.tm_hour = *parts[3];
    local.tm_min = *parts[4];
    local.tm_isdst = -1;
    std::tm asked = local;
    auto seconds = std::mktime(&local);
    // A day or an hour that there is not becomes another one.
    if (local.tm_mon != asked.tm_mon || local.tm_mday != asked.tm_mday || asked.tm_hour > 23 || asked.tm_min > 59)
        return std::nullopt;
    if (!with_hour && of_day == OfDay::end) {
        ++asked.tm_mday;
        seconds = std::mktime(&asked);
    }
    if (seconds < 0) return std::nullopt;
    return std::int64_t{seconds} * 1000;
}

}  // namespace foorumi::client
