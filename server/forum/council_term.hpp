// Terms of office: from the first day's beginning to the last day's end in Finland, its rights hold. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "forum/calendar.hpp"

namespace foorumi::forum {

struct CouncilTerm {
    Id id = 0;
    std::string name;
    Date first_day;
    Date last_day;  // the rights hold on this day, too
    friend bool operator==(const CouncilTerm&, const CouncilTerm&) = default;
};

// A term of one day is one. Reason: term_ends_too_early (last_day). REQUIRES: dates as parse_date() gives them.
[[nodiscard]] Result<void> check_term(const CouncilTerm& term);

enum class Phase : std::uint8_t { before, current, over };

// `now` in milliseconds since 1970-01-01 UTC. The first instant of the first day is current, the first instant after
// the last day is over.
[[nodiscard]] Phase phase(const CouncilTerm& term, Millis now);

// When the phase will be another. Nothing: it is over.
[[nodiscard]] std::optional<Millis> next_change(const CouncilTerm& term, Millis now);

}  // namespace foorumi::forum
