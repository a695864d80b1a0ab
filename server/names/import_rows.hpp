// The rows of an invitation file: comma-separated values (csv/reader.hpp) with a line of headers, then one person a
// line. Pure: whether a person is known already, and who may invite whom with which roles, is for the caller.
//
// Columns, in any order, headers in Finnish, Swedish or English: name, e-mail, roles; and, where the file has them,
// municipality, positions, term. Roles are separated by spaces or commas; positions by '|' or line breaks; a
// municipality is a code (without its leading zeros, too, as spreadsheets leave them out) or a name; a term is a name.
// Cells lose the white space at their ends. Rows without anything in them are passed over.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "forum/decision.hpp"
#include "names/import_register.hpp"
#include "names/limits.hpp"

namespace foorumi::names {

struct ImportRow {
    std::size_t line = 0;                // of the file, from 1
    std::string name;                    // as normal_display_name() gives it
    std::string email;                   // as normal_email() gives it
    forum::Roles roles;                  // at least one
    std::string municipality;            // its code; empty: none
    std::vector<std::string> positions;  // each checked as a title
    std::optional<forum::Id> term;
    friend bool operator==(const ImportRow&, const ImportRow&) = default;
};

struct ImportError {
    std::size_t line = 0;
    std::size_t cell = 0;  // of the line, from 1; 0: the line as a whole
    std::string column;    // word_of(ImportColumn); empty: of no column, or of one that is not known
    std::string reason;    // key of the text in the message catalogues ("error.<reason>")
    friend bool operator==(const ImportError&, const ImportError&) = default;
};

// A row with an error is not among the rows. Of a file that cannot be read as a table, or whose headers are wrong,
// there are no rows at all.
struct ImportedRows {
    std::vector<ImportRow> rows;
    std::vector<ImportError> errors;  // in the order of the lines; one for each cell that is wrong
};

// Reasons: those of csv::Errc, of display names, e-mail addresses and titles, and import_column_unknown,
// import_column_twice, import_column_missing, import_empty (no person at all), import_role_unknown,
// import_role_missing, import_municipality_unknown, import_term_unknown, import_email_twice (the address is that of an
// earlier line, whether that was good or not), import_too_many_positions.
[[nodiscard]] ImportedRows read_import(std::string_view text, const ImportRegister& known, const ImportLimits& limits,
                                       const NameLimits& names);

}  // namespace foorumi::names
