// A file of invitations: rows that hold what they must, and errors with a place, whatever the bytes. Names and
// addresses from outside are kept as they were kept before.
#include <set>

#include "fuzz.hpp"
#include "names/display_name.hpp"
#include "names/email.hpp"
#include "names/handle.hpp"
#include "names/import_rows.hpp"
#include "names/twins.hpp"

using namespace foorumi::names;

namespace {

const NamedRegister& known_places() {
    static const NamedRegister known = [] {
        NamedRegister made;
        made.add_municipality("091", "Helsinki", "Helsingfors");
        made.add_term(7, "2025");
        return made;
    }();
    return known;
}

void check_name(std::string_view name, const NameLimits& names) {
    const auto kept = normal_display_name(name, names);
    FUZZ_REQUIRE(kept.has_value() && *kept == name);
    FUZZ_REQUIRE(check_handle(handle_of(name, names), names).has_value());
    FUZZ_REQUIRE(are_twins(twin_keys(name), twin_keys(" " + std::string(name))));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = input(data, size);
    const NameLimits names;
    ImportLimits limits;
    limits.rows = 8;
    limits.bytes = 4096;
    const auto imported = read_import(text, known_places(), limits, names);
    FUZZ_REQUIRE(imported.rows.size() <= limits.rows);
    FUZZ_REQUIRE(!imported.rows.empty() || !imported.errors.empty());
    std::set<std::string> emails;
    for (const auto& row : imported.rows) {
        check_name(row.name, names);
        FUZZ_REQUIRE(check_email(row.email).has_value() && normal_email(row.email) == row.email);
        FUZZ_REQUIRE(emails.insert(email_key(row.email)).second);
        FUZZ_REQUIRE(!row.roles.empty() && row.positions.size() <= names.positions && row.line > 1);
        FUZZ_REQUIRE(row.municipality.empty() || row.municipality == "091");
        FUZZ_REQUIRE(!row.term || *row.term == 7);
    }
    for (const auto& error : imported.errors) FUZZ_REQUIRE(error.line >= 1 && !error.reason.empty());
    // The bytes as a name by themselves.
    if (const auto name = normal_display_name(text, names)) check_name(*name, names);
    return 0;
}
