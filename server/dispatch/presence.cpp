#include "dispatch/presence.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace foorumi::dispatch {

void Presence::enter(forum::Id room_id, forum::Id member) {
    auto& room = rooms_[room_id];
    if (++room.own[member] == 1) room.own_changed = room.changed = true;
}

void Presence::leave(forum::Id room_id, forum::Id member) {
    auto room = rooms_.find(room_id);
    if (room == rooms_.end()) return;
    auto own = room->second.own.find(member);
    if (own == room->second.own.end() || --own->second > 0) return;
    room->second.own.erase(own);
    room->second.own_changed = room->second.changed = true;
}

void Presence::heard(forum::Id room_id, std::string_view node, std::vector<forum::Id> members, Time now) {
    auto& room = rooms_[room_id];
    auto other = room.others.find(node);
    if (other == room.others.end()) other = room.others.emplace(std::string(node), OtherNode{}).first;
    if (other->second.members != members) room.changed = true;
    other->second.members = std::move(members);
    other->second.heard = now;
}

std::vector<Presence::Own> Presence::due(Time now) {
    std::vector<Own> result;
    for (auto& [id, room] : rooms_) {
        const bool beat = !room.own.empty() && now >= room.next_heartbeat;
        if (!room.own_changed && !beat) continue;
        room.own_changed = false;
        room.next_heartbeat = now + heartbeat;
        Own own{id, {}};
        for (const auto& [member, sessions] : room.own) own.members.push_back(member);
        result.push_back(std::move(own));
    }
    return result;
}

void Presence::expire(Room& room, Time now) {
    auto gone = std::erase_if(room.others, [now](const auto& entry) { return now - entry.second.heard > expiry; });
    if (gone > 0) room.changed = true;
}

std::vector<Presence::Changed> Presence::changes(Time now) {
    std::vector<Changed> result;
    for (auto it = rooms_.begin(); it != rooms_.end();) {
        auto& [id, room] = *it;
        expire(room, now);
        if (std::exchange(room.changed, false)) {
            auto present = all(room);
            Changed changed{id, {}};
            std::ranges::set_difference(present, room.told, std::back_inserter(changed.change.joined));
            std::ranges::set_difference(room.told, present, std::back_inserter(changed.change.left));
            changed.change.present = present.size();
            changed.change.before = room.told.size();
            room.told = std::move(present);
            if (!changed.change.joined.empty() || !changed.change.left.empty()) result.push_back(std::move(changed));
        }
        const bool empty = room.own.empty() && room.others.empty() && room.told.empty() && !room.own_changed;
        it = empty ? rooms_.erase(it) : std::next(it);
    }
    return result;
}

std::vector<forum::Id> Presence::members(forum::Id room_id) const {
    auto room = rooms_.find(room_id);
    if (room == rooms_.end()) return {};
    auto present = all(room->second);
    return {present.begin(), present.end()};
}

std::set<forum::Id> Presence::all(const Room& room) {
    std::set<forum::Id> present;
    for (const auto& [member, sessions] : room.own) present.insert(member);
    for (const auto& [node, other] : room.others) present.insert(other.members.begin(), other.members.end());
    return present;
}

}  // namespace foorumi::dispatch
