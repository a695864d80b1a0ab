#include "importer.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "auth/token.hpp"
#include "client/change_id.hpp"
#include "client/display.hpp"
#include "client/json_lines.hpp"
#include "client/private_file.hpp"

namespace foorumi::client {
namespace {

constexpr std::size_t longest_import = 2 * 1024 * 1024;
constexpr std::size_t longest_results = 16 * 1024 * 1024;
// Answers between two notes in the file; what lies between is sent again after an interruption, and is the same.
constexpr std::size_t saved_every = 100;

std::optional<std::string> read_import_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    std::string contents(longest_import, '\0');
    file.read(contents.data(), static_cast<std::streamsize>(contents.size()));
    contents.resize(static_cast<std::size_t>(file.gcount()));
    return file.bad() ? std::nullopt : std::optional(std::move(contents));
}

}  // namespace

std::string Importer::results_path() const {
    const auto& asked = arguments().admin;
    return asked.out.empty() ? asked.file + ".invitations.csv" : asked.out;
}

void Importer::begin() {
    auto contents = read_import_file(arguments().admin.file);
    if (!contents) {
        note(text("import.unreadable", {{"file", visible(arguments().admin.file, Lines::one)}}));
        return finish(Exit::usage);
    }
    with_registers([this, contents = std::move(*contents)] { import(contents); });
}

void Importer::import(const std::string& contents) {
    read_ = read_people(contents, registers());
    tell_errors();
    if (!read_.errors.empty() && (!arguments().admin.skip_bad || read_.people.empty())) return finish(Exit::refused);
    if (!read_results()) return;
    prepare();
    if (arguments().admin.dry_run) return show_plan();
    if (!save()) return;
    sending_ = true;
    send_next();
}

void Importer::tell_errors() {
    for (const auto& error : read_.errors) {
        const std::string told = text("error." + error.reason);
        const std::string line = std::to_string(error.line);
        if (arguments().json) {
            print("{\"line\":" + line + ",\"column\":" + json_string(error.column) +
                  ",\"reason\":" + json_string(error.reason) + ",\"text\":" + json_string(told) + '}');
        } else if (error.column.empty()) {
            note(text("import.error_line", {{"line", line}, {"text", told}}));
        } else {
            note(text("import.error",
                      {{"line", line}, {"column", text("import.column." + error.column)}, {"text", told}}));
        }
    }
}

bool Importer::read_results() {
    const auto file = read_private(results_path(), longest_results);
    const bool missing =
        file.has_error() && file.error().fault == PrivateFileFault::system && file.error().error == ENOENT;
    if (missing) return true;
    auto results = file.has_error() ? std::nullopt : ImportResults::read(*file);
    if (results) {
        results_ = std::move(*results);
        return true;
    }
    note(file.has_error() ? words_of(file.error(), texts())
                          : text("import.not_results", {{"file", visible(results_path(), Lines::one)}}));
    finish(Exit::usage);
    return false;
}

void Importer::prepare() {
    for (const auto& person : read_.people) {
        auto& result = results_.of(person.row);
        if (result.invited()) continue;
        if (result.invitation.empty()) result.invitation = new_invitation_token().token;
        result.result = "open";
    }
}

bool Importer::save() {
    unsaved_ = 0;
    const auto saved = replace_private(results_path(), results_.write());
    if (saved.has_value()) return true;
    note(words_of(saved.error(), texts()));
    sending_ = false;
    finish(tell_changes_under_way() ? Exit::outcome_unknown : Exit::refused);
    return false;
}

void Importer::show_plan() {
    for (const auto& person : read_.people) {
        const auto& result = results_.of(person.row);
        tell_person(result, result.invited() ? "invited" : "would_invite");
    }
    finish(read_.errors.empty() ? Exit::done : Exit::refused);
}

void Importer::tell_person(const ImportResult& result, std::string_view outcome) {
    const std::string key = "import." + std::string(outcome);
    if (arguments().json) {
        return print("{\"line\":" + std::to_string(result.line) + ",\"name\":" + json_string(result.name) +
                     ",\"email\":" + json_string(result.email) + ",\"handle\":" + json_string(result.handle) +
                     ",\"result\":" + json_string(outcome) + '}');
    }
    const std::string told = text(key);
    print(text("import.person", {{"line", std::to_string(result.line)},
                                 {"name", visible(result.name, Lines::one)},
                                 {"email", visible(result.email, Lines::one)},
                                 {"handle", visible(result.handle, Lines::one)},
                                 {"result", told == key ? text("error." + std::string(outcome)) : told}}));
}

void Importer::send_next() {
    while (next_ < read_.people.size() && results_.of(read_.people[next_].row).invited()) ++next_;
    if (next_ == read_.people.size()) return tell_end();
    send(read_.people[next_]);
}

void Importer::send(const ImportPerson& person) {
    const auto& result = results_.of(person.row);
    Request request;
    request.set_change_id(new_change_id());
    auto& invite = *request.mutable_invite();
    invite.set_invitation(auth::hash_token(result.invitation));
    invite.set_name(person.row.name);
    invite.set_handle(result.handle);
    invite.set_email(person.row.email);
    *invite.mutable_standing() = person.standing;
    client().request(std::move(request), [this, &person](const Answer& answer) {
        if (!finished()) on_answer(person, answer);
    });
}

void Importer::on_answer(const ImportPerson& person, const Answer& answer) {
    restart_time_limit();
    if (answer.outcome_unknown) return on_refused(answer);
    auto& result = results_.of(person.row);
    const auto& error = answer.response.error();
    // Of this hash there is only one: it was sent by an earlier run.
    const bool done = !answer.response.has_error() || error.reason() == "invitation_exists";
    if (!done && error.reason() == "handle_taken" && results_.next_handle(result)) {
        if (save()) send(person);
        return;
    }
    if (!done && !concerns_one(error)) return on_refused(answer);
    result.result = done ? "invited" : error.reason();
    if (!done) result.invitation.clear();
    tell_person(result, result.result);
    if (++unsaved_ >= saved_every && !save()) return;
    ++next_;
    send_next();
}

bool Importer::concerns_one(const foorumi::v1::Error& error) const {
    using Error = foorumi::v1::Error;
    const auto& reason = error.reason();
    if (reason == "administrators_only" || reason == "too_many_invitations") return false;
    return error.code() == Error::CODE_INVALID || error.code() == Error::CODE_CONFLICT ||
           error.code() == Error::CODE_NOT_FOUND || error.code() == Error::CODE_FORBIDDEN ||
           error.code() == Error::CODE_LIMITED;
}

void Importer::tell_end() {
    if (!save()) return;
    sending_ = false;
    const auto invited =
        std::ranges::count_if(read_.people, [this](const auto& person) { return results_.of(person.row).invited(); });
    const auto all = read_.people.size() + read_.errors.size();
    if (!arguments().json) {
        note(text("import.end", {{"invited", std::to_string(invited)},
                                 {"all", std::to_string(all)},
                                 {"file", visible(results_path(), Lines::one)}}));
    }
    finish(static_cast<std::size_t>(invited) == all ? Exit::done : Exit::refused);
}

// Whatever ends it: what is known by now is kept.
void Importer::on_finish() {
    if (!sending_ || unsaved_ == 0) return;
    const auto saved = replace_private(results_path(), results_.write());
    if (saved.has_error()) note(words_of(saved.error(), texts()));
}

}  // namespace foorumi::client
