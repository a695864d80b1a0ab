// One door: what a member may read, and what a member may do. Pure; every part of the server asks here.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "forum/decision.hpp"
#include "forum/entities.hpp"
#include "forum/filters.hpp"
#include "forum/keys.hpp"
#include "forum/municipality.hpp"

namespace foorumi::forum {

// A role for the time of a council term; term 0: until it is taken away.
struct Grant {
    Role role = Role::councillor;
    Id term = 0;
    friend bool operator==(const Grant&, const Grant&) = default;
};

// A sanction that is in force until its end, which whoever looks compares with the clock. A warning is none.
struct Restraint {
    SanctionKind kind = SanctionKind::mute;
    Id forum = 0;      // 0: everywhere
    Millis until = 0;  // 0: until it is lifted
    friend bool operator==(const Restraint&, const Restraint&) = default;
};

struct MemberCard {
    Id id = 0;
    std::string handle;
    std::string name;
    std::string municipality;
    Roles roles;  // in force: those whose term is not over
    std::vector<Id> moderates;
    std::vector<Grant> grants{};  // what `roles` was worked out from; empty: `roles` are until they are taken away
    std::vector<Position> positions{};  // all, those of terms not current, too
    std::vector<Id> terms{};            // current terms that a grant of theirs is for
    std::string contact_for{};          // code of the municipality whose councillors they look after; empty: none
    bool second_factor = false;
    std::uint32_t epoch = 0;              // sign-ins of an earlier one are ended
    Millis erase_at = 0;                  // not 0: is to be erased then
    bool erase_removes = false;           // with what they have written
    std::vector<Restraint> restraints{};  // some maybe over
    Millis joined = 0;                    // 0: nobody knows
};

// A set of size classes.
class MunicipalitySizes {
   public:
    constexpr MunicipalitySizes() = default;
    constexpr MunicipalitySizes(std::initializer_list<MunicipalitySize> sizes) {
        for (const auto size : sizes) add(size);
    }
    constexpr void add(MunicipalitySize size) { bits_ |= bit(size); }
    [[nodiscard]] constexpr bool has(MunicipalitySize size) const { return (bits_ & bit(size)) != 0; }
    [[nodiscard]] constexpr bool includes(MunicipalitySizes other) const { return (other.bits_ & ~bits_) == 0; }
    [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
    friend constexpr bool operator==(MunicipalitySizes, MunicipalitySizes) = default;

   private:
    static constexpr unsigned bit(MunicipalitySize size) { return 1U << static_cast<unsigned>(size); }
    unsigned bits_ = 0;
};

// Who may read and who may write. Each list that is not empty must hold for the member: `read` some role of theirs,
// `municipalities` theirs, `sizes` that of theirs, `terms` a current term of theirs. Writing needs reading, too, and
// `write` some role; empty `write`: who reads writes.
struct Audience {
    Roles read;
    Roles write;
    std::vector<std::string> municipalities{};  // codes
    MunicipalitySizes sizes{};
    std::vector<Id> terms{};
    friend bool operator==(const Audience&, const Audience&) = default;
};

struct ForumCard {
    Id id = 0;
    std::string slug;
    std::string title;
    std::string description;
    std::uint32_t position = 0;
    Audience audience;
    bool archived = false;  // with all its rooms
    std::string archive_reason{};
    Version changed = 0;  // version of the directory
};

struct RoomCard {
    Id id = 0;
    Id forum = 0;
    std::string slug;
    std::string title;
    std::string description;
    std::uint32_t position = 0;
    std::optional<Audience> audience;  // narrows the forum's; nothing: the forum's alone
    bool archived = false;             // itself
    std::string archive_reason{};
    Version changed = 0;               // version of the directory
    std::vector<Id> holds{};           // threads under a legal hold; 0: the whole room is
    std::uint32_t retention_days = 0;  // 0: for ever
};

// What access is decided on: the part of the directory that the rules may see.
class Directory {
   public:
    virtual ~Directory() = default;
    [[nodiscard]] virtual const MemberCard* member(Id id) const = 0;
    [[nodiscard]] virtual const MemberCard* member_by_handle(std::string_view handle) const = 0;
    [[nodiscard]] virtual const ForumCard* forum(Id id) const = 0;
    [[nodiscard]] virtual const RoomCard* room(Id id) const = 0;
    // Nothing where there is no such municipality.
    [[nodiscard]] virtual std::optional<MunicipalitySize> size_class(std::string_view municipality) const = 0;
    // Whether the council term is on. Turned by fenced changes of the directory, not by a clock: the same for all.
    [[nodiscard]] virtual bool term_current(Id term) const = 0;
    // Whether `is` holds for some member. Looks at one after the other.
    [[nodiscard]] virtual bool any_member(const std::function<bool(const MemberCard&)>& is) const = 0;
    // What the filters of the forum, and those that count everywhere, find in the text.
    [[nodiscard]] virtual FilterMatch filtered(Id forum, std::string_view text) const = 0;
};

// `now`, here and below: by the clock of whoever asks. A sanction that is over by it is as if it was not there.

// The only function that decides whether a member may read a channel. A channel that does not exist may not be read; to
// who is suspended or banned, what they are shut out from is as if it did not exist.
[[nodiscard]] bool may_read(const Directory& directory, const MemberCard& member, const ChannelName& channel,
                            Millis now);

// The only function that decides whether a member may write in a room that they may read (state of room and thread
// aside: the rules look at that).
[[nodiscard]] bool may_write(const Directory& directory, const MemberCard& member, const RoomCard& room, Millis now);

// The reason of a refusal to who may not write in a room that they may read.
[[nodiscard]] std::string_view why_not_write(const MemberCard& member, const RoomCard& room, Millis now);

// The only function that decides whether a member may use the powers of a moderator in a forum: its moderators, while
// they are some by role, and administrators; nobody who is muted there. It lets nobody see anything: in a room that
// they may not read, administrators may nothing either.
[[nodiscard]] bool may_moderate(const Directory& directory, const MemberCard& member, Id forum, Millis now);

// The only function that decides who may see a message that waits to be approved: who may read the forum's moderation
// channel, and its author.
[[nodiscard]] bool may_see_held(const Directory& directory, const MemberCard& member, Id forum, Id author, Millis now);

[[nodiscard]] bool may_read_forum(const Directory& directory, const MemberCard& member, const ForumCard& forum,
                                  Millis now);

// Whether a suspension or a ban keeps the member out of the forum; forum 0: out of everything, so that they cannot sign
// in.
[[nodiscard]] bool is_shut_out(const MemberCard& member, Id forum, Millis now);
// Whether a mute keeps them from writing in the forum.
[[nodiscard]] bool is_muted(const MemberCard& member, Id forum, Millis now);

// The only function that decides whether a member may create, describe, order, archive and restore the rooms of a
// forum: those who moderate it; with 0, forums: administrators. It lets nobody see anything.
[[nodiscard]] bool may_arrange(const Directory& directory, const MemberCard& member, Id forum, Millis now);

// The only function that tells whether nothing is added or changed in a room any more: it is archived, or its forum is.
[[nodiscard]] bool is_archived(const Directory& directory, const RoomCard& room);

// The only function that tells whether a legal hold keeps what is in a thread from being deleted for good: one of its
// own, or the room's. With thread 0: whether the whole room is held.
[[nodiscard]] bool is_held(const RoomCard& room, Id thread);

// The same of what moderators keep of the room's messages, and of reports of them: they tell the thread that a message
// was in, which may be in another one by now, so that a hold of any thread keeps all of them.
[[nodiscard]] bool holds_kept(const RoomCard& room);

// What the room's channel tells of it. Room::as_of rises with every change of the room and of its forum.
[[nodiscard]] Room told_of(const Directory& directory, const RoomCard& room);

// What a member is by what was granted: fills in `roles` and `terms`.
void put_in_force(const Directory& directory, MemberCard& member);

// The member's badge as of now: what is in force.
[[nodiscard]] Badge badge_of(const Directory& directory, const MemberCard& member);

// Whether some member could be admitted by `next` who is not by `present`, whoever the members are. Never false where
// there is one.
[[nodiscard]] bool may_widen(const Audience& present, const Audience& next);

// Whether somebody may read `to` who may not read `from`, as far as their audiences tell, and who moderates. Never
// false where there is one.
[[nodiscard]] bool may_expose(const Directory& directory, const RoomCard& from, const RoomCard& to);

}  // namespace foorumi::forum
