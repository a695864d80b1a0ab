// Times as they are written on a command line. Pure, but for the time zone.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace foorumi::client {

enum class OfDay : std::uint8_t { begin, end };

// "2026-11-27", or "2026-11-27 12:30", with a space or a T, by the local clock: milliseconds since 1970. `of_day`: what
// a day without an hour stands for.
[[nodiscard]] std::optional<std::int64_t> parse_time(std::string_view text, OfDay of_day = OfDay::begin);

}  // namespace foorumi::client
