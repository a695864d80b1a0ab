#include "base/crash_points.hpp"

#ifdef FOORUMI_CRASH_POINTS

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace foorumi {
namespace {

constexpr std::array crash_points = std::to_array<std::string_view>({
#define CRASH_POINT(name, where) #name,
#include "base/crash_points.def"
#undef CRASH_POINT
});

struct Wanted {
    CrashPoint point;
    std::uint32_t pass;
};

std::optional<Wanted> wanted() {
    const char* const set = std::getenv("FOORUMI_CRASH_POINT");
    if (set == nullptr || *set == 0) return std::nullopt;
    const std::string_view text(set);
    const auto colon = std::min(text.find(':'), text.size());
    const auto* const found = std::ranges::find(crash_points, text.substr(0, colon));
    const auto number = text.substr(std::min(colon + 1, text.size()));
    std::uint32_t pass = 0;
    const auto read = std::from_chars(number.data(), number.data() + number.size(), pass);
    if (found == crash_points.end() || read.ec != std::errc() || read.ptr != number.data() + number.size() || pass == 0)
        throw std::invalid_argument("FOORUMI_CRASH_POINT names no crash point and pass: " + std::string(text));
    return Wanted{static_cast<CrashPoint>(found - crash_points.begin()), pass};
}

}  // namespace

void pass(CrashPoint point) {
    static const auto crash = wanted();
    static std::atomic<std::uint32_t> passes{0};
    if (crash && point == crash->point && ++passes == crash->pass) std::raise(SIGKILL);
}

}  // namespace foorumi

#endif
