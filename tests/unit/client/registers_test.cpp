#include "client/registers.hpp"

#include <gtest/gtest.h>

#include "client/import_people.hpp"
#include "client/import_results.hpp"
#include "client/table.hpp"

namespace foorumi::client {
namespace {

Registers small_registers() {
    Registers registers;
    foorumi::v1::Terms terms;
    for (const auto& [id, name] : {std::pair{7, "2025–2029"}, {8, "2021"}, {2021, "Vanha"}}) {
        terms.add_terms()->set_id(static_cast<std::uint64_t>(id));
        terms.mutable_terms()->rbegin()->set_name(name);
    }
    registers.add(terms);
    foorumi::v1::Municipalities municipalities;
    auto& turku = *municipalities.add_municipalities();
    turku.set_code("853");
    turku.set_name_fi("Turku");
    turku.set_name_sv("Åbo");
    registers.add(municipalities);
    foorumi::v1::Forums forums;
    forums.add_forums()->set_id(3);
    forums.mutable_forums(0)->set_slug("strategia");
    registers.add(forums);
    return registers;
}

TEST(Registers, ThingsAreFoundByNumberAndByName) {
    const auto registers = small_registers();
    EXPECT_EQ(*registers.term("2025–2029", "f"), 7U);
    EXPECT_EQ(*registers.term("7", "f"), 7U);
    EXPECT_EQ(*registers.term("2021", "f"), 8U) << "a name goes before a number";
    EXPECT_EQ(*registers.term("", "f"), 0U);
    for (const char* name : {"853", "turku", " ÅBO"}) EXPECT_EQ(*registers.municipality(name, "f"), "853") << name;
    EXPECT_EQ(*registers.forum("strategia", "f"), 3U);
    EXPECT_EQ(*registers.forum("3", "f"), 3U);
    EXPECT_EQ(registers.name_of_term(9), "#9");
    EXPECT_EQ(registers.name_of_municipality("853", "sv"), "Åbo");
    EXPECT_EQ(registers.name_of_municipality("999", "sv"), "999");
}

TEST(Registers, WhatIsNotFoundIsRefusedAsTheServerWould) {
    const auto registers = small_registers();
    StandingArguments asked;
    asked.roles = {"councillor@2033"};
    const auto refused = registers.standing(asked);
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error().error().code(), foorumi::v1::Error::CODE_NOT_FOUND);
    EXPECT_EQ(refused.error().reason, "term_not_found");
    EXPECT_EQ(refused.error().field, "grants");
    EXPECT_EQ(registers.municipality("Ankkalinna", "m").error().reason, "municipality_not_found");
    EXPECT_EQ(registers.forum("4", "m").error().reason, "forum_not_found");
}

TEST(Registers, AStandingHasAllThatWasAskedFor) {
    StandingArguments asked;
    asked.roles = {"office-holder", "councillor@7"};
    asked.positions = {"committee_member:Sivistys@2025–2029"};
    asked.moderates = {"strategia"};
    asked.municipality = "Turku";
    asked.contact_for = "Åbo";
    const auto standing = small_registers().standing(asked);
    ASSERT_TRUE(standing);
    EXPECT_EQ(standing->ShortDebugString(),
              "grants { role: ROLE_OFFICE_HOLDER } grants { role: ROLE_COUNCILLOR term: 7 } municipality: \"853\" "
              "positions { kind: KIND_COMMITTEE_MEMBER body: \"Sivistys\" term: 7 } moderates: 3 contact_for: \"853\"");
}

TEST(StandingWords, PositionsMayHaveABodyAndATerm) {
    const auto words = read_position("group_chair:Ryhmä: a@b@7");
    ASSERT_TRUE(words);
    EXPECT_EQ(words->kind, foorumi::v1::Position::KIND_GROUP_CHAIR);
    EXPECT_EQ(words->body, "Ryhmä: a@b");
    EXPECT_EQ(words->term, "7");
    for (const char* bad : {"", "unspecified", "mayor:", "mayor@", "mayor :x", "keisari"})
        EXPECT_FALSE(read_position(bad)) << bad;
    EXPECT_FALSE(read_role("unspecified"));
    EXPECT_FALSE(read_size_class("unspecified"));
    EXPECT_EQ(read_size_class("over-100000"), foorumi::v1::SIZE_CLASS_OVER_100000);
    EXPECT_EQ(word_of(foorumi::v1::ROLE_OFFICE_HOLDER), "office_holder");
}

TEST(ImportPeople, PositionsAreKnownByTheirNamesInEveryLanguage) {
    for (const char* name :
         {"council_chair", "Valtuuston puheenjohtaja", "fullmäktiges  ordförande", "Council Chair"}) {
        const auto words = read_position_cell(name);
        ASSERT_TRUE(words) << name;
        EXPECT_EQ(words->kind, foorumi::v1::Position::KIND_COUNCIL_CHAIR) << name;
    }
    EXPECT_EQ(read_position_cell("Lautakunnan jäsen: Tekninen@7")->body, " Tekninen");
    EXPECT_FALSE(read_position_cell("keisari"));
}

TEST(ImportPeople, TheTermOfALineIsThatOfItsRolesAndPositions) {
    const auto read = read_people(
        "name,email,roles,term,positions\nAino Alku,a@example.fi,\"councillor expert\",2025–2029,"
        "\"mayor|board_member@2021\"\nPaha Rivi,b@example.fi,expert,,mayor@x\nPaha Toinen,c@example.fi,x,,\n",
        small_registers());
    ASSERT_EQ(read.people.size(), 1U);
    EXPECT_EQ(read.people[0].standing.ShortDebugString(),
              "grants { role: ROLE_COUNCILLOR term: 7 } grants { role: ROLE_EXPERT term: 7 } "
              "positions { kind: KIND_MAYOR term: 7 } positions { kind: KIND_BOARD_MEMBER term: 8 }");
    ASSERT_EQ(read.errors.size(), 2U);
    EXPECT_EQ(read.errors[0], (names::ImportError{3, 0, "positions", "import_term_unknown"}));
    EXPECT_EQ(read.errors[1].line, 4U);
}

names::ImportRow row_of_person(std::size_t line, const std::string& name, const std::string& email) {
    names::ImportRow row;
    row.line = line;
    row.name = name;
    row.email = email;
    return row;
}

TEST(ImportResults, EachPersonGetsAHandleThatNobodyElseHas) {
    ImportResults results;
    EXPECT_EQ(results.of(row_of_person(2, "Aino Alku", "a@x.fi")).handle, "aino.alku");
    auto& second = results.of(row_of_person(3, "Aino Alku", "b@x.fi"));
    EXPECT_EQ(second.handle, "aino.alku2");
    ASSERT_TRUE(results.next_handle(second));
    EXPECT_EQ(second.handle, "aino.alku3") << "what was taken is not tried again";
    EXPECT_EQ(results.of(row_of_person(9, "Aino Alku", "A@x.fi")).handle, "aino.alku") << "the same address";
    EXPECT_EQ(results.all().size(), 2U);
    EXPECT_EQ(results.all()[0].line, 9U);
}

TEST(ImportResults, WhatIsWrittenIsReadAgain) {
    ImportResults results;
    results.of(row_of_person(2, "Aino Alku", "=a@x.fi")).result = "email_taken";
    results.of(row_of_person(3, "Olli O'Brien", "o@x.fi")).invitation = "token";
    const auto text = results.write();
    EXPECT_NE(text.find("'=a@x.fi"), std::string::npos) << "a spreadsheet would take it for a formula";
    const auto read = ImportResults::read(text);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->all(), results.all());
    EXPECT_FALSE(ImportResults::read(""));
    EXPECT_FALSE(ImportResults::read("line,name\n1,a\n"));
}

TEST(ImportResults, WhoWasPerhapsInvitedKeepsTheHandleThatWasSent) {
    ImportResults results;
    results.of(row_of_person(2, "Aino Alku", "a@x.fi")).invitation = "token";
    EXPECT_EQ(results.of(row_of_person(2, "Aino Uusi", "a@x.fi")).handle, "aino.alku");
    results.of(row_of_person(3, "Bo Alku", "b@x.fi")).result = "name_taken";
    EXPECT_EQ(results.of(row_of_person(3, "Bo Uusi", "b@x.fi")).handle, "bo.uusi");
}

TEST(Table, ColumnsStandUnderOneAnother) {
    const std::vector<std::vector<std::string>> rows{{"A", "B"}, {"ääkkö", "b", "c"}, {"x", ""}};
    EXPECT_EQ(table_lines(rows), (std::vector<std::string>{"A      B", "ääkkö  b  c", "x"}));
}

}  // namespace
}  // namespace foorumi::client
