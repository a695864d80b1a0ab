// Threads that go elsewhere: to another room, into two, into one. Pure; check(), needs() and decide() as in rules.hpp.
//
// The command's commit holds the thread (Thread::moving): from then on nobody changes it, and that it will be done is
// certain. The steps that do it are in move_steps.hpp.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "forum/rules.hpp"

namespace foorumi::forum {

// `found`: how many messages the thread has, which the caller looks up before. Posts that come in between go along.
struct MoveThread {
    Id room = 0;
    Id thread = 0;
    Id to_room = 0;
    bool exposes_history = false;  // that more people may read it there is meant
    std::size_t found = 0;
};
struct SplitThread {
    Id room = 0;
    Id thread = 0;
    std::vector<Id> messages;
    std::string title;
    std::size_t found = std::numeric_limits<std::size_t>::max();  // not looked up
};
// `found` as in MoveThread.
struct MergeThreads {
    Id room = 0;
    Id thread = 0;
    Id into = 0;
    std::size_t found = 0;
};

// For who moderates the room's forum; of MoveThread both rooms' forums, in rooms that they may read. They are for the
// audit log, and go in locked threads as well, not in archived rooms. What follows from them is a Move in the
// moderation channel of the room's forum.
//
// Refusals, beside those of text.hpp and rules.hpp, by code (field in parentheses):
//   INVALID    same_room (to_room), same_thread (into), first_message (messages), messages_missing (messages)
//   NOT_FOUND  room_not_found (room, to_room), thread_not_found (thread, into), message_not_found (messages)
//   FORBIDDEN  moderators_only (room, to_room), audience_widens (exposes_history), room_archived (room, to_room),
//              place_held (thread)
//   LIMITED    too_many_messages (thread, messages)
[[nodiscard]] Result<void> check(const Actor& actor, const MoveThread& command);
[[nodiscard]] std::vector<std::string> needs(const Actor& actor, const MoveThread& command);
[[nodiscard]] Result<Decision> decide(const Actor& actor, const MoveThread& command, const View& view);

[[nodiscard]] Result<void> check(const Actor& actor, const SplitThread& command);
[[nodiscard]] std::vector<std::string> needs(const Actor& actor, const SplitThread& command);
[[nodiscard]] Result<Decision> decide(const Actor& actor, const SplitThread& command, const View& view);

[[nodiscard]] Result<void> check(const Actor& actor, const MergeThreads& command);
[[nodiscard]] std::vector<std::string> needs(const Actor& actor, const MergeThreads& command);
[[nodiscard]] Result<Decision> decide(const Actor& actor, const MergeThreads& command, const View& view);

}  // namespace foorumi::forum
