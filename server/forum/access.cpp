#include "forum/access.hpp"

#include <algorithm>
#include <array>

namespace foorumi::forum {
namespace {

bool moderates(const MemberCard& member, Id forum) {
    return std::find(member.moderates.begin(), member.moderates.end(), forum) != member.moderates.end();
}

// While they are some by role.
bool is_moderator_of(const MemberCard& member, Id forum) {
    return member.roles.has(Role::moderator) && moderates(member, forum);
}

template <class T>
bool contains(const std::vector<T>& list, const T& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

bool of_size(const Directory& directory, MunicipalitySizes sizes, const MemberCard& member) {
    const auto size = directory.size_class(member.municipality);
    return size && sizes.has(*size);
}

bool admits_reader(const Directory& directory, const Audience& audience, const MemberCard& member) {
    if (!audience.read.empty() && !audience.read.intersects(member.roles)) return false;
    if (!audience.municipalities.empty() && !contains(audience.municipalities, member.municipality)) return false;
    if (!audience.sizes.empty() && !of_size(directory, audience.sizes, member)) return false;
    return audience.terms.empty() || std::any_of(member.terms.begin(), member.terms.end(),
                                                 [&](Id term) { return contains(audience.terms, term); });
}

// Of one who is admitted as a reader.
bool admits_writer(const Audience& audience, Roles roles) {
    return audience.write.empty() || audience.write.intersects(roles);
}

bool shuts_out(SanctionKind kind) { return kind == SanctionKind::suspend || kind == SanctionKind::ban; }

template <class OfKind>
bool is_restrained(const MemberCard& member, Id forum, Millis now, OfKind of_kind) {
    return std::any_of(member.restraints.begin(), member.restraints.end(), [&](const Restraint& restraint) {
        const bool here = restraint.forum == 0 || restraint.forum == forum;
        return here && of_kind(restraint.kind) && (restraint.until == 0 || now < restraint.until);
    });
}

bool may_read_room(const Directory& directory, const MemberCard& member, const RoomCard& room, Millis now) {
    const ForumCard* forum = directory.forum(room.forum);
    if (forum == nullptr || is_shut_out(member, forum->id, now)) return false;
    if (moderates(member, forum->id)) return true;
    return admits_reader(directory, forum->audience, member) &&
           (!room.audience || admits_reader(directory, *room.audience, member));
}

// The lists of an audience, each by itself.
std::array<Audience, 4> lists_of(const Audience& audience) {
    std::array<Audience, 4> lists;
    lists[0].read = audience.read;
    lists[1].municipalities = audience.municipalities;
    lists[2].sizes = audience.sizes;
    lists[3].terms = audience.terms;
    return lists;
}

// Whether what all of `next` admit may go beyond what one list of `present` does.
bool list_widens(const Audience& list, const std::vector<Audience>& next) {
    return std::ranges::all_of(next, [&](const auto& audience) { return may_widen(list, audience); });
}

std::vector<Audience> audiences_of(const ForumCard& forum, const RoomCard& room) {
    std::vector<Audience> all{forum.audience};
    if (room.audience) all.push_back(*room.audience);
    return all;
}

}  // namespace

bool is_shut_out(const MemberCard& member, Id forum, Millis now) {
    return is_restrained(member, forum, now, shuts_out);
}

bool is_muted(const MemberCard& member, Id forum, Millis now) {
    return is_restrained(member, forum, now, [](SanctionKind kind) { return kind == SanctionKind::mute; });
}

bool may_read(const Directory& directory, const MemberCard& member, const ChannelName& channel, Millis now) {
    switch (channel.kind) {
        case ChannelKind::room: {
            const RoomCard* room = directory.room(channel.id);
            return room != nullptr && may_read_room(directory, member, *room, now);
        }
        case ChannelKind::member:
            return channel.id != 0 && channel.id == member.id && !is_shut_out(member, 0, now);
        case ChannelKind::moderation:
            return directory.forum(channel.id) != nullptr && is_moderator_of(member, channel.id) &&
                   !is_shut_out(member, channel.id, now);
        case ChannelKind::directory:
            return false;
    }
    return false;
}

bool may_write(const Directory& directory, const MemberCard& member, const RoomCard& room, Millis now) {
    if (!may_read_room(directory, member, room, now) || is_muted(member, room.forum, now)) return false;
    const ForumCard* forum = directory.forum(room.forum);
    if (moderates(member, forum->id)) return true;
    return admits_writer(forum->audience, member.roles) &&
           (!room.audience || admits_writer(*room.audience, member.roles));
}

std::string_view why_not_write(const MemberCard& member, const RoomCard& room, Millis now) {
    return is_muted(member, room.forum, now) ? "muted" : "may_not_write";
}

bool may_moderate(const Directory& directory, const MemberCard& member, Id forum, Millis now) {
    if (directory.forum(forum) == nullptr) return false;
    if (is_shut_out(member, forum, now) || is_muted(member, forum, now)) return false;
    return member.roles.has(Role::administrator) || is_moderator_of(member, forum);
}

bool may_see_held(const Directory& directory, const MemberCard& member, Id forum, Id author, Millis now) {
    return may_read(directory, member, {ChannelKind::moderation, forum}, now) ||
           (author == member.id && !is_shut_out(member, forum, now));
}

bool may_read_forum(const Directory& directory, const MemberCard& member, const ForumCard& forum, Millis now) {
    return !is_shut_out(member, forum.id, now) &&
           (moderates(member, forum.id) || admits_reader(directory, forum.audience, member));
}

bool may_arrange(const Directory& directory, const MemberCard& member, Id forum, Millis now) {
    if (forum != 0) return may_moderate(directory, member, forum, now);
    return member.roles.has(Role::administrator) && !is_shut_out(member, 0, now) && !is_muted(member, 0, now);
}

bool is_archived(const Directory& directory, const RoomCard& room) {
    const ForumCard* forum = directory.forum(room.forum);
    return room.archived || (forum != nullptr && forum->archived);
}

bool is_held(const RoomCard& room, Id thread) {
    return std::ranges::any_of(room.holds, [&](Id held) { return held == 0 || held == thread; });
}

bool holds_kept(const RoomCard& room) { return !room.holds.empty(); }

Room told_of(const Directory& directory, const RoomCard& room) {
    const ForumCard* forum = directory.forum(room.forum);
    const bool with_forum = forum != nullptr && forum->archived;
    Room told{room.forum, room.slug, room.title, room.description, room.archived || with_forum};
    told.archive_reason = room.archived ? room.archive_reason : with_forum ? forum->archive_reason : std::string();
    told.retention_days = room.retention_days;
    told.as_of = forum == nullptr ? room.changed : std::max(room.changed, forum->changed);
    return told;
}

void put_in_force(const Directory& directory, MemberCard& member) {
    if (member.grants.empty()) return;
    member.roles = {};
    member.terms.clear();
    for (const auto& grant : member.grants) {
        if (grant.term != 0 && !directory.term_current(grant.term)) continue;
        member.roles.add(grant.role);
        if (grant.term != 0 && !contains(member.terms, grant.term)) member.terms.push_back(grant.term);
    }
}

Badge badge_of(const Directory& directory, const MemberCard& member) {
    Badge badge{member.roles, member.municipality, {}};
    for (const auto& position : member.positions)
        if (position.term == 0 || directory.term_current(position.term))
            badge.positions.push_back({position.kind, position.body, 0});
    return badge;
}

bool may_widen(const Audience& present, const Audience& next) {
    // Of two lists: whether `next` lets somebody through whom `present` stops. An empty one stops nobody.
    const auto list_widens = [](const auto& before, const auto& after) {
        if (before.empty()) return false;
        return after.empty() ||
               !std::all_of(after.begin(), after.end(), [&](const auto& v) { return contains(before, v); });
    };
    const auto set_widens = [](auto before, auto after) {
        return !before.empty() && (after.empty() || !before.includes(after));
    };
    return set_widens(present.read, next.read) || set_widens(present.sizes, next.sizes) ||
           list_widens(present.municipalities, next.municipalities) || list_widens(present.terms, next.terms);
}

bool may_expose(const Directory& directory, const RoomCard& from, const RoomCard& to) {
    const ForumCard* source = directory.forum(from.forum);
    const ForumCard* target = directory.forum(to.forum);
    if (source == nullptr || target == nullptr) return true;
    // Who moderates another forum reads it whatever its audience.
    const auto admitted = source == target ? audiences_of(*target, to) : std::vector<Audience>{Audience{}};
    for (const auto& audience : audiences_of(*source, from))
        for (const auto& list : lists_of(audience))
            if (list_widens(list, admitted)) return true;
    return false;
}

}  // namespace foorumi::forum
