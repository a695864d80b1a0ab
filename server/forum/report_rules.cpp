// What members report, and what they appeal.
#include <algorithm>

#include "forum/reports.hpp"
#include "forum/rule_parts.hpp"
#include "forum/text.hpp"

namespace foorumi::forum {

using namespace parts;

namespace {

constexpr Millis report_day_ms = 24LL * 3600 * 1000;
constexpr std::uint32_t asked_again_ms = 200;

bool is_known(ReportCategory category) {
    return category >= ReportCategory::harassment && category <= ReportCategory::other;
}

std::string target_key(const FileReport& command) {
    return command.message != 0 ? reported_key(command.room, command.message) : reported_member_key(command.member);
}
std::string_view target_field(const FileReport& command) { return command.message != 0 ? "message" : "member"; }

// The room is of another forum than when it was asked which.
Result<void> in_forum(const RoomCard& room, Id forum) {
    if (room.forum == forum) return {};
    auto later = refusal(ErrorCode::unavailable, "contended");
    later.retry_after_ms = asked_again_ms;
    return later;
}

Result<void> check_message_target(const Actor& actor, const FileReport& command) {
    const auto room = visible_room(actor, command.room);
    return room ? in_forum(**room, command.forum) : room.error();
}

Result<void> check_member_target(const Actor& actor, const FileReport& command) {
    const auto* forum = actor.directory.forum(command.forum);
    if (forum == nullptr || !may_read_forum(actor.directory, actor.member, *forum, actor.now))
        return refusal(ErrorCode::not_found, "forum_not_found", "forum");
    if (actor.directory.member(command.member) == nullptr)
        return refusal(ErrorCode::not_found, "member_not_found", "member");
    return {};
}

// Whom it is about, unless it cannot be reported.
Result<Id> reported_member(const Actor& actor, const FileReport& command) {
    if (command.message != 0 && !command.found) return no_message("message");
    const Id about = command.message != 0 ? command.found->author : command.member;
    if (about == actor.member.id) return refusal(ErrorCode::forbidden, "report_of_oneself", target_field(command));
    if (command.message != 0 && command.found->deleted != 0)
        return refusal(ErrorCode::forbidden, "message_deleted", "message");
    return about;
}

Result<void> within_limits(const Actor& actor, const ReportBook& book) {
    if (book.reports.size() >= actor.limits.reports_open) return refusal(ErrorCode::limited, "too_many_open_reports");
    if (book.times.size() >= actor.limits.reports_per_day) return refusal(ErrorCode::limited, "too_many_reports");
    return {};
}

// As the reporter's book is now, without what is over.
ReportBook book_of(const Actor& actor, const Seen<ReportBook>& seen) {
    ReportBook book = seen.value() == nullptr ? ReportBook{} : *seen.value();
    book.member = actor.member.id;
    std::erase_if(book.times, [&](Millis at) { return at <= actor.now - report_day_ms; });
    return book;
}

Report begun(const Actor& actor, const FileReport& command, Id about) {
    Report report;
    report.room = command.message != 0 ? command.room : 0;
    report.thread = command.message != 0 ? command.found->thread : 0;
    report.message = command.message;
    report.member = about;
    report.created = actor.now;
    return report;
}

ReportWords words_of(const Actor& actor, const Report& report, ReportCategory category, const std::string& text) {
    return {actor.member.id, category,       text,          actor.now,    report.room,
            report.thread,   report.message, report.member, report.appeal};
}

Decision read_first(std::vector<std::string> keys) {
    Decision decision;
    decision.further = std::move(keys);
    return decision;
}

// Adds what the actor says to the report `number`, which is as `before` says.
void add_words(Decision& decision, const Actor& actor, const FileReport& command, std::uint64_t number, Report report) {
    ++report.reporters;
    report.changed = actor.now;
    if (std::ranges::find(report.categories, command.category) == report.categories.end())
        report.categories.push_back(command.category);
    decision.writes.push_back(
        {report_words_key(number, report.reporters), words_of(actor, report, command.category, command.words)});
    decision.writes.push_back({report_key(number), std::move(report)});
}

Result<void> appealable(const Actor& actor, const FileAppeal& command, const Versioned& removed) {
    const Message& message = *command.found;
    if (message.author != actor.member.id) return refusal(ErrorCode::forbidden, "not_author", "message");
    if (message.removed == 0) return refusal(ErrorCode::forbidden, "message_not_removed", "message");
    if (message.author_deleted != 0) return refusal(ErrorCode::forbidden, "message_deleted", "message");
    if (message.purged != 0) return refusal(ErrorCode::forbidden, "message_purged", "message");
    if (actor.now - message.removed > actor.limits.appeal_ms)
        return refusal(ErrorCode::forbidden, "appeal_too_late", "message");
    if (removed.version == 0) {  // it has not come yet
        auto later = refusal(ErrorCode::unavailable, "contended");
        later.retry_after_ms = asked_again_ms;
        return later;
    }
    if (!std::holds_alternative<EarlierText>(removed.value))
        return refusal(ErrorCode::forbidden, "earlier_text_gone", "message");
    return {};
}

}  // namespace

Result<void> check(const Actor& actor, const FileReport& command) {
    if (command.no_target) return refusal(ErrorCode::invalid, "target_missing");
    if (!is_known(command.category)) return refusal(ErrorCode::invalid, "category_unknown", "category");
    if (auto words = check_text(command.words, actor.limits.report_bytes, "words"); !words) return words;
    return command.message != 0 ? check_message_target(actor, command) : check_member_target(actor, command);
}

std::vector<std::string> needs(const Actor& actor, const FileReport& command) {
    return {target_key(command), reporter_key(actor.member.id)};
}

Result<Decision> decide(const Actor& actor, const FileReport& command, const View& view) {
    const auto about = reported_member(actor, command);
    if (!about) return about.error();
    const Seen<ReportBook> target(view, target_key(command));
    const Seen<ReportBook> reporter(view, reporter_key(actor.member.id));
    const auto open = target.value() == nullptr ? 0 : target.value()->report;
    auto book = book_of(actor, reporter);
    if (open != 0 && std::ranges::find(book.reports, open) != book.reports.end())
        return refusal(ErrorCode::conflict, "already_reported", target_field(command));
    if (auto within = within_limits(actor, book); !within) return within.error();
    const auto further = open == 0 ? std::string(reports_key) : report_key(open);
    if (!view.has(further)) return read_first({further});

    Decision decision;
    decision.expectations = {target.expectation(), reporter.expectation()};
    auto number = open;
    if (open != 0) {
        const Seen<Report> report(view, report_key(open));
        if (report.value() == nullptr) return refusal(ErrorCode::internal, "internal");
        if (report.value()->reporters >= actor.limits.reporters)
            return refusal(ErrorCode::limited, "too_many_reporters", target_field(command));
        decision.expectations.push_back(report.expectation());
        add_words(decision, actor, command, number, *report.value());
    } else {
        number = begin_report(decision, view);
        add_words(decision, actor, command, number, begun(actor, command, *about));
        ReportBook opened;
        opened.report = number;
        decision.writes.push_back({target.key, std::move(opened)});
    }
    book.reports.push_back(number);
    book.times.push_back(actor.now);
    decision.writes.push_back({reporter.key, std::move(book)});
    return decision;
}

Result<void> check(const Actor& actor, const FileAppeal& command) {
    if (command.no_target) return refusal(ErrorCode::invalid, "target_missing");
    if (auto words = check_text(command.words, actor.limits.report_bytes, "words"); !words) return words;
    const auto room = visible_room(actor, command.room);
    return room ? in_forum(**room, command.forum) : room.error();
}

std::vector<std::string> needs(const Actor&, const FileAppeal& command) {
    const auto n = command.found ? command.found->removals : 0;
    return {appealed_key(command.room, command.message, n), removed_key(command.room, command.message, n),
            std::string(reports_key)};
}

Result<Decision> decide(const Actor& actor, const FileAppeal& command, const View& view) {
    if (!command.found) return no_message("message");
    const Message& message = *command.found;
    const Seen<ReportBook> appealed(view, appealed_key(command.room, command.message, message.removals));
    const Seen<EarlierText> removed(view, removed_key(command.room, command.message, message.removals));
    if (auto may = appealable(actor, command, removed.seen); !may) return may.error();
    if (appealed.seen.version != 0) return refusal(ErrorCode::conflict, "already_appealed", "message");

    Report report;
    report.room = command.room;
    report.thread = message.thread;
    report.message = command.message;
    report.member = actor.member.id;
    report.created = report.changed = actor.now;
    report.appeal = true;
    report.removal = message.removals;
    report.removed_by = removed.value()->by;
    report.reporters = 1;
    Decision decision;
    decision.expectations = {appealed.expectation(), removed.expectation()};
    const auto number = begin_report(decision, view);
    ReportBook about;
    about.report = number;
    decision.writes.push_back({appealed.key, std::move(about)});
    decision.writes.push_back({report_words_key(number, 1), words_of(actor, report, {}, command.words)});
    decision.writes.push_back({report_key(number), std::move(report)});
    return decision;
}

}  // namespace foorumi::forum
