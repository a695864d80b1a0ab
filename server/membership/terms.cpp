#include "forum/council_term.hpp"
#include "forum/text.hpp"
#include "membership/parts.hpp"

namespace foorumi::membership {
namespace {

forum::Result<forum::CouncilTerm> term_of(std::string_view name, std::string_view first, std::string_view last) {
    const auto begin = forum::parse_date(first, "first_day");
    if (begin.has_error()) return begin.error();
    const auto end = forum::parse_date(last, "last_day");
    if (end.has_error()) return end.error();
    forum::CouncilTerm term{0, std::string(name), *begin, *end};
    if (auto checked = forum::check_term(term); checked.has_error()) return checked.error();
    return term;
}

// Of two nodes whose clocks differ, the one behind does not turn back what the other has turned; but what a clock has
// turned that was far ahead, and was put right, is turned back.
bool may_turn(forum::Millis turned, forum::Millis now) {
    constexpr forum::Millis tolerance = 60LL * 60 * 1000;
    return now > turned || turned - now >= tolerance;
}

bool is_on(const forum::CouncilTerm& term, forum::Millis now) {
    return forum::phase(term, now) == forum::Phase::current;
}

forum::Result<void> check(const Actor& actor, const PutTerm& command) {
    if (!is_administrator(actor)) return forbidden("administrators_only");
    if (auto checked = forum::check_title(command.name, actor.limits.term_name_bytes, "name"); checked.has_error())
        return checked;
    if (const auto term = term_of(command.name, command.first_day, command.last_day); term.has_error())
        return term.error();
    if (command.term != 0 && actor.directory.term(command.term) == nullptr) return not_found("term_not_found", "term");
    if (command.term == 0 && actor.directory.terms().size() >= actor.limits.terms)
        return limited("too_many_terms", "term");
    return {};
}

}  // namespace

Keys needs(const Actor& actor, const PutTerm& command) {
    if (auto checked = check(actor, command); checked.has_error()) return checked.error();
    if (command.term == 0) return std::vector<std::string>();
    return std::vector{term_key(command.term)};
}

forum::Result<Decision> decide(const Actor& actor, const PutTerm& command, const View& view) {
    if (auto checked = check(actor, command); checked.has_error()) return checked.error();
    v1::DirectoryEntity before;
    if (command.term != 0) before = entity_at(view, term_key(command.term));
    if (command.term != 0 && !before.has_term()) return not_found("term_not_found", "term");
    const auto term = term_of(command.name, command.first_day, command.last_day);
    v1::DirectoryEntity entity;
    auto& stored = *entity.mutable_term();
    stored.set_name(command.name);
    stored.set_first_day(command.first_day);
    stored.set_last_day(command.last_day);
    stored.set_current(is_on(*term, actor.now));
    stored.set_turned_ms(before.term().turned_ms());
    Decision decision;
    if (before.has_term() && before.term().SerializeAsString() == stored.SerializeAsString()) return decision;
    stored.set_turned_ms(actor.now);
    decision.puts.push_back({command.term == 0 ? "term:@" : term_key(command.term), entity.SerializeAsString(), {}});
    decision.takes_away = command.term != 0;
    return decision;
}

std::vector<forum::Id> terms_to_turn(const Actor& actor) {
    std::vector<forum::Id> turning;
    for (const auto* card : actor.directory.terms()) {
        const auto term = term_of(card->name, card->first_day, card->last_day);
        if (term.has_value() && is_on(*term, actor.now) != card->current && may_turn(card->turned, actor.now))
            turning.push_back(card->id);
    }
    return turning;
}

Keys needs(const Actor&, const TurnTerms& command) {
    std::vector<std::string> keys;
    for (const auto id : command.terms) keys.push_back(term_key(id));
    return keys;
}

forum::Result<Decision> decide(const Actor& actor, const TurnTerms& command, const View& view) {
    Decision decision;
    for (const auto id : command.terms) {
        auto entity = entity_at(view, term_key(id));
        if (!entity.has_term()) continue;
        auto& stored = *entity.mutable_term();
        const auto term = term_of(stored.name(), stored.first_day(), stored.last_day());
        if (term.has_error() || is_on(*term, actor.now) == stored.current()) continue;
        if (!may_turn(stored.turned_ms(), actor.now)) continue;
        stored.set_current(!stored.current());
        stored.set_turned_ms(actor.now);
        decision.puts.push_back({term_key(id), entity.SerializeAsString(), {}});
    }
    decision.takes_away = !decision.puts.empty();
    return decision;
}

}  // namespace foorumi::membership
