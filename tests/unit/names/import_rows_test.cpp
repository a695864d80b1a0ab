#include "names/import_rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "config/toml.hpp"
#include "csv/writer.hpp"
#include "names/import_columns.hpp"
#include "names/unicode_forms.hpp"

namespace foorumi::names {
namespace {

using forum::Role;
using forum::Roles;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

NamedRegister town_register() {
    NamedRegister known;
    known.add_municipality("005", "Alajärvi", "Alajärvi");
    known.add_municipality("091", "Helsinki", "Helsingfors");
    known.add_municipality("989", "Ähtäri", "Etseri");
    known.add_term(7, "2025–2029");
    known.add_term(8, "Kausi 2029");
    return known;
}

ImportedRows import_of(std::string_view text, const ImportLimits& limits = {}, const NameLimits& names = {}) {
    return read_import(text, town_register(), limits, names);
}

ImportRow one_row(std::string_view text) {
    const auto imported = import_of(text);
    EXPECT_THAT(imported.errors, IsEmpty());
    EXPECT_THAT(imported.rows, SizeIs(1));
    return imported.rows.empty() ? ImportRow() : imported.rows.front();
}

void expect_errors(std::string_view text, const std::vector<ImportError>& expected, const NameLimits& names = {}) {
    EXPECT_EQ(import_of(text, {}, names).errors.size(), expected.size()) << text;
    const auto errors = import_of(text, {}, names).errors;
    for (std::size_t n = 0; n < std::min(errors.size(), expected.size()); ++n) {
        EXPECT_EQ(errors[n].line, expected[n].line) << text;
        EXPECT_EQ(errors[n].cell, expected[n].cell) << text;
        EXPECT_EQ(errors[n].column, expected[n].column) << text;
        EXPECT_EQ(errors[n].reason, expected[n].reason) << text;
    }
}

TEST(Import, ReadsAPersonALine) {
    const auto imported = import_of(
        "nimi;sähköposti;roolit;kunta;tehtävät;kausi\r\n"
        "Aino Metsälä;Aino@Kunta.Example;luottamushenkilö;Ähtäri;Valtuuston puheenjohtaja|Kunnanhallitus, "
        "jäsen;2025–2029\r\n"
        "Bo Ek;bo@b.example;asiantuntija;;;\r\n");
    EXPECT_THAT(imported.errors, IsEmpty());
    EXPECT_THAT(imported.rows,
                ElementsAre(ImportRow{2,
                                      "Aino Metsälä",
                                      "Aino@kunta.example",
                                      Roles{Role::councillor},
                                      "989",
                                      {"Valtuuston puheenjohtaja", "Kunnanhallitus, jäsen"},
                                      7},
                            ImportRow{3, "Bo Ek", "bo@b.example", Roles{Role::expert}, "", {}, std::nullopt}));
}

TEST(ImportHeaders, AreFinnishSwedishOrEnglishInAnyOrderAndCase) {
    for (const auto* text :
         {"Nimi,Sähköposti,Roolit\nBo Ek,a@b.example,expert\n", "namn;e-post;roller\nBo Ek;a@b.example;expert\n",
          "ROLES,E-MAIL,NAME\nexpert,a@b.example,Bo Ek\n",
          "\xEF\xBB\xBF\"Name\", Email ,role\nBo Ek,a@b.example,expert",
          "sa\u0308hko\u0308posti;ROOLI;nimi\na@b.example;expert;Bo Ek\n"}) {
        EXPECT_EQ(one_row(text), (ImportRow{2, "Bo Ek", "a@b.example", Roles{Role::expert}, "", {}, std::nullopt}))
            << text;
    }
    EXPECT_EQ(find_import_column(lookup_form("Uppdrag")), ImportColumn::positions);
    EXPECT_EQ(find_import_column(lookup_form("Mandatperiod")), ImportColumn::term);
    EXPECT_EQ(find_import_column(lookup_form("KOMMUN")), ImportColumn::municipality);
}

TEST(ImportHeaders, ThatAreWrongLeaveNoRows) {
    const auto unknown = import_of("name,email,roles,shoe size\nBo Ek,a@b.example,expert,43\n");
    EXPECT_THAT(unknown.rows, IsEmpty());
    EXPECT_THAT(unknown.errors, ElementsAre(ImportError{1, 4, "", "import_column_unknown"}));
    expect_errors("name,email,roles,sähköposti\nBo Ek,a@b.example,expert,c@d.example\n",
                  {{1, 4, "email", "import_column_twice"}});
    expect_errors("name\nBo Ek\n",
                  {{1, 0, "email", "import_column_missing"}, {1, 0, "roles", "import_column_missing"}});
    expect_errors("Bo Ek,a@b.example,expert\n", {{1, 1, "", "import_column_unknown"},
                                                 {1, 2, "", "import_column_unknown"},
                                                 {1, 3, "", "import_column_unknown"},
                                                 {1, 0, "name", "import_column_missing"},
                                                 {1, 0, "email", "import_column_missing"},
                                                 {1, 0, "roles", "import_column_missing"}});
}

TEST(ImportRoles, StandBesideEachOtherInAnyLanguage) {
    const Roles both{Role::councillor, Role::moderator};
    for (const auto* roles :
         {"councillor moderator", "\"luottamushenkilö, moderaattori\"", "\"Förtroendevald,Moderator\"",
          " councillor   moderator ", "moderator councillor councillor", "\"councillor\nmoderator\""}) {
        EXPECT_EQ(one_row("name,email,roles\nBo Ek,a@b.example," + std::string(roles) + "\n").roles, both) << roles;
    }
    for (const auto* role : {"office_holder", "office-holder", "Viranhaltija", "TJÄNSTEINNEHAVARE"}) {
        EXPECT_EQ(one_row("name,email,roles\nBo Ek,a@b.example," + std::string(role) + "\n").roles,
                  Roles{Role::office_holder})
            << role;
    }
    expect_errors("name,email,roles\nBo Ek,a@b.example,\n", {{2, 3, "roles", "import_role_missing"}});
    expect_errors("name,email,roles\nBo Ek,a@b.example,\" , \"\n", {{2, 3, "roles", "import_role_missing"}});
    expect_errors("name,email,roles\nBo Ek,a@b.example,expert king\n", {{2, 3, "roles", "import_role_unknown"}});
}

// Who copies a role's name from the screen is understood.
TEST(ImportRoles, AreThoseOfTheCatalogues) {
    for (const auto* language : {"fi", "sv", "en"}) {
        const auto parsed =
            toml::parse_file(std::string(FOORUMI_SOURCE_DIR "/config/messages/server.") + language + ".toml");
        ASSERT_TRUE(parsed);
        const auto* roles = parsed.table()["role"].as_table();
        ASSERT_NE(roles, nullptr);
        ASSERT_EQ(roles->size(), 5U);
        for (const auto& [word, node] : *roles) {
            auto name = lookup_form(node.value_or(std::string()));
            std::ranges::replace(name, ' ', '_');
            const auto by_word = find_import_role(std::string(word.str()));
            ASSERT_TRUE(by_word) << word.str();
            EXPECT_EQ(find_import_role(name), by_word) << name;
        }
    }
}

TEST(ImportMunicipalities, AreFoundByCodeOrEitherName) {
    const auto code_of = [](const std::string& cell) {
        return one_row("name,email,roles,municipality\nBo Ek,a@b.example,expert," + cell + "\n").municipality;
    };
    for (const auto* cell : {"091", "91", "helsinki", "HELSINGFORS", " Helsinki "})
        EXPECT_EQ(code_of(cell), "091") << cell;
    for (const auto* cell : {"005", "5", "05", "Alajärvi", "ALAJA\u0308RVI"}) EXPECT_EQ(code_of(cell), "005") << cell;
    for (const auto* cell : {"989", "ähtäri", "Etseri"}) EXPECT_EQ(code_of(cell), "989") << cell;
    EXPECT_EQ(code_of(""), "");
    for (const std::string cell : {"092", "1", "0091", "Helsing", "Tukholma", "Helsinki Espoo"}) {
        expect_errors("name,email,roles,municipality\nBo Ek,a@b.example,expert," + cell + "\n",
                      {{2, 4, "municipality", "import_municipality_unknown"}});
    }
}

TEST(ImportMunicipalities, OfTheSameNameAreFoundByTheirCodeOnly) {
    NamedRegister known;
    known.add_municipality("001", "Koski", "Forsby");
    known.add_municipality("002", "Koskinen", "KOSKI");
    EXPECT_EQ(known.municipality("koski"), std::nullopt);
    EXPECT_EQ(known.municipality("001"), "001");
    EXPECT_EQ(known.municipality("forsby"), "001");
    EXPECT_EQ(known.municipality("koskinen"), "002");
    known.add_municipality("003", "Koski", "Koski");
    EXPECT_EQ(known.municipality("koski"), std::nullopt);
}

TEST(ImportTerms, AreFoundByName) {
    EXPECT_EQ(one_row("name,email,roles,term\nBo Ek,a@b.example,expert,2025–2029\n").term, 7U);
    EXPECT_EQ(one_row("name,email,roles,term\nBo Ek,a@b.example,expert,  KAUSI   2029\n").term, 8U);
    EXPECT_EQ(one_row("name,email,roles,term\nBo Ek,a@b.example,expert,\n").term, std::nullopt);
    expect_errors("name,email,roles,term\nBo Ek,a@b.example,expert,2021\n", {{2, 4, "term", "import_term_unknown"}});
}

TEST(ImportPositions, AreBoundedInNumberAndLength) {
    NameLimits names;
    names.positions = 2;
    names.position_bytes = 4;
    const auto text_of = [](const std::string& cell) {
        return "name,email,roles,positions\nBo Ek,a@b.example,expert," + cell + "\n";
    };
    for (const std::string cell : {"a", "a|b", "abcd|ää", " a | b |", "\"a\nb\"", "||a"}) {
        EXPECT_THAT(import_of(text_of(cell), {}, names).errors, IsEmpty()) << cell;
    }
    expect_errors(text_of("a|b|c"), {{2, 4, "positions", "import_too_many_positions"}}, names);
    expect_errors(text_of("abcde"), {{2, 4, "positions", "text_too_long"}}, names);
    expect_errors(text_of("a\x1B"), {{2, 4, "positions", "text_control_character"}}, names);
}

TEST(Import, TellsEveryWrongCellOfALineAndReadsTheOthers) {
    const auto imported = import_of(
        "name,email,roles,municipality\n"
        "Bo 2,a@,king,Tukholma\n"
        "Bo Ek,a@b.example,expert,Helsinki\n"
        "\"Bo\nEk\",c@d.example,expert,\n"
        "B,e@f.example,expert,\n");
    EXPECT_THAT(imported.rows,
                ElementsAre(ImportRow{3, "Bo Ek", "a@b.example", Roles{Role::expert}, "091", {}, std::nullopt}));
    EXPECT_THAT(imported.errors, ElementsAre(ImportError{2, 1, "name", "display_name_letters"},
                                             ImportError{2, 2, "email", "email_invalid"},
                                             ImportError{2, 3, "roles", "import_role_unknown"},
                                             ImportError{2, 4, "municipality", "import_municipality_unknown"},
                                             ImportError{4, 1, "name", "display_name_letters"},
                                             ImportError{6, 1, "name", "display_name_too_short"}));
}

TEST(Import, FindsAddressesThatComeTwice) {
    expect_errors(
        "name,email,roles\nBo Ek,bo@b.example,expert\nBo Oja,BO@B.example,expert\nBo Ala,bo@b.example,expert\n",
        {{3, 2, "email", "import_email_twice"}, {4, 2, "email", "import_email_twice"}});
    // Also where the first of them is wrong otherwise.
    expect_errors("name,email,roles\nB,bo@b.example,expert\nBo Oja,bo@b.example,expert\n",
                  {{2, 1, "name", "display_name_too_short"}, {3, 2, "email", "import_email_twice"}});
}

TEST(Import, PassesOverEmptyRowsAndWantsAPerson) {
    EXPECT_THAT(import_of("name;email;roles\n;;\nBo Ek;a@b.example;expert\n; ;\n").rows, SizeIs(1));
    expect_errors("name,email,roles\n", {{1, 0, "", "import_empty"}});
    expect_errors("name,email,roles\n,,\n", {{1, 0, "", "import_empty"}});
    expect_errors("", {{1, 0, "", "import_empty"}});
}

TEST(Import, TellsWhatIsWrongWithTheTable) {
    expect_errors("name,email,roles\nBo \"Ek,a@b.example,expert\n", {{2, 1, "", "csv_quote_inside"}});
    expect_errors("name,email,roles\nBo Ek,a@b.example\n", {{2, 0, "", "csv_uneven_row"}});
    expect_errors("name,email,roles\n\xC4ij\xE4,a@b.example,expert\n", {{2, 0, "", "csv_not_utf8"}});
}

TEST(Import, IsBoundedInRows) {
    ImportLimits limits;
    limits.rows = 2;
    std::string text = "name,email,roles\n";
    for (int n = 1; n <= 3; ++n) {
        text += "Bo Ek,a" + std::to_string(n) + "@b.example,expert\n";
        const auto imported = import_of(text, limits);
        if (n <= 2) {
            EXPECT_THAT(imported.rows, SizeIs(n));
            EXPECT_THAT(imported.errors, IsEmpty());
        } else {
            EXPECT_THAT(imported.rows, IsEmpty());
            EXPECT_THAT(imported.errors, ElementsAre(ImportError{4, 0, "", "csv_too_many_rows"}));
        }
    }
}

TEST(Import, IsBoundedInBytes) {
    const std::string text = "name,email,roles\nBo Ek,a@b.example,expert\n";
    ImportLimits limits;
    for (const auto bytes : {text.size() + 1, text.size()}) {
        limits.bytes = bytes;
        EXPECT_THAT(import_of(text, limits).errors, IsEmpty()) << bytes;
    }
    limits.bytes = text.size() - 1;
    EXPECT_THAT(import_of(text, limits).errors, ElementsAre(ImportError{1, 0, "", "csv_too_many_bytes"}));
}

RC_GTEST_PROP(Import, ReadsOrFaultsEachPersonOnce, ()) {
    const auto pick = [](const std::vector<std::string>& from) { return *rc::gen::elementOf(from); };
    std::vector<std::vector<std::string>> rows{{"name", "email", "roles", "municipality"}};
    const auto people = *rc::gen::inRange<std::size_t>(1, 12);
    for (std::size_t n = 0; n < people; ++n) {
        rows.push_back({pick({"Bo Ek", "Äijä Öö", "B", "x1"}),
                        pick({"a@b.example", "A@b.example", "c@d.example", "no"}),
                        pick({"expert", "king", "expert moderator"}), pick({"", "091", "Etseri", "none"})});
    }
    const auto imported = import_of(csv::write(rows, ','));
    std::vector<int> told(people, 0);
    for (const auto& row : imported.rows) {
        ++told.at(row.line - 2);
        RC_ASSERT(!row.roles.empty() && !row.name.empty() && !row.email.empty());
    }
    std::size_t before = 0;
    for (const auto& error : imported.errors) {
        RC_ASSERT(error.line >= before);
        if (error.line != before) ++told.at(error.line - 2);
        before = error.line;
    }
    for (const int times : told) RC_ASSERT(times == 1);
}

}  // namespace
}  // namespace foorumi::names
