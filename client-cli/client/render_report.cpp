// The moderators' queue, and what becomes of reports, as people read it.
#include "client/columns.hpp"
#include "client/display.hpp"
#include "client/entity_key.hpp"
#include "client/render.hpp"
#include "client/report_words.hpp"

namespace foorumi::client {
namespace {

std::string_view report_state_key(int state) {
    switch (state) {
        case foorumi::v1::Report::STATE_NEW:
            return "report.new";
        case foorumi::v1::Report::STATE_ASSIGNED:
            return "report.assigned";
        case foorumi::v1::Report::STATE_RESOLVED:
            return "report.resolved";
        case foorumi::v1::Report::STATE_REJECTED:
            return "report.rejected";
        default:
            return "report.other_state";
    }
}

// "Title (#3)", or "#3" where the title is not known.
std::string with_number(const std::string& title, std::uint64_t id) {
    const std::string number = '#' + std::to_string(id);
    return title.empty() ? number : visible(title, Lines::one) + " (" + number + ')';
}

std::string behind_colon(const std::string& words) { return words.empty() ? "" : ": " + visible(words, Lines::one); }

}  // namespace

std::string Renderer::report(const foorumi::v1::Entity& entity) const {
    const auto& report = entity.report();
    const std::string by = name(report.closed_ms() != 0 ? report.closed_by() : report.assigned());
    const auto number = std::to_string(parse_entity_key(entity.key()).id());
    std::string out = bold(texts_.text(report.appeal() ? "report.appeal" : "report.report", {{"number", number}})) +
                      "  " + texts_.text(report_state_key(report.state()), {{"name", by}}) + "  ";
    out += report.message() == 0 ? texts_.text("report.of_member", {{"name", name(report.member())}})
                                 : texts_.text("report.of_message", {{"message", std::to_string(report.message())},
                                                                     {"room", std::to_string(report.room())},
                                                                     {"name", name(report.member())}});
    if (report.appeal()) out += "  " + texts_.text("report.removed_by", {{"name", name(report.removed_by())}});
    std::string categories;
    for (const int category : report.categories())
        categories += (categories.empty() ? "" : ", ") + texts_.text("report.category." + category_word(category));
    if (!categories.empty()) out += "  " + categories;
    if (const auto found = filters_found(report.filters()); !found.empty()) out += "  " + found;
    if (!report.appeal()) out += "  " + texts_.counted("report.reporters", report.reporters());
    if (report.notes() > 0) out += "  " + texts_.counted("report.notes", report.notes());
    return out;
}

std::string Renderer::report_words(const foorumi::v1::ReportWords& words) const {
    const std::string who = words.reporter() == 0 ? texts_.text("report.by_erased") : name(words.reporter());
    std::string out = dim(time_text(words.at_ms())) + "  " + bold(who);
    if (!words.appeal()) out += "  " + texts_.text("report.category." + category_word(words.category()));
    return words.text().empty() ? out : out + "\n" + wrapped(visible(words.text(), Lines::many), "    ", columns_);
}

std::string Renderer::report_note(const foorumi::v1::ReportNote& note) const {
    using Note = foorumi::v1::ReportNote;
    const auto key = note.to() == Note::TO_REPORTERS ? "report.note_to_reporters"
                     : note.to() == Note::TO_AUTHOR  ? "report.note_to_author"
                                                     : "report.note";
    return dim(time_text(note.at_ms())) + "  " + bold(texts_.text(key, {{"name", name(note.by())}})) + "\n" +
           wrapped(visible(note.text(), Lines::many), "    ", columns_);
}

std::string Renderer::earlier_news(const foorumi::v1::EarlierText& earlier) const {
    const auto key = earlier.message() == 0 ? "report.text_expired"
                     : earlier.purged()     ? "report.text_purged"
                     : !earlier.removed()   ? "report.text_edited"
                     : earlier.by() == 0    ? "report.text_deleted"
                                            : "report.text_removed";
    return texts_.text(key, {{"message", std::to_string(earlier.message())},
                             {"room", std::to_string(earlier.room())},
                             {"name", name(earlier.author())},
                             {"by", earlier.by() == 0 ? "" : name(earlier.by())},
                             {"reason", visible(earlier.reason(), Lines::one)}});
}

std::string Renderer::outcome(const foorumi::v1::InboxEntry& entry, const Titles& titles) const {
    using Entry = foorumi::v1::InboxEntry;
    const auto key = entry.kind() == Entry::KIND_REPORT_RESOLVED   ? "outcome_of_report.resolved"
                     : entry.kind() == Entry::KIND_REPORT_REJECTED ? "outcome_of_report.rejected"
                     : entry.kind() == Entry::KIND_REPORTED        ? "outcome_of_report.reported"
                     : entry.kind() == Entry::KIND_APPEAL_ACCEPTED ? "outcome_of_report.appeal_accepted"
                     : entry.kind() == Entry::KIND_APPEAL_REJECTED ? "outcome_of_report.appeal_rejected"
                                                                   : "";
    if (std::string_view(key).empty()) return "";
    std::string about = texts_.text("outcome_of_report.yourself");
    if (entry.message() != 0)
        about = texts_.text("outcome_of_report.message", {{"message", '#' + std::to_string(entry.message())},
                                                          {"room", with_number(titles.room, entry.room())}});
    else if (entry.member() != 0)
        about = name(entry.member());
    return texts_.text(key, {{"about", about}}) + behind_colon(entry.reason());
}

}  // namespace foorumi::client
