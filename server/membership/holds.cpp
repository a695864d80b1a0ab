#include "membership/holds.hpp"

#include <algorithm>
#include <utility>

#include "forum/text.hpp"
#include "membership/place_parts.hpp"

namespace foorumi::membership {

using namespace places;

namespace {

std::string held_room_key(forum::Id id) { return "room:" + std::to_string(id); }

Checked check_hold(const Actor& actor, const SetHold& command) {
    if (auto reason = forum::check_text(command.reason, actor.limits.reason_bytes, "reason"); reason.has_error())
        return reason;
    if (!is_administrator(actor)) return forbidden("administrators_only");
    auto absent = not_found("room_not_found", "room");
    const auto* room = actor.directory.room(command.room);
    if (room == nullptr) return absent;
    return not_restrained_in(actor, room->forum, absent);
}

Checked check_retention(const Actor& actor, const SetRetention& command) {
    if (command.days > actor.limits.places.retention_days) return invalid("retention_too_long", "days");
    const auto room = visible_room(actor, command.room, "room");
    if (room.has_error()) return room.error();
    if (!arranges(actor, (*room)->forum)) return forbidden("moderators_only", "room");
    return {};
}

// Also where somebody else has done so a moment ago.
Decision fenced_put(const std::string& key, const std::string& before, std::string after) {
    Decision decision;
    decision.takes_away = true;
    if (after != before) decision.puts.push_back({key, std::move(after), {}});
    return decision;
}

v1::Hold hold_of(const Actor& actor, const SetHold& command) {
    v1::Hold hold;
    hold.set_thread(command.thread);
    hold.set_reason(command.reason);
    hold.set_by(actor.member);
    hold.set_at_ms(actor.now);
    return hold;
}

}  // namespace

Keys needs(const Actor& actor, const SetHold& command) {
    if (auto checked = check_hold(actor, command); checked.has_error()) return checked.error();
    return std::vector{held_room_key(command.room)};
}

forum::Result<Decision> decide(const Actor& actor, const SetHold& command, const View& view) {
    if (auto checked = check_hold(actor, command); checked.has_error()) return checked.error();
    const auto key = held_room_key(command.room);
    auto entity = entity_at(view, key);
    const auto before = entity.SerializeAsString();
    auto& holds = *entity.mutable_room()->mutable_holds();
    const auto found = std::ranges::find(holds, command.thread, &v1::Hold::thread);
    if (!command.held) {
        if (found != holds.end()) holds.erase(found);
    } else if (found != holds.end()) {
        if (found->reason() != command.reason) *found = hold_of(actor, command);
    } else {
        if (static_cast<std::size_t>(holds.size()) >= actor.limits.places.holds)
            return limited("too_many_holds", "room");
        *holds.Add() = hold_of(actor, command);
        std::ranges::sort(holds, {}, &v1::Hold::thread);
    }
    return fenced_put(key, before, entity.SerializeAsString());
}

Keys needs(const Actor& actor, const SetRetention& command) {
    if (auto checked = check_retention(actor, command); checked.has_error()) return checked.error();
    return std::vector{held_room_key(command.room)};
}

forum::Result<Decision> decide(const Actor& actor, const SetRetention& command, const View& view) {
    if (auto checked = check_retention(actor, command); checked.has_error()) return checked.error();
    const auto key = held_room_key(command.room);
    auto entity = entity_at(view, key);
    const auto before = entity.SerializeAsString();
    entity.mutable_room()->set_retention_days(command.days);
    auto decision = fenced_put(key, before, entity.SerializeAsString());
    if (decision.puts.empty()) return decision;
    forum::Effect told;
    told.room = command.room;
    decision.effects.push_back(std::move(told));
    return decision;
}

}  // namespace foorumi::membership
