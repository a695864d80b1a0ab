#include "client/usage.hpp"

#include <utility>

namespace foorumi::client {
namespace {

std::string explain_excludes(const std::string& what, const Catalogue& texts) {
    constexpr std::string_view mark = " excludes ";
    std::string one = what.substr(0, what.find(mark));
    std::string other = what.substr(one.size() + mark.size());
    if (other < one) std::swap(one, other);  // which of them it names first depends on CLI11's release
    return texts.text("usage.excludes", {{"one", one}, {"other", other}});
}

// The innermost command that was begun.
const CLI::App& innermost(const CLI::App& app) {
    const CLI::App* at = &app;
    while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
    return *at;
}

std::string words_to(const CLI::App& app, const CLI::App& command) {
    std::string words = "foorumi";
    for (const CLI::App* at = &app; at != &command;) {
        at = at->get_subcommands().front();
        words += ' ' + at->get_name();
    }
    return words;
}

}  // namespace

std::string joined(const std::vector<std::string>& words, std::string_view between) {
    std::string out;
    for (const auto& word : words) {
        if (!out.empty()) out += between;
        out += word;
    }
    return out;
}

std::string explain(const CLI::App& app, const CLI::ParseError& error, const Catalogue& texts) {
    const std::string what = error.what();
    const std::string kind = error.get_name();
    const bool no_command = innermost(app).get_require_subcommand_min() > 0;
    // The name of an option or argument stands before this mark.
    const auto before = [&](std::string_view mark) { return what.substr(0, what.find(mark)); };
    const auto rest = app.remaining(true);
    if (no_command && !rest.empty() && !rest.front().starts_with('-'))
        return texts.text("usage.unknown_command", {{"word", rest.front()}});
    if (!rest.empty()) return texts.text("usage.unexpected", {{"words", joined(rest, " ")}});
    if (no_command && kind == "RequiredError") return texts.text("usage.no_command");
    if (kind == "RequiredError") return texts.text("usage.missing", {{"name", before(" is required")}});
    if (kind == "ArgumentMismatch") return texts.text("usage.no_value", {{"name", before(":")}});
    if (kind == "ExcludesError") return explain_excludes(what, texts);
    return texts.text("usage.other");
}

std::string usage_text(const CLI::App& app, const CLI::Formatter& formatter, const std::string& what,
                       const Catalogue& texts) {
    const CLI::App& of = innermost(app);
    const std::string command = words_to(app, of);
    std::string line = formatter.make_usage(&of, command);
    while (line.ends_with('\n')) line.pop_back();
    return texts.text("usage.wrong", {{"what", what}, {"usage", line}, {"command", command}});
}

}  // namespace foorumi::client
