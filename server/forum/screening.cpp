#include "forum/screening.hpp"

#include <algorithm>
#include <utility>

#include "forum/rule_parts.hpp"

namespace foorumi::forum {

using namespace parts;

namespace {

// Commits of one message of which it is known that they were flagged.
constexpr std::size_t flags_known = 32;

void add_patterns(std::vector<std::string>& all, const std::vector<std::string>& more) {
    for (const auto& pattern : more)
        if (all.size() < most_hits && std::ranges::find(all, pattern) == all.end()) all.push_back(pattern);
}

// An open report, or nothing.
Report joining(const Report& flag, const Report* open) {
    Report report = open == nullptr ? flag : *open;
    if (std::ranges::find(report.categories, ReportCategory::filter) == report.categories.end())
        report.categories.push_back(ReportCategory::filter);
    report.changed = flag.created;
    if (open != nullptr) add_patterns(report.filters, flag.filters);
    return report;
}

// Commits by version, with the time beside it: where a failover has lost one, its version comes again.
bool was_flagged(const PostBook& book, Version commit, Millis at) {
    const auto& known = book.versions;
    if (known.size() >= flags_known && commit < known.front()) return true;
    const auto place = std::ranges::find(known, commit) - known.begin();
    return std::cmp_less(place, std::min(known.size(), book.times.size())) &&
           book.times[static_cast<std::size_t>(place)] == at;
}

PostBook with_flag(PostBook book, Version commit, Millis at) {
    book.times.resize(book.versions.size());
    const auto place = std::ranges::lower_bound(book.versions, commit) - book.versions.begin();
    if (std::cmp_less(place, book.versions.size()) && book.versions[static_cast<std::size_t>(place)] == commit) {
        book.times[static_cast<std::size_t>(place)] = at;
        return book;
    }
    book.versions.insert(book.versions.begin() + place, commit);
    book.times.insert(book.times.begin() + place, at);
    if (book.versions.size() <= flags_known) return book;
    book.versions.erase(book.versions.begin());
    book.times.erase(book.times.begin());
    return book;
}

// Of a moderation channel: the reports that flags of this member's messages have begun; some are closed meanwhile.
std::string flags_key(Id member) { return ".flags:" + std::to_string(member); }

bool is_open(const View& view, std::uint64_t number) {
    const Seen<Report> report(view, report_key(number));
    return report.value() != nullptr && !report.value()->is_closed();
}

// What has to be read to join the report that is open, or to begin one, and has not been.
std::vector<std::string> unread_to_flag(const View& view, std::uint64_t open, const ReportBook& author,
                                        std::size_t most_open) {
    std::vector<std::string> keys;
    if (open != 0)
        keys.push_back(report_key(open));
    else
        keys.emplace_back(reports_key);
    if (open == 0 && author.reports.size() >= most_open)
        for (const auto number : author.reports) keys.push_back(report_key(number));
    std::erase_if(keys, [&](const auto& key) { return view.has(key); });
    return keys;
}

void join(Decision& decision, const View& view, std::uint64_t number, const Report& flag) {
    const Seen<Report> report(view, report_key(number));
    decision.expectations.push_back(report.expectation());
    decision.writes.push_back({report.key, joining(flag, report.value())});
}

}  // namespace

Result<Screened> screen(const Actor& actor, Id room, const std::vector<Written>& texts) {
    Screened screened;
    if (moderates_room(actor, room)) return screened;
    const Id forum = actor.directory.room(room)->forum;
    for (const auto& written : texts) {
        const auto match = actor.directory.filtered(forum, written.text);
        add_patterns(screened.patterns, match.patterns);
        if (match.action <= screened.action) continue;
        screened.action = match.action;
        screened.field = written.field;
    }
    if (screened.action == FilterAction::refuse) return refusal(ErrorCode::forbidden, "text_filtered", screened.field);
    return screened;
}

Result<Screened> screen_present(const Actor& actor, Id room, const std::vector<Written>& texts) {
    auto screened = screen(actor, room, texts);
    if (screened && screened->action == FilterAction::hold)
        return refusal(ErrorCode::forbidden, "would_be_held", screened->field);
    return screened;
}

std::vector<std::string> patterns_in(const Actor& actor, const HeldMessage& held) {
    std::vector<std::string> all;
    const auto* room = actor.directory.room(held.room);
    if (room == nullptr) return all;
    for (const auto* text : {&held.title, &held.text})
        add_patterns(all, actor.directory.filtered(room->forum, *text).patterns);
    return all;
}

void flag(Decision& decision, const Actor& actor, Id room, Id thread, Id message, const Screened& screened) {
    if (screened.action != FilterAction::flag) return;
    Report report;
    report.room = room;
    report.thread = thread;
    report.message = message;
    report.member = actor.member.id;
    report.categories = {ReportCategory::filter};
    report.created = report.changed = actor.now;
    report.filters = screened.patterns;
    Effect effect;
    effect.channel = moderation_channel(actor.directory.room(room)->forum);
    effect.value = std::move(report);
    effect.flag = true;
    decision.effects.push_back(std::move(effect));
}

std::vector<std::string> needs_to_flag(const Report& flag) {
    return {reported_key(flag.room, flag.message), flagged_key(flag.room, flag.message), flags_key(flag.member)};
}

Decision decide_flag(const Report& flag, Version commit, std::size_t most_open, const View& view) {
    const Seen<ReportBook> target(view, reported_key(flag.room, flag.message));
    const Seen<PostBook> flagged(view, flagged_key(flag.room, flag.message));
    const auto before = flagged.value() == nullptr ? PostBook{} : *flagged.value();
    if (was_flagged(before, commit, flag.created)) return {};
    const auto open = target.value() == nullptr ? 0 : target.value()->report;
    const Seen<ReportBook> author(view, flags_key(flag.member));
    auto book = author.value() == nullptr ? ReportBook{} : *author.value();
    book.member = flag.member;
    Decision decision;
    decision.further = unread_to_flag(view, open, book, most_open);
    if (!decision.further.empty()) return decision;
    decision.expectations = {target.expectation(), flagged.expectation()};
    if (open != 0) {
        decision.writes = {{flagged.key, with_flag(before, commit, flag.created)}};
        join(decision, view, open, flag);
        return decision;
    }
    decision.expectations.push_back(author.expectation());
    if (book.reports.size() >= most_open)
        std::erase_if(book.reports, [&](auto number) { return !is_open(view, number); });
    if (!book.reports.empty() && book.reports.size() >= most_open) {
        join(decision, view, book.reports.back(), flag);
        return decision;
    }
    const auto number = begin_report(decision, view);
    book.reports.push_back(number);
    ReportBook opened;
    opened.report = number;
    decision.writes.push_back({flagged.key, with_flag(before, commit, flag.created)});
    decision.writes.push_back({report_key(number), joining(flag, nullptr)});
    decision.writes.push_back({target.key, std::move(opened)});
    decision.writes.push_back({author.key, std::move(book)});
    return decision;
}

}  // namespace foorumi::forum
