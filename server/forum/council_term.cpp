#include "forum/council_term.hpp"

#include "forum/rule_parts.hpp"

namespace foorumi::forum {
namespace {

Millis begin_of(const CouncilTerm& term) { return midnight_in_finland(term.first_day); }
Millis end_of(const CouncilTerm& term) { return midnight_in_finland(next_day(term.last_day)); }

}  // namespace

Result<void> check_term(const CouncilTerm& term) {
    if (term.last_day < term.first_day) {
        return parts::refusal(ErrorCode::invalid, "term_ends_too_early", "last_day");
    }
    return {};
}

Phase phase(const CouncilTerm& term, Millis now) {
    if (now < begin_of(term)) return Phase::before;
    return now < end_of(term) ? Phase::current : Phase::over;
}

std::optional<Millis> next_change(const CouncilTerm& term, Millis now) {
    switch (phase(term, now)) {
        case Phase::before:
            return begin_of(term);
        case Phase::current:
            return end_of(term);
        case Phase::over:
            break;
    }
    return std::nullopt;
}

}  // namespace foorumi::forum
