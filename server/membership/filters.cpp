#include "membership/filters.hpp"

#include <algorithm>

#include "filters/matcher.hpp"
#include "forum/text.hpp"
#include "membership/parts.hpp"

namespace foorumi::membership {
namespace {

forum::Result<void> check_filter(const Actor& actor, const SetFilter& command) {
    if (!command.kind) return invalid("filter_unknown", "kind");
    if (!command.action) return invalid("filter_unknown", "action");
    const auto limit = actor.limits.filters.pattern_bytes;
    if (auto checked = forum::check_title(command.pattern, limit, "pattern"); checked.has_error()) return checked;
    if (!filters::pattern_form(*command.kind, command.pattern))
        return invalid(*command.kind == forum::FilterKind::link ? "domain_invalid" : "pattern_empty", "pattern");
    return check_power_in(actor, command.forum);
}

v1::StoredFilters filters_at(const View& view, forum::Id forum) {
    auto entity = entity_at(view, filters_key(forum));
    return std::move(*entity.mutable_filters());
}

void put_filters(forum::Id forum, const v1::StoredFilters& stored, Decision& decision) {
    v1::DirectoryEntity entity;
    *entity.mutable_filters() = stored;
    decision.puts.push_back({filters_key(forum), entity.SerializeAsString(), {}});
}

// Also where there is nothing to change: somebody else's act may still wait for its fence.
Decision fenced() {
    Decision decision;
    decision.takes_away = true;
    return decision;
}

forum::Filter as_filter(const v1::FilterRecord& record) {
    return {record.number(),  static_cast<forum::FilterKind>(record.kind()),
            record.pattern(), static_cast<forum::FilterAction>(record.action()),
            record.set_ms(),  record.by()};
}

}  // namespace

std::string filters_key(forum::Id forum) { return "filters:" + std::to_string(forum); }

Keys needs(const Actor& actor, const SetFilter& command) {
    if (auto checked = check_filter(actor, command); checked.has_error()) return checked.error();
    return std::vector{filters_key(command.forum)};
}

forum::Result<Decision> decide(const Actor& actor, const SetFilter& command, const View& view) {
    if (auto checked = check_filter(actor, command); checked.has_error()) return checked.error();
    auto stored = filters_at(view, command.forum);
    const auto kind = static_cast<v1::FilterKind>(*command.kind);
    const auto action = static_cast<v1::FilterAction>(*command.action);
    auto& records = *stored.mutable_filters();
    auto found = std::ranges::find_if(records, [&](const v1::FilterRecord& record) {
        return record.kind() == kind && record.pattern() == command.pattern;
    });
    auto decision = fenced();
    if (found != records.end() && found->action() == action) return decision;
    if (found == records.end()) {
        if (static_cast<std::size_t>(records.size()) >= actor.limits.filters.per_place)
            return limited("too_many_filters", "forum");
        stored.set_last(stored.last() + 1);
        records.Add()->set_number(stored.last());
        found = records.end() - 1;
    }
    found->set_kind(kind);
    found->set_pattern(command.pattern);
    found->set_action(action);
    found->set_set_ms(actor.now);
    found->set_by(actor.member);
    decision.filter = as_filter(*found);
    put_filters(command.forum, stored, decision);
    return decision;
}

Keys needs(const Actor& actor, const LiftFilter& command) {
    if (auto checked = check_power_in(actor, command.forum); checked.has_error()) return checked.error();
    return std::vector{filters_key(command.forum)};
}

forum::Result<Decision> decide(const Actor& actor, const LiftFilter& command, const View& view) {
    if (auto checked = check_power_in(actor, command.forum); checked.has_error()) return checked.error();
    auto stored = filters_at(view, command.forum);
    auto& records = *stored.mutable_filters();
    const auto found = std::ranges::find(records, command.filter, &v1::FilterRecord::number);
    if (found == records.end()) return not_found("filter_not_found", "filter");
    auto decision = fenced();
    decision.filter = as_filter(*found);
    records.erase(found);
    put_filters(command.forum, stored, decision);
    return decision;
}

forum::Result<void> may_list_filters(const Actor& actor, forum::Id forum) { return check_power_in(actor, forum); }

}  // namespace foorumi::membership
