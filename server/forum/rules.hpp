// The forum's rules: a command and the present state in, a decision or a refusal out. Pure: no IO, no clock, no
// randomness.
//
// Every rule checks, in this order: the request's fields, what the actor may see (NOT_FOUND), what the actor may do
// (FORBIDDEN), the state. So what may not be seen answers exactly like what does not exist.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "forum/access.hpp"
#include "forum/decision.hpp"

namespace foorumi::forum {

// Limits on content; each has a name in the configuration.
struct NewcomerLimits {
    Millis new_ms = 3LL * 24 * 3600 * 1000;  // after joining; 0: nobody is new
    std::uint32_t posts = 30;                // from so many on nobody is new; 0: nobody is
    std::uint32_t posts_per_day = 20;        // within 24 hours
    std::uint32_t links = 3;                 // in one message; 0: none
};
struct ContentLimits {
    std::size_t text_bytes = 16 * 1024;
    std::size_t title_bytes = 200;
    std::size_t mentions = 20;  // members whom one message may mention
    std::size_t emoji_bytes = 64;
    std::size_t reactions = 20;                        // different emoji on one message
    std::size_t reaction_members = 2000;               // members behind all emoji of one message
    std::size_t edits = 100;                           // of one message; restorations, too, but one at least
    Millis earlier_text_ms = 90LL * 24 * 3600 * 1000;  // retention of replaced and removed texts for moderators
    std::size_t reason_bytes = 1000;                   // of what moderators say about an act
    std::size_t pinned_threads = 10;                   // of one room, announcements among them
    std::uint32_t slow_mode_s = 24 * 3600;             // the slowest that there is
    std::size_t tags = 5;                              // of one thread
    std::size_t tag_bytes = 40;
    std::size_t report_bytes = 2000;              // of what who reports or appeals says
    std::size_t reports_open = 20;                // of one member in one forum
    std::size_t reports_per_day = 20;             // the same
    std::size_t reporters = 20;                   // of one report
    std::size_t report_notes = 50;                // of one report, those with its outcome aside
    Millis appeal_ms = 14LL * 24 * 3600 * 1000;   // after a removal
    Millis report_ms = 365LL * 24 * 3600 * 1000;  // retention of closed reports
    std::size_t moved_messages = 1000;            // of one thread that is moved, split or merged
    std::size_t move_batch = 32;                  // of them read at once, and changed by one commit
    std::size_t redirects = 16;                   // followed one behind the other
    std::size_t expired_batch = 32;               // messages that are too old, deleted by one commit
    std::uint32_t expiry_interval_s = 3600;       // between two looks for such messages
    std::size_t held_per_member = 5;              // messages that wait to be approved, of one member in one forum
    std::size_t held_per_forum = 200;             // the same, of all
    NewcomerLimits newcomers{};
};

struct Versioned {
    Version version = 0;  // 0: never existed
    Entity value;         // monostate: does not exist (any more)
};

// The entities a rule asked for, by key, as read from the channel the rule decides on.
class View {
   public:
    virtual ~View() = default;
    // REQUIRES: has(key). Keys that the rule's needs named are there.
    [[nodiscard]] virtual Versioned entity(std::string_view key) const = 0;
    // Whether the key was read.
    [[nodiscard]] virtual bool has(std::string_view key) const = 0;
};

// Who acts, when, and on what authority.
struct Actor {
    const MemberCard& member;
    const Directory& directory;
    Millis now;
    const ContentLimits& limits;
};

struct StartThread {
    Id room = 0;
    std::string title;
    std::string text;
};
struct PostMessage {
    Id room = 0;
    Id thread = 0;
    std::string text;
    Id reply_to = 0;
};
// In EditMessage, DeleteMessage and React, `thread` is no field of the request: the caller reads message:<message> and
// fills in its thread before needs() (a message never changes its thread); 0 where there is no such message. decide()
// refuses with NOT_FOUND "message_not_found" where it is not the message's thread.
struct EditMessage {
    Id room = 0;
    Id message = 0;
    std::string text;
    Id thread = 0;
};
struct DeleteMessage {
    Id room = 0;
    Id message = 0;
    Id thread = 0;
};
struct React {
    Id room = 0;
    Id message = 0;
    std::string emoji;
    bool remove = false;
    Id thread = 0;
};
struct MarkRead {
    Id room = 0;
    Id thread = 0;
    Id to = 0;
};
struct SaveDraft {
    Id room = 0;
    Id thread = 0;
    std::string text;
    std::string title;
};
struct SetWatch {
    Id room = 0;
    Id thread = 0;
    WatchLevel level = WatchLevel::normal;
};
struct MarkInboxSeen {
    Id room = 0;
    Id message = 0;
    Version act = 0;
};
// Of moderators and administrators. `thread` as in EditMessage.
struct RemoveMessage {
    Id room = 0;
    Id message = 0;
    std::string reason;
    Id thread = 0;
};
// `removal` and `removed` are no fields of the request either: the caller reads Message::removals and then what the
// forum's moderation channel has under removed_key(room, message, removal).
struct RestoreMessage {
    Id room = 0;
    Id message = 0;
    Id thread = 0;
    std::uint32_t removal = 0;
    Versioned removed{};
};
struct PurgeMessage {
    Id room = 0;
    Id message = 0;
    std::string reason;
    Id thread = 0;
};
struct ReadEarlierTexts {
    Id room = 0;
    Id message = 0;
};

// For each command: check(), what can be refused before anything is read (fields, sight, right to write, number of
// mentions); needs(), the keys of the command's channel that decide() will look at; decide(). REQUIRES: decide() only
// after check() succeeded against the same directory.
//
// Commands on a room commit to the room's channel; MarkRead, SaveDraft, SetWatch and MarkInboxSeen commit to the
// actor's member channel.
//
// RemoveMessage, RestoreMessage and PurgeMessage commit to the room's channel, too.
//
// Edits of a message whose text has not changed, deletions of a deleted message, reactions already there (or, to be
// removed, not there), and drafts, watches and marks already so decide nothing (Decision with no writes).
//
// Refusals, beside those of text.hpp, by code (field in parentheses):
//   INVALID    title_not_allowed (title), level_unknown (level)
//   NOT_FOUND  room_not_found (room), thread_not_found (thread), message_not_found (message, reply_to),
//              inbox_entry_not_found (message)
//   FORBIDDEN  may_not_write (room), not_author (message), room_archived (room), thread_locked (thread),
//              may_not_post_in_thread (thread), message_deleted (message), reply_to_deleted (reply_to),
//              moderators_only (room), message_purged, message_not_removed, earlier_text_gone,
//              own_message, place_held (message)
//   LIMITED    too_many_reactions, too_many_reaction_members (emoji), too_many_mentions (text),
//              too_many_edits (message), slow_mode (thread)

// A decision expects the room, the thread, and the message replied to or changed, at the versions it was decided on. A
// post writes none of them, so many posts to one thread can be under way at once.
//
// In a locked thread nobody adds or changes anything, moderators neither. Where a thread is for some roles, that holds
// for posts, edits, deletions and reactions, and not for who moderates. With slow mode, a post of who does not moderate
// expects and writes the member's pace in the thread, which it asks for by Decision::further: two at once do not land.
//
// Mentions are of members who may read the room; any other handle is plain text, whether it exists or not. Each of
// them, but not the author, gets an inbox entry; so does the author of the message replied to, unless mentioned or
// unable to read the room.
//
// Edits and deletions are for the author alone. The text before goes to the moderation channel of the room's forum. An
// edit that mentions further members tells them, too; a deletion takes text, mentions and reactions away.
[[nodiscard]] Result<void> check(const Actor& actor, const StartThread& command);
[[nodiscard]] std::vector<std::string> needs(const Actor& actor, const StartThread& command);
[[nodiscard]] Result<Decision> decide(const Actor& actor, const StartThread& command, const View& view);

[[nodiscard]] Result<void> check(const Actor& actor, const PostMessage& command);
[[nodiscard]] std::vector<std::string> needs(const Actor& actor, const PostMessage& command);
[[nodiscard]] Result<Decision> decide(const Actor& actor, const PostMessage& command, const View& view);

[[nodiscard]] Result<void> check(const Actor& actor, const EditMessage& command);
[[nodiscard]] std::vector<std::string> needs(const Actor& actor, const EditMessage& command);
[[nodiscard]] Result<Decision> decide(const Actor& actor, const EditMessage& command, const View& view);

[[nodiscard]] Result<void> check(const Actor& actor, const DeleteMessage& command);
[[nodiscard]] std::vector<std::string> needs(const Actor& actor, const DeleteMessage& command);
[[nodiscard]] Result<Decision> decide(const Actor& actor, const DeleteMessage& command, const View& view);

[[nodiscard]] Result<void> check(const Actor& actor, const React& command);
[[nodiscard]] std::vector<std::string> needs(const Actor& actor, const React& command);
[[nodiscard]] Result<Decision> decide(const Actor& actor, const React& command, const View& view);

// MarkRead, SaveDraft and SetWatch name a thread of another channel: check() sees to the room; whether the thread
// exists is asked by the caller through a read of the room's channel (check_thread, check_mark). They need sight of the
// room, SaveDraft the right to write there, unless it discards. MarkInboxSeen needs neither: the entry is the member's
// own, and may be put away after the room is out of sight. Each expects its key at the version it saw, so that two
// devices of one member do not overwrite each other unseen. A mark of 0, an empty draft and the normal level remove the
// entity.
[[nodiscard]] Result<void> check(const Actor& actor, const MarkRead& command);
[[nodiscard]] std::vector<std::string> needs(const Actor& actor, const MarkRead& command);
[[nodiscard]] Result<Decision> decide(const Actor& actor, const MarkRead& command, const View& view);

[[nodiscard]] Result<void> check(const Actor& actor, const SaveDraft& command);
[[nodiscard]] std::vector<std::string> needs(const Actor& actor, const SaveDraft& command);
[[nodiscard]] Result<Decision> decide(const Actor& actor, const SaveDraft& command, const View& view);

[[nodiscard]] Result<void> check(const Actor& actor, const SetWatch& command);
[[nodiscard]] std::vector<std::string> needs(const Actor& actor, const SetWatch& command);
[[nodiscard]] Result<Decision> decide(const Actor& actor, const SetWatch& command, const View& view);

[[nodiscard]] Result<void> check(const Actor& actor, const MarkInboxSeen& command);
[[nodiscard]] std::vector<std::string> needs(const Actor& actor, const MarkInboxSeen& command);
[[nodiscard]] Result<Decision> decide(const Actor& actor, const MarkInboxSeen& command, const View& view);

// For MarkRead, SaveDraft (with a thread) and SetWatch: `thread` is thread:<thread> of the room's channel.
[[nodiscard]] Result<void> check_thread(const Versioned& thread);
// Acts on others' messages, for who may moderate the room's forum. They are for the audit log, and go in locked threads
// and archived rooms as well. What is removed already, there already, or purged already, decides nothing. A message
// that its author deleted is neither removed nor restored, but may be purged.
[[nodiscard]] Result<void> check(const Actor& actor, const RemoveMessage& command);
[[nodiscard]] std::vector<std::string> needs(const Actor& actor, const RemoveMessage& command);
[[nodiscard]] Result<Decision> decide(const Actor& actor, const RemoveMessage& command, const View& view);

// UNAVAILABLE "contended" where the text has not come to the moderation channel yet, or another removal came between.
[[nodiscard]] Result<void> check(const Actor& actor, const RestoreMessage& command);
[[nodiscard]] std::vector<std::string> needs(const Actor& actor, const RestoreMessage& command);
[[nodiscard]] Result<Decision> decide(const Actor& actor, const RestoreMessage& command, const View& view);

[[nodiscard]] Result<void> check(const Actor& actor, const PurgeMessage& command);
[[nodiscard]] std::vector<std::string> needs(const Actor& actor, const PurgeMessage& command);
[[nodiscard]] Result<Decision> decide(const Actor& actor, const PurgeMessage& command, const View& view);

// A read, and an act for the audit log: the keys of the moderation channel under which something of the message may be.
[[nodiscard]] Result<void> check(const Actor& actor, const ReadEarlierTexts& command);
[[nodiscard]] std::vector<std::string> earlier_keys(const ReadEarlierTexts& command, const Message& message);
[[nodiscard]] Act act_of(const Actor& actor, const ReadEarlierTexts& command, const Message& message);

// A mark ahead of everything in the room would hide what is still to come: INVALID "read_mark_in_future" (to).
[[nodiscard]] Result<void> check_mark(const MarkRead& command, Version room_version);

}  // namespace foorumi::forum
