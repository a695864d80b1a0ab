#include "forum/access.hpp"

#include <algorithm>

namespace foorumi::forum {
namespace {

bool moderates(const MemberCard& member, Id forum) {
    return std::find(member.moderates.begin(), member.moderates.end(), forum) != member.moderates.end();
}

bool admits_reader(const Audience& audience, Roles roles) {
    return audience.read.empty() || audience.read.intersects(roles);
}

// Of one who is admitted as a reader.
bool admits_writer(const Audience& audience, Roles roles) {
    return audience.write.empty() || audience.write.intersects(roles);
}

bool may_read_room(const Directory& directory, const MemberCard& member, const RoomCard& room) {
    const ForumCard* forum = directory.forum(room.forum);
    if (forum == nullptr) return false;
    if (moderates(member, forum->id)) return true;
    return admits_reader(forum->audience, member.roles) &&
           (!room.audience || admits_reader(*room.audience, member.roles));
}

}  // namespace

bool may_read(const Directory& directory, const MemberCard& member, const ChannelName& channel) {
    switch (channel.kind) {
        case ChannelKind::room: {
            const RoomCard* room = directory.room(channel.id);
            return room != nullptr && may_read_room(directory, member, *room);
        }
        case ChannelKind::member:
            return channel.id != 0 && channel.id == member.id;
        case ChannelKind::moderation:
            return directory.forum(channel.id) != nullptr && moderates(member, channel.id);
        case ChannelKind::directory:
            return false;
    }
    return false;
}

bool may_write(const Directory& directory, const MemberCard& member, const RoomCard& room) {
    if (!may_read_room(directory, member, room)) return false;
    const ForumCard* forum = directory.forum(room.forum);
    if (moderates(member, forum->id)) return true;
    return admits_writer(forum->audience, member.roles) &&
           (!room.audience || admits_writer(*room.audience, member.roles));
}

bool may_read_forum(const Directory&, const MemberCard& member, const ForumCard& forum) {
    return moderates(member, forum.id) || admits_reader(forum.audience, member.roles);
}

Badge badge_of(const MemberCard& member) { return Badge{member.roles, member.municipality}; }

}  // namespace foorumi::forum
