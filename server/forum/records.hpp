// What is done for the records: messages marked as secret, exports. Pure; check(), needs() and decide() as in
// rules.hpp.
#pragma once

#include <string>
#include <vector>

#include "forum/rules.hpp"

namespace foorumi::forum {

// `thread` is no field of the request: as in EditMessage.
struct MarkSecrecy {
    Id room = 0;
    Id message = 0;
    bool marked = false;
    std::string ground;  // of one who marks: why; else of one who takes a moderators' mark away
    Id thread = 0;
};
struct ExportRecords {
    Id room = 0;
    Id thread = 0;  // 0: the whole room
    bool public_copy = false;
};

// By the author, where and while they may edit the message, and by who moderates the room's forum, in locked threads
// and archived rooms, and of tombstones, too. What one may do as the author is no act of power. A mark by moderators is
// theirs: the author neither changes it nor takes it away. Who reads the message stays the same.
//
// Refusals, beside those of text.hpp (ground) and rules.hpp, by code (field in parentheses):
//   FORBIDDEN  moderators_only (message), message_deleted (message), secrecy_by_moderators (message)
[[nodiscard]] Result<void> check(const Actor& actor, const MarkSecrecy& command);
[[nodiscard]] std::vector<std::string> needs(const Actor& actor, const MarkSecrecy& command);
[[nodiscard]] Result<Decision> decide(const Actor& actor, const MarkSecrecy& command, const View& view);

// A read, and an act for the audit log: for who moderates the room's forum and may read the room.
[[nodiscard]] Result<void> check(const Actor& actor, const ExportRecords& command);
[[nodiscard]] Act act_of(const Actor& actor, const ExportRecords& command);

}  // namespace foorumi::forum
