// The persons of an invitation file as they are invited. Needs no more than the server's registers. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "client/registers.hpp"
#include "names/import_rows.hpp"

namespace foorumi::client {

struct ImportPerson {
    names::ImportRow row;
    foorumi::v1::Standing standing;
};

struct ImportPeople {
    std::vector<ImportPerson> people;
    std::vector<names::ImportError> errors;  // in the order of the lines
};

// As names::read_import() reads it. A position is KIND[:BODY][@TERM], or the kind's name in Finnish, Swedish or English
// instead of its word; it is for the row's term where it names none. Reasons beyond those of read_import():
// position_unknown, import_term_unknown.
[[nodiscard]] ImportPeople read_people(std::string_view text, const Registers& registers);

// The position that a cell names; nothing: there is none.
[[nodiscard]] std::optional<PositionWords> read_position_cell(std::string_view text);

}  // namespace foorumi::client
