// What moderators do to the reports of their forum.
#include <algorithm>

#include "forum/reports.hpp"
#include "forum/rule_parts.hpp"
#include "forum/text.hpp"

namespace foorumi::forum {

using namespace parts;

namespace {

// Places of inbox entries for each moment, so that two kinds of one moment do not meet.
constexpr Version kinds_of_entries = 16;

bool reads_queue(const Directory& directory, const MemberCard& member, Id forum, Millis now) {
    return may_read(directory, member, {ChannelKind::moderation, forum}, now);
}

// Who is muted reads on.
bool works_queue(const Actor& actor, const MemberCard& member, Id forum) {
    return reads_queue(actor.directory, member, forum, actor.now) && !is_muted(member, forum, actor.now);
}

// Who has removed a message leaves the appeal to another moderator, where there is one who may decide it.
bool is_left_to_another(const Actor& actor, const Report& report, Id moderator, Id forum) {
    if (!report.appeal || report.removed_by != moderator) return false;
    return actor.directory.any_member([&](const MemberCard& other) {
        return other.id != moderator && other.id != report.member && works_queue(actor, other, forum);
    });
}

// Whether the actor may do anything to it.
Result<void> open_to(const Actor& actor, const Versioned& seen) {
    if (auto may = check_read(actor, seen); !may) return may;
    if (std::get<Report>(seen.value).is_closed()) return refusal(ErrorCode::forbidden, "report_closed", "report");
    return {};
}

Act act_on_report(Id forum, std::uint64_t number, const Report& report) {
    return {.forum = forum,
            .room = report.room,
            .thread = report.thread,
            .message = report.message,
            .member = report.member,
            .reason = {},
            .report = number};
}

Result<void> assignable(const Actor& actor, const AssignReport& command, const Report& report) {
    if (command.member == 0) return {};
    const auto* member = actor.directory.member(command.member);
    if (member == nullptr || !works_queue(actor, *member, command.forum))
        return refusal(ErrorCode::invalid, "not_a_moderator", "member");
    if (member->id == report.member) return refusal(ErrorCode::forbidden, "own_report", "member");
    if (is_left_to_another(actor, report, member->id, command.forum))
        return refusal(ErrorCode::forbidden, "own_removal", "member");
    return {};
}

void add_note(Decision& decision, const Actor& actor, std::uint64_t number, Report& report, const std::string& text,
              NoteTo to) {
    if (text.empty()) return;
    decision.writes.push_back(
        {report_note_key(number, ++report.notes), ReportNote{actor.member.id, actor.now, text, to}});
}

// Of a report of a member nothing goes to who may not read the forum any more; of one of a message, see effects.
bool hears(const Actor& actor, Id forum, Id member, const Report& report) {
    if (member == 0 || member == actor.member.id) return false;
    const auto* card = actor.directory.member(member);
    const auto* place = actor.directory.forum(forum);
    return report.message != 0 ||
           (card != nullptr && place != nullptr && may_read_forum(actor.directory, *card, *place, actor.now));
}

void tell_outcome(Decision& decision, const Actor& actor, Id member, InboxKind kind, const Report& report,
                  const std::string& words) {
    InboxEntry entry;
    entry.kind = kind;
    entry.room = report.room;
    entry.thread = report.thread;
    entry.message = report.message;
    entry.created = actor.now;
    entry.reason = words;
    if (report.message == 0 && kind != InboxKind::reported) entry.member = report.member;
    // The moment, and not the version: how much happens among the moderators is not told.
    const auto act = static_cast<Version>(actor.now) * kinds_of_entries + static_cast<Version>(kind);
    decision.effects.push_back(
        {member_channel(member), act_inbox_key(report.room, report.message, act), entry, std::string(inbox_index)});
}

InboxKind outcome_kind(const Report& report, bool rejected) {
    if (report.appeal) return rejected ? InboxKind::appeal_rejected : InboxKind::appeal_accepted;
    return rejected ? InboxKind::report_rejected : InboxKind::report_resolved;
}

// Those of the keys that have not been read yet.
std::vector<std::string> unread(const View& view, std::vector<std::string> keys) {
    std::erase_if(keys, [&](const auto& key) { return view.has(key); });
    return keys;
}

std::vector<std::string> words_keys(std::uint64_t number, const Report& report) {
    std::vector<std::string> keys;
    for (std::uint32_t n = 1; n <= report.reporters; ++n) keys.push_back(report_words_key(number, n));
    return keys;
}

// Who has reported, or appealed; without those who were erased.
std::vector<Id> reporters_of(const View& view, std::uint64_t number, const Report& report) {
    std::vector<Id> members;
    for (const auto& key : words_keys(number, report)) {
        const Seen<ReportWords> words(view, key);
        if (words.value() != nullptr && words.value()->reporter != 0) members.push_back(words.value()->reporter);
    }
    return members;
}

std::vector<std::string> book_keys(const std::vector<Id>& members) {
    std::vector<std::string> keys;
    for (const Id member : members) keys.push_back(reporter_key(member));
    return keys;
}

// The report is none of the open ones any more: of its reporters, and of what it is about.
void take_out(Decision& decision, const View& view, const std::vector<Id>& reporters, std::uint64_t number,
              const Report& report) {
    for (const auto& key : book_keys(reporters)) {
        const Seen<ReportBook> seen(view, key);
        decision.expectations.push_back(seen.expectation());
        if (seen.value() == nullptr) continue;
        auto book = *seen.value();
        std::erase(book.reports, number);
        decision.writes.push_back({key, std::move(book)});
    }
    const auto target =
        report.message != 0 ? reported_key(report.room, report.message) : reported_member_key(report.member);
    decision.writes.push_back({target, std::monostate{}});
}

Report closed(const Actor& actor, const Report& before, bool rejected) {
    Report report = before;
    report.state = rejected ? ReportState::rejected : ReportState::resolved;
    report.changed = report.closed = actor.now;
    report.closed_by = actor.member.id;
    report.keep_until = actor.now + actor.limits.report_ms;
    // That there was an appeal is known for as long as there may be one.
    if (report.appeal) report.keep_until = std::max(report.keep_until, report.created + actor.limits.appeal_ms);
    return report;
}

Result<void> may_close(const Actor& actor, const ResolveReport& command, const Report& report) {
    if (!command.to_author.empty() && report.appeal) return refusal(ErrorCode::invalid, "author_not_told", "to_author");
    if (is_left_to_another(actor, report, actor.member.id, command.forum))
        return refusal(ErrorCode::forbidden, "own_removal", "report");
    return {};
}

}  // namespace

Result<void> check_queue(const Actor& actor, Id forum) {
    if (reads_queue(actor.directory, actor.member, forum, actor.now)) return {};
    return refusal(ErrorCode::not_found, "channel_not_found", "forum");
}

Result<void> check_queue_work(const Actor& actor, Id forum) {
    if (auto reads = check_queue(actor, forum); !reads) return reads;
    if (works_queue(actor, actor.member, forum)) return {};
    return refusal(ErrorCode::forbidden, "muted", "forum");
}

Result<void> check_read(const Actor& actor, const Versioned& report) {
    const auto* found = std::get_if<Report>(&report.value);
    if (found == nullptr) return refusal(ErrorCode::not_found, "report_not_found", "report");
    if (found->member == actor.member.id) return refusal(ErrorCode::forbidden, "own_report", "report");
    return {};
}

Act act_of(const ReadReport& command, const Report& report) {
    return act_on_report(command.forum, command.report, report);
}

std::vector<std::string> report_parts(std::uint64_t number, const Report& report) {
    auto keys = words_keys(number, report);
    for (std::uint32_t n = 1; n <= report.notes; ++n) keys.push_back(report_note_key(number, n));
    return keys;
}

std::vector<std::string> keys_of_closed(std::uint64_t number, const Report& report) {
    auto keys = report_parts(number, report);
    keys.push_back(report_key(number));
    if (report.appeal) keys.push_back(appealed_key(report.room, report.message, report.removal));
    if (!report.filters.empty()) keys.push_back(flagged_key(report.room, report.message));
    return keys;
}

Result<void> check(const Actor& actor, const AssignReport& command) { return check_queue_work(actor, command.forum); }

std::vector<std::string> needs(const Actor&, const AssignReport& command) { return {report_key(command.report)}; }

Result<Decision> decide(const Actor& actor, const AssignReport& command, const View& view) {
    const Seen<Report> seen(view, report_key(command.report));
    if (auto may = open_to(actor, seen.seen); !may) return may.error();
    if (auto may = assignable(actor, command, *seen.value()); !may) return may.error();
    if (seen.value()->assigned == command.member) return Decision{};
    Report report = *seen.value();
    report.assigned = command.member;
    report.state = command.member == 0 ? ReportState::fresh : ReportState::assigned;
    report.changed = actor.now;
    Decision decision;
    decision.expectations = {seen.expectation()};
    decision.act = act_on_report(command.forum, command.report, report);
    decision.act->member = command.member;
    decision.writes = {{seen.key, std::move(report)}};
    return decision;
}

Result<void> check(const Actor& actor, const NoteReport& command) {
    if (auto text = check_text(command.text, actor.limits.reason_bytes, "text"); !text) return text;
    return check_queue_work(actor, command.forum);
}

std::vector<std::string> needs(const Actor&, const NoteReport& command) { return {report_key(command.report)}; }

Result<Decision> decide(const Actor& actor, const NoteReport& command, const View& view) {
    const Seen<Report> seen(view, report_key(command.report));
    if (auto may = open_to(actor, seen.seen); !may) return may.error();
    if (seen.value()->notes >= actor.limits.report_notes)
        return refusal(ErrorCode::limited, "too_many_notes", "report");
    Report report = *seen.value();
    report.changed = actor.now;
    Decision decision;
    decision.expectations = {seen.expectation()};
    decision.act = act_on_report(command.forum, command.report, report);
    decision.act->reason = command.text;
    add_note(decision, actor, command.report, report, command.text, NoteTo::moderators);
    decision.writes.push_back({seen.key, std::move(report)});
    return decision;
}

Result<void> check(const Actor& actor, const ResolveReport& command) {
    if (command.rejected && !command.to_author.empty())
        return refusal(ErrorCode::invalid, "author_not_told", "to_author");
    for (const auto& [text, field] : {std::pair{&command.words, "words"}, {&command.to_author, "to_author"}}) {
        if (text->empty()) continue;
        if (auto good = check_text(*text, actor.limits.reason_bytes, field); !good) return good;
    }
    if (command.words.size() + command.to_author.size() > actor.limits.reason_bytes)
        return refusal(ErrorCode::invalid, "text_too_long", "to_author");
    return check_queue_work(actor, command.forum);
}

std::vector<std::string> needs(const Actor&, const ResolveReport& command) { return {report_key(command.report)}; }

Result<Decision> decide(const Actor& actor, const ResolveReport& command, const View& view) {
    const Seen<Report> seen(view, report_key(command.report));
    if (auto may = open_to(actor, seen.seen); !may) return may.error();
    const Report& before = *seen.value();
    if (auto may = may_close(actor, command, before); !may) return may.error();
    Decision decision;
    decision.further = unread(view, words_keys(command.report, before));
    if (!decision.further.empty()) return decision;
    const auto reporters = reporters_of(view, command.report, before);
    if (!before.appeal) decision.further = unread(view, book_keys(reporters));
    if (!decision.further.empty()) return decision;

    Report after = closed(actor, before, command.rejected);
    decision.expectations = {seen.expectation()};
    for (const auto& key : words_keys(command.report, before))
        decision.expectations.push_back({key, view.entity(key).version});
    add_note(decision, actor, command.report, after, command.words, NoteTo::reporters);
    add_note(decision, actor, command.report, after, command.to_author, NoteTo::author);
    if (!before.appeal) take_out(decision, view, reporters, command.report, before);
    decision.indexes = {{std::string(reports_index), seen.key, 0, true}, {std::string(closed_index), seen.key}};
    for (const Id reporter : reporters)
        if (hears(actor, command.forum, reporter, before))
            tell_outcome(decision, actor, reporter, outcome_kind(before, command.rejected), before, command.words);
    if (!command.to_author.empty() && hears(actor, command.forum, before.member, before))
        tell_outcome(decision, actor, before.member, InboxKind::reported, before, command.to_author);
    decision.act = act_on_report(command.forum, command.report, before);
    if (command.rejected) decision.act->name = "reject_report";
    decision.act->reason = command.words + command.to_author;
    decision.writes.push_back({seen.key, std::move(after)});
    return decision;
}

}  // namespace foorumi::forum
