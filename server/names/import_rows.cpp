#include "names/import_rows.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "csv/reader.hpp"
#include "forum/text.hpp"
#include "names/display_name.hpp"
#include "names/email.hpp"
#include "names/import_columns.hpp"
#include "names/unicode_forms.hpp"

namespace foorumi::names {
namespace {

// Where each column stands in the rows; nothing: the file does not have it.
using ColumnPlaces = std::array<std::optional<std::size_t>, import_columns>;

std::string_view trimmed(std::string_view cell) {
    constexpr std::string_view white = " \t\r\n";
    const auto begin = cell.find_first_not_of(white);
    if (begin == std::string_view::npos) return {};
    return cell.substr(begin, cell.find_last_not_of(white) - begin + 1);
}

// The parts between any of the separators, trimmed, without the empty ones.
std::vector<std::string_view> parts_of(std::string_view cell, std::string_view separators) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto end = cell.find_first_of(separators);
        if (const auto part = trimmed(cell.substr(0, end)); !part.empty()) parts.push_back(part);
        if (end == std::string_view::npos) return parts;
        cell.remove_prefix(end + 1);
    }
}

class Importer {
   public:
    Importer(const ImportRegister& known, const NameLimits& names) : known_(known), names_(names) {}

    // False: the file's rows mean nothing.
    bool head(const csv::Row& row) {
        line_ = row.line;
        for (std::size_t at = 0; at < row.fields.size(); ++at) {
            const auto column = find_import_column(lookup_form(row.fields[at]));
            if (!column) {
                result_.errors.push_back({line_, at + 1, {}, "import_column_unknown"});
            } else if (auto& place = places_.at(static_cast<std::size_t>(*column))) {
                result_.errors.push_back({line_, at + 1, std::string(word_of(*column)), "import_column_twice"});
            } else {
                place = at;
            }
        }
        for (const auto column : {ImportColumn::name, ImportColumn::email, ImportColumn::roles}) {
            if (!places_.at(static_cast<std::size_t>(column))) fault(column, "import_column_missing");
        }
        return result_.errors.empty();
    }

    void person(const csv::Row& row) {
        if (std::ranges::all_of(row.fields, [](const auto& field) { return trimmed(field).empty(); })) return;
        line_ = row.line;
        fields_ = &row.fields;
        const auto faults = result_.errors.size();
        ImportRow person;
        person.line = row.line;
        read_name(person);
        read_email(person);
        read_roles(person);
        read_municipality(person);
        read_positions(person);
        read_term(person);
        if (result_.errors.size() == faults) result_.rows.push_back(std::move(person));
    }

    ImportedRows result() && {
        if (result_.rows.empty() && result_.errors.empty()) result_.errors.push_back({line_, 0, {}, "import_empty"});
        return std::move(result_);
    }

   private:
    void fault(ImportColumn column, std::string_view reason) {
        const auto place = places_.at(static_cast<std::size_t>(column));
        result_.errors.push_back({line_, place ? *place + 1 : 0, std::string(word_of(column)), std::string(reason)});
    }

    [[nodiscard]] std::string_view cell(ImportColumn column) const {
        const auto place = places_.at(static_cast<std::size_t>(column));
        return place ? trimmed(fields_->at(*place)) : std::string_view();
    }

    void read_name(ImportRow& person) {
        auto name = normal_display_name(cell(ImportColumn::name), names_);
        if (name)
            person.name = std::move(*name);
        else
            fault(ImportColumn::name, name.error().reason);
    }

    void read_email(ImportRow& person) {
        const auto address = cell(ImportColumn::email);
        if (const auto checked = check_email(address); !checked) {
            return fault(ImportColumn::email, checked.error().reason);
        }
        person.email = normal_email(address);
        if (!emails_.insert(email_key(address)).second) fault(ImportColumn::email, "import_email_twice");
    }

    void read_roles(ImportRow& person) {
        const auto names = parts_of(cell(ImportColumn::roles), " ,;\t\r\n");
        if (names.empty()) return fault(ImportColumn::roles, "import_role_missing");
        for (const auto name : names) {
            const auto role = find_import_role(lookup_form(name));
            if (!role) return fault(ImportColumn::roles, "import_role_unknown");
            person.roles.add(*role);
        }
    }

    void read_municipality(ImportRow& person) {
        auto name = lookup_form(cell(ImportColumn::municipality));
        if (name.empty()) return;
        const bool number = std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
        if (number && name.size() < 3) name.insert(0, 3 - name.size(), '0');
        auto code = known_.municipality(name);
        if (!code) return fault(ImportColumn::municipality, "import_municipality_unknown");
        person.municipality = std::move(*code);
    }

    void read_positions(ImportRow& person) {
        const auto positions = parts_of(cell(ImportColumn::positions), "|\r\n");
        if (positions.size() > names_.positions) return fault(ImportColumn::positions, "import_too_many_positions");
        for (const auto position : positions) {
            const auto checked = forum::check_title(position, names_.position_bytes, "positions");
            if (!checked) return fault(ImportColumn::positions, checked.error().reason);
            person.positions.emplace_back(position);
        }
    }

    void read_term(ImportRow& person) {
        const auto name = cell(ImportColumn::term);
        if (name.empty()) return;
        person.term = known_.term(lookup_form(name));
        if (!person.term) fault(ImportColumn::term, "import_term_unknown");
    }

    const ImportRegister& known_;
    const NameLimits& names_;
    ColumnPlaces places_;
    std::size_t line_ = 1;
    const std::vector<std::string>* fields_ = nullptr;  // of the row being read
    std::set<std::string> emails_;
    ImportedRows result_;
};

}  // namespace

ImportedRows read_import(std::string_view text, const ImportRegister& known, const ImportLimits& limits,
                         const NameLimits& names) {
    csv::Options options;
    options.bytes = limits.bytes;
    options.rows = limits.rows + 1;
    const auto table = csv::read(text, options);
    if (!table) {
        return {{}, {{table.error().line, table.error().column, {}, std::string(csv::word_of(table.error().code))}}};
    }
    Importer importer(known, names);
    if (!table->rows.empty() && importer.head(table->rows.front())) {
        for (auto row = table->rows.begin() + 1; row != table->rows.end(); ++row) importer.person(*row);
    }
    return std::move(importer).result();
}

}  // namespace foorumi::names
