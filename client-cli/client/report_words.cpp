#include "client/report_words.hpp"

#include <algorithm>

namespace foorumi::client {
namespace {

using foorumi::v1::Report;

constexpr std::string_view category_prefix = "CATEGORY_";

std::string lower(std::string word) {
    std::ranges::transform(word, word.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return word;
}

}  // namespace

std::string category_word(int category) {
    if (category == Report::CATEGORY_UNSPECIFIED || !Report::Category_IsValid(category)) return "other";
    return lower(Report::Category_Name(static_cast<Report::Category>(category)).substr(category_prefix.size()));
}

std::vector<std::string> category_words() {
    std::vector<std::string> words;
    for (int n = Report::CATEGORY_UNSPECIFIED + 1; n <= Report::CATEGORY_OTHER; ++n) words.push_back(category_word(n));
    return words;
}

std::optional<Report::Category> read_category(std::string_view word) {
    const auto words = category_words();
    const auto found = std::ranges::find(words, word);
    if (found == words.end()) return std::nullopt;
    return static_cast<Report::Category>(found - words.begin() + 1);
}

std::optional<std::string_view> followed_queue(std::string_view text) {
    constexpr std::string_view kind = "moderation:";
    return text.starts_with(kind) ? std::optional(text.substr(kind.size())) : std::nullopt;
}

foorumi::v1::Request report_request(const Arguments& arguments, std::uint64_t place, std::uint64_t member) {
    const auto& asked = arguments.reports;
    foorumi::v1::Request request;
    const auto aimed = [&](auto& command) -> auto& {
        command.set_forum(place);
        command.set_report(asked.report);
        return command;
    };
    switch (arguments.verb) {
        case Verb::report:
        case Verb::report_member: {
            auto& report = *request.mutable_file_report();
            report.set_category(read_category(asked.category).value_or(Report::CATEGORY_UNSPECIFIED));
            report.set_words(asked.words);
            if (arguments.verb == Verb::report) {
                report.mutable_message()->set_room(place);
                report.mutable_message()->set_message(arguments.message);
            } else {
                report.mutable_member()->set_forum(place);
                report.mutable_member()->set_member(member);
            }
            break;
        }
        case Verb::appeal: {
            auto& appeal = *request.mutable_file_appeal();
            appeal.mutable_removal()->set_room(place);
            appeal.mutable_removal()->set_message(arguments.message);
            appeal.set_words(asked.words);
            break;
        }
        case Verb::mod_assign:
            aimed(*request.mutable_assign_report()).set_member(member);
            break;
        case Verb::mod_note:
            aimed(*request.mutable_note_report()).set_text(asked.words);
            break;
        default: {
            auto& resolve = aimed(*request.mutable_resolve_report());
            resolve.set_rejected(arguments.verb == Verb::mod_reject);
            resolve.set_words(asked.words);
            resolve.set_to_author(asked.to_author);
            break;
        }
    }
    return request;
}

}  // namespace foorumi::client
