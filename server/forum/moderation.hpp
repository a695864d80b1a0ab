// What moderators do to threads, and authors to their own. Pure; check(), needs() and decide() as in rules.hpp.
#pragma once

#include <string>
#include <vector>

#include "forum/rules.hpp"

namespace foorumi::forum {

struct LockThread {
    Id room = 0;
    Id thread = 0;
    bool locked = false;
    std::string reason;
};
struct PinThread {
    Id room = 0;
    Id thread = 0;
    Millis until = 0;  // 0: there is no end
    bool announcement = false;
    bool unpin = false;
};
struct RestrictThread {
    Id room = 0;
    Id thread = 0;
    std::uint32_t slow_mode_s = 0;
    Roles write{};
    bool role_unknown = false;  // one was named that is not in `write`
};
struct SetThreadState {
    Id room = 0;
    Id thread = 0;
    ThreadState state = ThreadState::none;
};
struct TagThread {
    Id room = 0;
    Id thread = 0;
    std::vector<std::string> tags;  // as they are to be kept: normalized, folded; some maybe twice
    bool too_many = false;          // more than anybody may have: `tags` is empty then,
    bool too_long = false;          // and where one is longer than any may be
};
struct RenameThread {
    Id room = 0;
    Id thread = 0;
    std::string title;
};

// LockThread, PinThread and RestrictThread are for those who moderate the room's forum. SetThreadState, TagThread and
// RenameThread are for the thread's author as well, who may write in the room, while the thread is not locked; the
// state `practice` is given and taken by moderators alone. In an archived room nothing is moderated.
//
// What somebody does by a moderator's power has an Act; what they may do as the author has none. Who sets what is so
// already decides nothing. A lock of another reason replaces the one that is there.
//
// A room's pins are in one entity, which each PinThread expects and writes, so that there are never more than the limit
// of those that are not over.
//
// Refusals, beside those of text.hpp and rules.hpp, by code (field in parentheses); `text_...` of reason, tags, title:
//   INVALID    pin_in_past (until_ms), slow_mode_too_long (slow_mode_s), role_unknown (write), state_unknown (state)
//   FORBIDDEN  moderators_only (room; where the author may, too: thread; of `practice`: state)
//   LIMITED    too_many_pinned (thread), too_many_tags (tags)
[[nodiscard]] Result<void> check(const Actor& actor, const LockThread& command);
[[nodiscard]] std::vector<std::string> needs(const Actor& actor, const LockThread& command);
[[nodiscard]] Result<Decision> decide(const Actor& actor, const LockThread& command, const View& view);

[[nodiscard]] Result<void> check(const Actor& actor, const PinThread& command);
[[nodiscard]] std::vector<std::string> needs(const Actor& actor, const PinThread& command);
[[nodiscard]] Result<Decision> decide(const Actor& actor, const PinThread& command, const View& view);

[[nodiscard]] Result<void> check(const Actor& actor, const RestrictThread& command);
[[nodiscard]] std::vector<std::string> needs(const Actor& actor, const RestrictThread& command);
[[nodiscard]] Result<Decision> decide(const Actor& actor, const RestrictThread& command, const View& view);

[[nodiscard]] Result<void> check(const Actor& actor, const SetThreadState& command);
[[nodiscard]] std::vector<std::string> needs(const Actor& actor, const SetThreadState& command);
[[nodiscard]] Result<Decision> decide(const Actor& actor, const SetThreadState& command, const View& view);

[[nodiscard]] Result<void> check(const Actor& actor, const TagThread& command);
[[nodiscard]] std::vector<std::string> needs(const Actor& actor, const TagThread& command);
[[nodiscard]] Result<Decision> decide(const Actor& actor, const TagThread& command, const View& view);

[[nodiscard]] Result<void> check(const Actor& actor, const RenameThread& command);
[[nodiscard]] std::vector<std::string> needs(const Actor& actor, const RenameThread& command);
[[nodiscard]] Result<Decision> decide(const Actor& actor, const RenameThread& command, const View& view);

}  // namespace foorumi::forum
