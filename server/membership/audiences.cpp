#include "directory/codec.hpp"
#include "membership/parts.hpp"

namespace foorumi::membership {
namespace {

std::string key_of(const SetAudience& command) {
    return command.room != 0 ? "room:" + std::to_string(command.room) : "forum:" + std::to_string(command.forum);
}

// Left out, what is not known would leave an empty list, which admits all.
forum::Result<void> check_known(const forum::Audience& audience) {
    forum::Roles roles;
    for (const auto role : forum::all_roles) roles.add(role);
    forum::MunicipalitySizes sizes;
    for (const auto size : forum::municipality_sizes) sizes.add(size);
    if (!roles.includes(audience.read) || !roles.includes(audience.write)) return invalid("role_unknown", "audience");
    if (!sizes.includes(audience.sizes)) return invalid("size_unknown", "audience");
    return {};
}

}  // namespace

forum::Result<void> check_audience(const Actor& actor, const forum::Audience& audience) {
    if (auto checked = check_known(audience); checked.has_error()) return checked;
    if (audience.municipalities.size() > actor.limits.audience_entries)
        return limited("too_many_municipalities", "audience");
    if (audience.terms.size() > actor.limits.audience_entries) return limited("too_many_terms", "audience");
    for (const auto& code : audience.municipalities)
        if (actor.directory.municipality(code) == nullptr) return not_found("municipality_not_found", "audience");
    for (const auto term : audience.terms)
        if (actor.directory.term(term) == nullptr) return not_found("term_not_found", "audience");
    return {};
}

namespace {

forum::Result<void> check_target(const Actor& actor, const SetAudience& command) {
    if (!is_administrator(actor)) return forbidden("administrators_only");
    if ((command.room == 0) == (command.forum == 0)) return invalid("forum_or_room", "forum");
    const auto* room = actor.directory.room(command.room);
    auto absent = command.room != 0 ? not_found("room_not_found", "room") : not_found("forum_not_found", "forum");
    if (command.room != 0 && room == nullptr) return absent;
    const auto forum = room != nullptr ? room->forum : command.forum;
    if (actor.directory.forum(forum) == nullptr) return absent;
    if (auto free = not_restrained_in(actor, forum, absent); free.has_error()) return free;
    if (command.forum != 0) {
        if (!command.audience) return invalid("audience_missing", "audience");
    }
    return command.audience ? check_audience(actor, *command.audience) : forum::Result<void>();
}

}  // namespace

Keys needs(const Actor& actor, const SetAudience& command) {
    if (auto checked = check_target(actor, command); checked.has_error()) return checked.error();
    return std::vector{key_of(command)};
}

forum::Result<Decision> decide(const Actor& actor, const SetAudience& command, const View& view) {
    if (auto checked = check_target(actor, command); checked.has_error()) return checked.error();
    auto stored = entity_at(view, key_of(command));
    const forum::Audience next = command.audience.value_or(forum::Audience());
    forum::Audience present;
    // Whatever else is there stays, also what this release does not know.
    if (command.room != 0) {
        present = directory::room_card(command.room, stored.room()).audience.value_or(forum::Audience());
        stored.mutable_room()->clear_audience();
        if (command.audience) directory::audience_to(next, *stored.mutable_room()->mutable_audience());
    } else {
        present = directory::forum_card(command.forum, stored.forum()).audience;
        stored.mutable_forum()->clear_audience();
        directory::audience_to(next, *stored.mutable_forum()->mutable_audience());
    }
    auto bytes = stored.SerializeAsString();
    if (forum::may_widen(present, next) && !command.exposes_history)
        return forbidden("audience_widens", "exposes_history");
    Decision decision;
    decision.takes_away = true;  // also where somebody else has done so a moment ago
    if (view.at(key_of(command)) == bytes) return decision;
    decision.puts.push_back({key_of(command), std::move(bytes), {}});
    return decision;
}

}  // namespace foorumi::membership
