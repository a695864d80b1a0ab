// One door: what a member may read, and what a member may do. Pure; every part of the server asks here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "forum/decision.hpp"
#include "forum/entities.hpp"
#include "forum/keys.hpp"

namespace foorumi::forum {

struct MemberCard {
    Id id = 0;
    std::string handle;
    std::string name;
    std::string municipality;
    Roles roles;
    std::vector<Id> moderates;
};

// Which roles may read and write. Empty `read`: every member. Writing needs reading, too; empty `write`: who reads
// writes.
struct Audience {
    Roles read;
    Roles write;
};

struct ForumCard {
    Id id = 0;
    std::string slug;
    std::string title;
    std::string description;
    std::uint32_t position = 0;
    Audience audience;
};

struct RoomCard {
    Id id = 0;
    Id forum = 0;
    std::string slug;
    std::string title;
    std::string description;
    std::uint32_t position = 0;
    std::optional<Audience> audience;  // narrows the forum's; nothing: the forum's alone
};

// What access is decided on: the part of the directory that the rules may see.
class Directory {
   public:
    virtual ~Directory() = default;
    [[nodiscard]] virtual const MemberCard* member(Id id) const = 0;
    [[nodiscard]] virtual const MemberCard* member_by_handle(std::string_view handle) const = 0;
    [[nodiscard]] virtual const ForumCard* forum(Id id) const = 0;
    [[nodiscard]] virtual const RoomCard* room(Id id) const = 0;
};

// The only function that decides whether a member may read a channel. A channel that does not exist may not be read.
[[nodiscard]] bool may_read(const Directory& directory, const MemberCard& member, const ChannelName& channel);

// The only function that decides whether a member may write in a room that they may read (state of room and thread
// aside: the rules look at that).
[[nodiscard]] bool may_write(const Directory& directory, const MemberCard& member, const RoomCard& room);

[[nodiscard]] bool may_read_forum(const Directory& directory, const MemberCard& member, const ForumCard& forum);

// The member's badge as of now.
[[nodiscard]] Badge badge_of(const MemberCard& member);

}  // namespace foorumi::forum
