// What the head and the roles of an invitation file may be called. Pure and thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "forum/entities.hpp"

namespace foorumi::names {

enum class ImportColumn : std::uint8_t { name, email, roles, municipality, positions, term };
inline constexpr std::size_t import_columns = 6;

// A stable word for programs: "name", "email" and so on.
[[nodiscard]] std::string_view word_of(ImportColumn column);

// From a header in Finnish, Swedish or English, such as "Sähköposti", "E-post" or "E-mail". REQUIRES: in the form of
// lookup_form(). Nothing: no column is called so.
[[nodiscard]] std::optional<ImportColumn> find_import_column(std::string_view header);

// From the protocol's word ("office_holder") or a role's name in one of the three languages, spaces in it as '_' or
// '-'. REQUIRES: in the form of lookup_form().
[[nodiscard]] std::optional<forum::Role> find_import_role(std::string_view name);

}  // namespace foorumi::names
