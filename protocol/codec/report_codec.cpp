#include "codec/report_codec.hpp"

namespace foorumi::codec {

void report_to_proto(const forum::Report& report, v1::Report& out) {
    out.set_room(report.room);
    out.set_thread(report.thread);
    out.set_message(report.message);
    out.set_member(report.member);
    out.set_state(static_cast<v1::Report::State>(report.state));
    out.clear_categories();
    for (const auto category : report.categories) out.add_categories(static_cast<v1::Report::Category>(category));
    out.set_reporters(report.reporters);
    out.set_notes(report.notes);
    out.set_created_ms(report.created);
    out.set_changed_ms(report.changed);
    out.set_assigned(report.assigned);
    out.set_closed_ms(report.closed);
    out.set_closed_by(report.closed_by);
    out.set_keep_until_ms(report.keep_until);
    out.set_appeal(report.appeal);
    out.set_removal(report.removal);
    out.set_removed_by(report.removed_by);
    out.mutable_filters()->Assign(report.filters.begin(), report.filters.end());
}

void report_to_proto(const forum::ReportWords& words, v1::ReportWords& out) {
    out.set_reporter(words.reporter);
    out.set_category(static_cast<v1::Report::Category>(words.category));
    out.set_text(words.text);
    out.set_at_ms(words.at);
    out.set_room(words.room);
    out.set_thread(words.thread);
    out.set_message(words.message);
    out.set_member(words.member);
    out.set_appeal(words.appeal);
}

void report_to_proto(const forum::ReportNote& note, v1::ReportNote& out) {
    out.set_by(note.by);
    out.set_at_ms(note.at);
    out.set_text(note.text);
    out.set_to(static_cast<v1::ReportNote::To>(note.to));
}

void report_to_proto(const forum::ReportBook& book, v1::ReportBook& out) {
    out.set_last(book.last);
    out.set_member(book.member);
    out.mutable_reports()->Assign(book.reports.begin(), book.reports.end());
    out.mutable_at_ms()->Assign(book.times.begin(), book.times.end());
    out.set_report(book.report);
}

std::optional<forum::Entity> report_from_proto(const v1::Report& report) {
    if (report.state() == v1::Report::STATE_UNSPECIFIED || !v1::Report::State_IsValid(report.state()))
        return std::nullopt;
    forum::Report out;
    out.room = report.room();
    out.thread = report.thread();
    out.message = report.message();
    out.member = report.member();
    out.state = static_cast<forum::ReportState>(report.state());
    for (const int category : report.categories()) {
        if (!v1::Report::Category_IsValid(category)) return std::nullopt;
        out.categories.push_back(static_cast<forum::ReportCategory>(category));
    }
    out.reporters = report.reporters();
    out.notes = report.notes();
    out.created = report.created_ms();
    out.changed = report.changed_ms();
    out.assigned = report.assigned();
    out.closed = report.closed_ms();
    out.closed_by = report.closed_by();
    out.keep_until = report.keep_until_ms();
    out.appeal = report.appeal();
    out.removal = report.removal();
    out.removed_by = report.removed_by();
    out.filters.assign(report.filters().begin(), report.filters().end());
    return out;
}

std::optional<forum::Entity> report_from_proto(const v1::ReportWords& words) {
    if (!v1::Report::Category_IsValid(words.category())) return std::nullopt;
    return forum::ReportWords{words.reporter(), static_cast<forum::ReportCategory>(words.category()),
                              words.text(),     words.at_ms(),
                              words.room(),     words.thread(),
                              words.message(),  words.member(),
                              words.appeal()};
}

std::optional<forum::Entity> report_from_proto(const v1::ReportNote& note) {
    if (!v1::ReportNote::To_IsValid(note.to())) return std::nullopt;
    return forum::ReportNote{note.by(), note.at_ms(), note.text(), static_cast<forum::NoteTo>(note.to())};
}

forum::Entity report_from_proto(const v1::ReportBook& book) {
    return forum::ReportBook{book.last(),
                             book.member(),
                             {book.reports().begin(), book.reports().end()},
                             {book.at_ms().begin(), book.at_ms().end()},
                             book.report()};
}

}  // namespace foorumi::codec
