#include "names/import_columns.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace foorumi::names {
namespace {

struct Header {
    std::string_view name;
    ImportColumn column;
};

constexpr std::array headers{
    Header{"nimi", ImportColumn::name},
    Header{"namn", ImportColumn::name},
    Header{"name", ImportColumn::name},
    Header{"sähköposti", ImportColumn::email},
    Header{"sähköpostiosoite", ImportColumn::email},
    Header{"e-post", ImportColumn::email},
    Header{"epost", ImportColumn::email},
    Header{"e-postadress", ImportColumn::email},
    Header{"e-mail", ImportColumn::email},
    Header{"email", ImportColumn::email},
    Header{"e-mail address", ImportColumn::email},
    Header{"rooli", ImportColumn::roles},
    Header{"roolit", ImportColumn::roles},
    Header{"roll", ImportColumn::roles},
    Header{"roller", ImportColumn::roles},
    Header{"role", ImportColumn::roles},
    Header{"roles", ImportColumn::roles},
    Header{"kunta", ImportColumn::municipality},
    Header{"kommun", ImportColumn::municipality},
    Header{"municipality", ImportColumn::municipality},
    Header{"tehtävä", ImportColumn::positions},
    Header{"tehtävät", ImportColumn::positions},
    Header{"luottamustehtävät", ImportColumn::positions},
    Header{"luottamustoimet", ImportColumn::positions},
    Header{"uppdrag", ImportColumn::positions},
    Header{"förtroendeuppdrag", ImportColumn::positions},
    Header{"position", ImportColumn::positions},
    Header{"positions", ImportColumn::positions},
    Header{"kausi", ImportColumn::term},
    Header{"valtuustokausi", ImportColumn::term},
    Header{"period", ImportColumn::term},
    Header{"mandatperiod", ImportColumn::term},
    Header{"fullmäktigeperiod", ImportColumn::term},
    Header{"term", ImportColumn::term},
    Header{"council term", ImportColumn::term},
};

struct RoleName {
    std::string_view name;
    forum::Role role;
};

constexpr std::array role_names{
    RoleName{"councillor", forum::Role::councillor},
    RoleName{"luottamushenkilö", forum::Role::councillor},
    RoleName{"valtuutettu", forum::Role::councillor},
    RoleName{"förtroendevald", forum::Role::councillor},
    RoleName{"office_holder", forum::Role::office_holder},
    RoleName{"viranhaltija", forum::Role::office_holder},
    RoleName{"tjänsteinnehavare", forum::Role::office_holder},
    RoleName{"expert", forum::Role::expert},
    RoleName{"asiantuntija", forum::Role::expert},
    RoleName{"sakkunnig", forum::Role::expert},
    RoleName{"moderator", forum::Role::moderator},
    RoleName{"moderaattori", forum::Role::moderator},
    RoleName{"administrator", forum::Role::administrator},
    RoleName{"ylläpitäjä", forum::Role::administrator},
    RoleName{"administratör", forum::Role::administrator},
};

}  // namespace

std::string_view word_of(ImportColumn column) {
    constexpr std::array<std::string_view, import_columns> words{"name",         "email",     "roles",
                                                                 "municipality", "positions", "term"};
    return words.at(static_cast<std::size_t>(column));
}

std::optional<ImportColumn> find_import_column(std::string_view header) {
    const auto* found = std::ranges::find(headers, header, &Header::name);
    return found == headers.end() ? std::nullopt : std::optional(found->column);
}

std::optional<forum::Role> find_import_role(std::string_view name) {
    std::string joined(name);
    std::ranges::replace(joined, '-', '_');
    const auto* found = std::ranges::find(role_names, joined, &RoleName::name);
    return found == role_names.end() ? std::nullopt : std::optional(found->role);
}

}  // namespace foorumi::names
