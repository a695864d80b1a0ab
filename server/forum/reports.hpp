// Reports of messages and members, appeals, and the queue of a forum's moderators. Pure; check(), needs() and decide()
// as in rules.hpp.
//
// All of it commits to the moderation channel of the forum. Subscribers of that channel get report_key() and nothing
// that is_server_only(): so they do not learn who has reported, nor what was said, which ReadReport tells.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "forum/rules.hpp"

namespace foorumi::forum {

// Of a message (room and message), or of a member (forum and member). Of a message `forum` and `found` are no fields of
// the request: the caller fills in the room's forum, and reads message:<message> of the room; nothing where there is
// none.
struct FileReport {
    Id room = 0;
    Id message = 0;
    Id member = 0;
    Id forum = 0;
    ReportCategory category{};
    std::string words;
    bool no_target = false;  // neither, or one that this server does not know
    std::optional<Message> found{};
};
// Of a removal; `forum` and `found` as above.
struct FileAppeal {
    Id room = 0;
    Id message = 0;
    std::string words;
    bool no_target = false;
    Id forum = 0;
    std::optional<Message> found{};
};
struct AssignReport {
    Id forum = 0;
    std::uint64_t report = 0;
    Id member = 0;  // 0: nobody
};
struct NoteReport {
    Id forum = 0;
    std::uint64_t report = 0;
    std::string text;
};
struct ResolveReport {
    Id forum = 0;
    std::uint64_t report = 0;
    bool rejected = false;
    std::string words;      // to who has reported or appealed
    std::string to_author;  // to whom it is about; together they are bounded as a reason is
};
struct ReadReport {
    Id forum = 0;
    std::uint64_t report = 0;
};

// Whoever may read a room reports what others have written there, and whoever may read a forum any member to its
// moderators. What is about the same joins while it is open: each reporter once, up to the limit of them. Whoever's
// message was removed appeals, once for each removal and within the time for that.
//
// The moderators are those who may read the moderation channel. Nobody of them assigns, notes, resolves, reads or is
// assigned what is about themselves, an appeal of their own among it. Who has removed a message does not decide the
// appeal while there is another moderator of the forum who may. What is closed changes no more.
//
// The outcome is told to who has reported or appealed, and with words for them to whom it is about; none of them learns
// who the others are, or who has decided.
//
// Refusals, beside those of text.hpp and rules.hpp, by code (field in parentheses):
//   INVALID    target_missing, category_unknown (category), not_a_moderator (member), author_not_told (to_author)
//   NOT_FOUND  forum_not_found (forum), member_not_found (member), channel_not_found (forum), report_not_found (report)
//   FORBIDDEN  report_of_oneself (message, member), appeal_too_late, not_author, message_not_removed, message_purged,
//              earlier_text_gone (message), own_report (report; of whom it is assigned to: member), own_removal (the
//              same), report_closed (report)
//   CONFLICT   already_reported (message, member), already_appealed (message)
//   LIMITED    too_many_open_reports, too_many_reports, too_many_reporters, too_many_notes (report)
[[nodiscard]] Result<void> check(const Actor& actor, const FileReport& command);
[[nodiscard]] std::vector<std::string> needs(const Actor& actor, const FileReport& command);
[[nodiscard]] Result<Decision> decide(const Actor& actor, const FileReport& command, const View& view);

[[nodiscard]] Result<void> check(const Actor& actor, const FileAppeal& command);
[[nodiscard]] std::vector<std::string> needs(const Actor& actor, const FileAppeal& command);
[[nodiscard]] Result<Decision> decide(const Actor& actor, const FileAppeal& command, const View& view);

[[nodiscard]] Result<void> check(const Actor& actor, const AssignReport& command);
[[nodiscard]] std::vector<std::string> needs(const Actor& actor, const AssignReport& command);
[[nodiscard]] Result<Decision> decide(const Actor& actor, const AssignReport& command, const View& view);

[[nodiscard]] Result<void> check(const Actor& actor, const NoteReport& command);
[[nodiscard]] std::vector<std::string> needs(const Actor& actor, const NoteReport& command);
[[nodiscard]] Result<Decision> decide(const Actor& actor, const NoteReport& command, const View& view);

[[nodiscard]] Result<void> check(const Actor& actor, const ResolveReport& command);
[[nodiscard]] std::vector<std::string> needs(const Actor& actor, const ResolveReport& command);
[[nodiscard]] Result<Decision> decide(const Actor& actor, const ResolveReport& command, const View& view);

// Whether the actor may read the queue: NOT_FOUND channel_not_found (forum).
[[nodiscard]] Result<void> check_queue(const Actor& actor, Id forum);

// The same, and whether they may change something there: FORBIDDEN muted (forum).
[[nodiscard]] Result<void> check_queue_work(const Actor& actor, Id forum);

// A read, and an act for the audit log. REQUIRES: check_queue(). `report`: what stands under report_key().
[[nodiscard]] Result<void> check_read(const Actor& actor, const Versioned& report);
[[nodiscard]] Act act_of(const ReadReport& command, const Report& report);
// The keys under which there is more of it: what was said, then notes.
[[nodiscard]] std::vector<std::string> report_parts(std::uint64_t number, const Report& report);

// Everything of a closed report, to be emptied when it is over: REQUIRES: is_closed().
[[nodiscard]] std::vector<std::string> keys_of_closed(std::uint64_t number, const Report& report);

}  // namespace foorumi::forum
