// What several rules have in common. Internal to the rules; pure.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "forum/rules.hpp"

namespace foorumi::forum::parts {

[[nodiscard]] Refusal refusal(ErrorCode code, std::string_view reason, std::string_view field = {});

// Sight: one refusal for a room that does not exist and for one that the actor may not read.
[[nodiscard]] Result<const RoomCard*> visible_room(const Actor& actor, Id room);
// Sight and the right to write.
[[nodiscard]] Result<const RoomCard*> writable_room(const Actor& actor, Id room);

// Whether the actor moderates the room's forum. REQUIRES: the room is visible.
[[nodiscard]] bool moderates_room(const Actor& actor, Id room);

// Members mentioned, in the order of the text, and no more of them than the limit.
[[nodiscard]] Result<std::vector<Id>> mentioned_members(const Actor& actor, Id room, std::string_view text);

// An entity of the kind T as a decision saw it. `value` points into `seen`: no copies of this struct.
template <class T>
struct Seen {
    std::string key;
    Versioned seen;

    Seen(const View& view, std::string name) : key(std::move(name)), seen(view.entity(key)) {}
    Seen(const Seen&) = delete;
    Seen& operator=(const Seen&) = delete;

    [[nodiscard]] const T* value() const { return std::get_if<T>(&seen.value); }
    [[nodiscard]] Expectation expectation() const { return {key, seen.version}; }
};

// The room and the thread that a command on a room's channel is decided on.
class Place {
   public:
    Place(const View& view, Id thread) : room_(view, std::string(room_key)), thread_(view, forum::thread_key(thread)) {}

    // NOT_FOUND where there is no such thread, or it has gone elsewhere; UNAVAILABLE while it is going. REQUIRES: the
    // room is visible.
    [[nodiscard]] Result<void> exists() const;
    // FORBIDDEN where the room is archived, the thread locked, or for others than the actor.
    [[nodiscard]] Result<void> open(const Actor& actor, Id room) const;
    // FORBIDDEN where the room is archived. REQUIRES: as above.
    [[nodiscard]] Result<void> not_archived(const Actor& actor, Id room) const;
    void expect(Decision& decision) const;
    // REQUIRES: exists().
    [[nodiscard]] const Thread& thread() const { return *thread_.value(); }
    [[nodiscard]] const std::string& thread_key() const { return thread_.key; }

   private:
    Seen<Room> room_;
    Seen<Thread> thread_;
};

// NOT_FOUND for a message that is not there, or not in this thread.
[[nodiscard]] Refusal no_message(std::string_view field);
[[nodiscard]] bool is_in(const Message* message, Id thread);

// The text that a change takes away, for the moderators of the room's forum.
[[nodiscard]] EarlierText earlier_text(const Actor& actor, Id room, Id id, const Message& before);
[[nodiscard]] Effect earlier_effect(const Actor& actor, std::string key, EarlierText earlier);

[[nodiscard]] Message tombstone(const Actor& actor, const Message& before);
// Puts the tombstone in the message's place; its reactions go, and it counts for nobody any more.
void bury(Decision& decision, const Seen<Message>& message, const Seen<Reactions>& reactions, Id id, Message tombstone);

// FORBIDDEN where the room is archived. `told`: its entity, or null while it has none yet. REQUIRES: it is visible.
[[nodiscard]] Result<void> not_archived(const Actor& actor, Id room, const Room* told);

// FORBIDDEN where a legal hold keeps what is in the thread. REQUIRES: the room is visible.
[[nodiscard]] Result<void> not_held(const Actor& actor, Id room, Id thread, std::string_view field);

// The inbox entry, as an effect, of a member whom a message concerns. message 0: the commit's own.
[[nodiscard]] Effect inbox_effect(const Actor& actor, Id member, InboxKind kind, Id room, Id thread, Id message);
// A new report, with the number behind the last. REQUIRES: reports_key was read.
[[nodiscard]] std::uint64_t begin_report(Decision& decision, const View& view);

// One entry for each member but the actor.
void tell_mentioned(Decision& decision, const Actor& actor, const std::vector<Id>& members, Id room, Id thread,
                    Id message);

}  // namespace foorumi::forum::parts
