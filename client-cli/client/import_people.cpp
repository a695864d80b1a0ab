#include "client/import_people.hpp"

#include <algorithm>
#include <map>

#include "client/second_factor.hpp"
#include "names/import_columns.hpp"
#include "names/unicode_forms.hpp"

namespace foorumi::client {
namespace {

using foorumi::v1::Position;

// The kinds by their names in all three languages.
std::map<std::string, std::string> make_kind_words() {
    std::map<std::string, std::string> words;
    for (const char* language : {"fi", "sv", "en"}) {
        const Catalogue texts(language);
        for (int kind = Position::Kind_MIN + 1; kind <= Position::Kind_MAX; ++kind) {
            const auto word = word_of(static_cast<Position::Kind>(kind));
            words.emplace(names::lookup_form(texts.text("position." + word)), word);
        }
    }
    return words;
}

std::string word_for_kind(std::string_view name) {
    static const auto words = make_kind_words();
    const auto found = words.find(names::lookup_form(name));
    return found == words.end() ? std::string(name) : found->second;
}

}  // namespace

std::optional<PositionWords> read_position_cell(std::string_view text) {
    const auto end = std::min(text.find_first_of(":@"), text.size());
    return read_position(word_for_kind(trimmed(text.substr(0, end))) + std::string(text.substr(end)));
}

namespace {

// The reason that a cell is refused for; empty: none.
std::string_view add_position(const std::string& cell, const names::ImportRow& row, const Registers& registers,
                              foorumi::v1::Standing& standing) {
    auto words = read_position_cell(cell);
    if (!words) return "position_unknown";
    words->body = trimmed(words->body);
    auto position = registers.position(*words);
    if (position.has_error()) return "import_term_unknown";
    if (position->term() == 0) position->set_term(row.term.value_or(0));
    *standing.add_positions() = std::move(*position);
    return {};
}

foorumi::v1::Standing standing_without_positions(const names::ImportRow& row) {
    foorumi::v1::Standing standing;
    for (const auto role : forum::all_roles) {
        if (!row.roles.has(role)) continue;
        auto& grant = *standing.add_grants();
        grant.set_role(static_cast<foorumi::v1::Role>(role));  // the same numbers
        grant.set_term(row.term.value_or(0));
    }
    standing.set_municipality(row.municipality);
    return standing;
}

}  // namespace

ImportPeople read_people(std::string_view text, const Registers& registers) {
    auto read = names::read_import(text, registers.names(), {}, {});
    ImportPeople out{.people = {}, .errors = std::move(read.errors)};
    for (auto& row : read.rows) {
        auto standing = standing_without_positions(row);
        std::string_view reason;
        for (const auto& cell : row.positions) {
            if (reason.empty()) reason = add_position(cell, row, registers, standing);
        }
        if (reason.empty()) {
            out.people.push_back({.row = std::move(row), .standing = std::move(standing)});
        } else {
            out.errors.push_back({.line = row.line,
                                  .cell = 0,
                                  .column = std::string(names::word_of(names::ImportColumn::positions)),
                                  .reason = std::string(reason)});
        }
    }
    std::ranges::stable_sort(out.errors, {}, &names::ImportError::line);
    return out;
}

}  // namespace foorumi::client
