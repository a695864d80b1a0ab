// The two ways a log line is written. Pure: a line's parts in, bytes out.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "observability/logging.hpp"

namespace foorumi::observability {

struct Line {
    std::chrono::system_clock::time_point time;
    std::string_view level;
    std::string_view message;
    std::span<const Field> fields;
};

// Both end with a line feed.
[[nodiscard]] std::string text_line(const Line& line);
[[nodiscard]] std::string json_line(const Line& line);

}  // namespace foorumi::observability
