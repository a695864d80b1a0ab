// The forum's rules: a command and the present state in, a decision or a refusal out. Pure: no IO, no clock, no randomness.
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
struct ContentLimits {
    std::size_t text_bytes = 16 * 1024;
    std::size_t title_bytes = 200;
    std::size_t mentions = 20;             // members whom one message may mention
    std::size_t emoji_bytes = 64;
    std::size_t reactions = 20;            // different emoji on one message
    std::size_t reaction_members = 2000;   // members behind all emoji of one message
    Millis earlier_text_ms = 90LL * 24 * 3600 * 1000;  // retention of replaced and removed texts for moderators
};

struct Versioned {
    Version version = 0;  // 0: never existed
    Entity value;         // monostate: does not exist (any more)
};

// The entities a rule asked for, by key, as read from the channel the rule decides on.
class View {
   public:
    virtual ~View() = default;
    // REQUIRES: key was among those the rule's needs named.
    [[nodiscard]] virtual Versioned entity(std::string_view key) const = 0;
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
struct EditMessage {
    Id room = 0;
    Id message = 0;
    std::string text;
};
struct DeleteMessage {
    Id room = 0;
    Id message = 0;
};
struct React {
    Id room = 0;
    Id message = 0;
    std::string emoji;
    bool remove = false;
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
};

// For each command: check(), what can be refused before anything is read (fields, sight, right to write); needs(), the
// keys of the command's channel that decide() will look at; decide(). REQUIRES: decide() only after check() succeeded
// against the same directory.
//
// Commands on a room commit to the room's channel; MarkRead, SaveDraft, SetWatch and MarkInboxSeen commit to the
// actor's member channel.
//
// Edits of a message whose text has not changed, reactions already there, and marks already set decide nothing
// (Decision with no writes).
//
// MarkRead, SaveDraft and SetWatch name a thread of another channel: check() sees to the room; whether the thread exists
// is asked by the caller through a read of the room's channel before (refusal NOT_FOUND "thread_not_found").
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

}  // namespace foorumi::forum
