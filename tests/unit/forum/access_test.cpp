#include "forum/access.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "town.hpp"

namespace foorumi::forum::test {
namespace {

class Access : public testing::Test {
   protected:
    bool reads(Id member, Id room) { return may_read(town, town.card(member), {ChannelKind::room, room}, 0); }
    bool writes(Id member, Id room) { return may_write(town, town.card(member), *town.room(room), 0); }
    Town town;
};

TEST_F(Access, AnAudienceOfNobodyInParticularIsEverybody) {
    for (const Id member : {Town::aino, Town::virkamies, Town::johtaja, Town::yllapito, Town::toinen}) {
        EXPECT_TRUE(reads(member, Town::square)) << member;
        EXPECT_TRUE(writes(member, Town::square)) << member;
    }
}

TEST_F(Access, ARoomsAudienceNarrowsItsForums) {
    EXPECT_TRUE(reads(Town::aino, Town::councillors_only));
    EXPECT_FALSE(reads(Town::virkamies, Town::councillors_only));
    town.room_card(Town::officers).audience = Audience{{Role::councillor}, {}};
    EXPECT_FALSE(reads(Town::aino, Town::officers)) << "a room cannot widen its forum";
}

TEST_F(Access, AdministratorsReadNothingBeyondTheAudience) {
    EXPECT_FALSE(reads(Town::yllapito, Town::councillors_only));
    EXPECT_FALSE(may_read(town, town.card(Town::yllapito), {ChannelKind::moderation, Town::strategy}, 0));
    EXPECT_FALSE(may_read(town, town.card(Town::yllapito), {ChannelKind::member, Town::aino}, 0));
}

TEST_F(Access, ModeratorsReadAndWriteInTheirOwnForumsOnly) {
    EXPECT_TRUE(reads(Town::johtaja, Town::councillors_only));
    EXPECT_TRUE(writes(Town::johtaja, Town::councillors_only));
    EXPECT_TRUE(writes(Town::johtaja, Town::reading_room));
    EXPECT_FALSE(reads(Town::toinen, Town::councillors_only));
    EXPECT_FALSE(reads(Town::johtaja, Town::officers));
    EXPECT_TRUE(reads(Town::toinen, Town::officers));
}

TEST_F(Access, WhoMayReadNeedNotBeAllowedToWrite) {
    EXPECT_TRUE(reads(Town::aino, Town::reading_room));
    EXPECT_FALSE(writes(Town::aino, Town::reading_room));
    EXPECT_TRUE(writes(Town::virkamies, Town::reading_room));
}

TEST_F(Access, WritingNeedsReading) {
    town.room_card(Town::square).audience = Audience{{Role::councillor}, {Role::office_holder}};
    EXPECT_FALSE(writes(Town::virkamies, Town::square));
    EXPECT_FALSE(writes(Town::aino, Town::square));
}

TEST_F(Access, TheForumsWritersBoundTheRooms) {
    town.forum_card(Town::strategy).audience = Audience{{}, {Role::councillor}};
    EXPECT_TRUE(writes(Town::aino, Town::square));
    EXPECT_FALSE(writes(Town::virkamies, Town::square));
    EXPECT_FALSE(writes(Town::virkamies, Town::reading_room)) << "the room names them, the forum does not";
}

TEST_F(Access, ARoomThatDoesNotExistIsNotRead) {
    EXPECT_FALSE(reads(Town::johtaja, 999));
    town.room_card(Town::square).forum = 999;
    EXPECT_FALSE(reads(Town::johtaja, Town::square)) << "neither is one without a forum";
    EXPECT_FALSE(writes(Town::johtaja, Town::square));
}

TEST_F(Access, AMembersChannelIsTheMembersAlone) {
    EXPECT_TRUE(may_read(town, town.card(Town::aino), {ChannelKind::member, Town::aino}, 0));
    EXPECT_FALSE(may_read(town, town.card(Town::johtaja), {ChannelKind::member, Town::aino}, 0));
}

TEST_F(Access, AModerationChannelIsItsModeratorsAlone) {
    EXPECT_TRUE(may_read(town, town.card(Town::johtaja), {ChannelKind::moderation, Town::strategy}, 0));
    EXPECT_FALSE(may_read(town, town.card(Town::toinen), {ChannelKind::moderation, Town::strategy}, 0));
    EXPECT_FALSE(may_read(town, town.card(Town::aino), {ChannelKind::moderation, Town::strategy}, 0));
    MemberCard ghost = town.card(Town::johtaja);
    ghost.moderates.push_back(999);
    EXPECT_FALSE(may_read(town, ghost, {ChannelKind::moderation, 999}, 0)) << "the forum does not exist";
}

TEST_F(Access, ForumsAreModeratedByTheirModeratorsAndByAdministrators) {
    const auto moderates = [&](const MemberCard& member, Id forum) {
        const bool may = may_moderate(town, member, forum, 0);
        EXPECT_TRUE(may || !may_read(town, member, {ChannelKind::moderation, forum}, 0));
        return may;
    };
    EXPECT_TRUE(moderates(town.card(Town::johtaja), Town::strategy));
    EXPECT_FALSE(moderates(town.card(Town::johtaja), Town::leadership));
    EXPECT_TRUE(moderates(town.card(Town::yllapito), Town::strategy));
    EXPECT_FALSE(moderates(town.card(Town::yllapito), 999)) << "the forum does not exist";
    EXPECT_FALSE(moderates(town.card(Town::aino), Town::strategy));
    MemberCard former = town.card(Town::johtaja);
    former.roles = {Role::councillor};
    EXPECT_FALSE(moderates(former, Town::strategy)) << "the term of the role is over";
}

TEST_F(Access, TheDirectoryIsNobodys) {
    for (const Id member : {Town::aino, Town::johtaja, Town::yllapito}) {
        EXPECT_FALSE(may_read(town, town.card(member), {ChannelKind::directory, 0}, 0));
    }
}

TEST_F(Access, AForumIsSeenByItsReadersAndModerators) {
    EXPECT_TRUE(may_read_forum(town, town.card(Town::virkamies), *town.forum(Town::leadership), 0));
    EXPECT_TRUE(may_read_forum(town, town.card(Town::toinen), *town.forum(Town::leadership), 0));
    EXPECT_FALSE(may_read_forum(town, town.card(Town::aino), *town.forum(Town::leadership), 0));
}

TEST_F(Access, ABadgeTellsRolesAndMunicipality) {
    const Badge badge = badge_of(town, town.card(Town::biret));
    EXPECT_TRUE(badge.roles.has(Role::councillor));
    EXPECT_FALSE(badge.roles.has(Role::expert));
    EXPECT_EQ(badge.municipality, "890");
}

// --- what is granted for a council term

class Grants : public Access {
   protected:
    static constexpr Id term = 7, next_term = 8;

    // Aino as she is while the term is on, or is not.
    MemberCard granted(std::vector<Grant> grants) {
        MemberCard member = town.card(Town::aino);
        member.grants = std::move(grants);
        put_in_force(town, member);
        return member;
    }
};

TEST_F(Grants, ARoleOfATermIsInForceWhileTheTermIsOn) {
    const std::vector<Grant> grants{{Role::councillor, term}, {Role::expert, 0}};
    EXPECT_EQ(granted(grants).roles, Roles{Role::expert});
    town.current_terms = {term};
    const auto during = granted(grants);
    EXPECT_EQ(during.roles, (Roles{Role::councillor, Role::expert}));
    EXPECT_EQ(during.terms, std::vector{term});
    EXPECT_TRUE(may_read(town, during, {ChannelKind::room, Town::councillors_only}, 0));
    town.current_terms = {next_term};
    const auto later = granted(grants);
    EXPECT_EQ(later.roles, Roles{Role::expert});
    EXPECT_TRUE(later.terms.empty());
    EXPECT_FALSE(may_read(town, later, {ChannelKind::room, Town::councillors_only}, 0));
}

TEST_F(Grants, WithoutGrantsRolesStayAsTheyAre) { EXPECT_EQ(granted({}).roles, Roles{Role::councillor}); }

TEST_F(Grants, ABadgeHasThePositionsThatAreInForceWithoutTheirTerms) {
    MemberCard member = town.card(Town::aino);
    member.positions = {{PositionKind::council_chair, "", term}, {PositionKind::committee_member, "Lautakunta", 0}};
    EXPECT_EQ(badge_of(town, member).positions,
              (std::vector<Position>{{PositionKind::committee_member, "Lautakunta", 0}}));
    town.current_terms = {term};
    EXPECT_EQ(badge_of(town, member).positions,
              (std::vector<Position>{{PositionKind::council_chair, "", 0},
                                     {PositionKind::committee_member, "Lautakunta", 0}}));
}

// --- lists of an audience

class Lists : public Grants {
   protected:
    bool reads(Audience audience, const MemberCard& member) {
        town.room_card(Town::square).audience = std::move(audience);
        return may_read(town, member, {ChannelKind::room, Town::square}, 0);
    }
    bool reads(Audience audience, Id member) { return reads(std::move(audience), town.card(member)); }

    static Audience of_municipalities(std::vector<std::string> codes) {
        Audience audience;
        audience.municipalities = std::move(codes);
        return audience;
    }
    static Audience of_sizes(MunicipalitySizes sizes) {
        Audience audience;
        audience.sizes = sizes;
        return audience;
    }
    static Audience of_terms(std::vector<Id> terms) {
        Audience audience;
        audience.terms = std::move(terms);
        return audience;
    }
};

TEST_F(Lists, MunicipalitiesAdmitTheirMembersAlone) {
    EXPECT_TRUE(reads(of_municipalities({"049", "091"}), Town::aino));
    EXPECT_FALSE(reads(of_municipalities({"049"}), Town::aino));
    EXPECT_FALSE(reads(of_municipalities({"049"}), Town::yllapito)) << "has no municipality";
}

TEST_F(Lists, SizesAdmitMembersOfMunicipalitiesOfThatSize) {
    EXPECT_TRUE(reads(of_sizes({MunicipalitySize::under_2000}), Town::biret));
    EXPECT_FALSE(reads(of_sizes({MunicipalitySize::under_2000}), Town::aino));
    EXPECT_TRUE(reads(of_sizes({MunicipalitySize::under_2000, MunicipalitySize::over_100000}), Town::aino));
    EXPECT_FALSE(reads(of_sizes({MunicipalitySize::under_2000}), Town::yllapito));
}

TEST_F(Lists, TermsAdmitWhoHasACurrentGrantForOne) {
    town.current_terms = {term};
    EXPECT_TRUE(reads(of_terms({term}), granted({{Role::councillor, term}})));
    EXPECT_FALSE(reads(of_terms({next_term}), granted({{Role::councillor, term}})));
    EXPECT_FALSE(reads(of_terms({term}), granted({{Role::councillor, 0}})));
    town.current_terms = {};
    EXPECT_FALSE(reads(of_terms({term}), granted({{Role::councillor, term}})));
}

TEST_F(Lists, AllThatAreSetMustHold) {
    Audience audience = of_municipalities({"091"});
    audience.read = {Role::expert};
    EXPECT_FALSE(reads(audience, Town::aino));
    audience.read = {Role::councillor};
    EXPECT_TRUE(reads(audience, Town::aino));
    audience.sizes = {MunicipalitySize::under_2000};
    EXPECT_FALSE(reads(audience, Town::aino));
}

// --- widening

// Whatever audiences there are: one that may_widen() calls no wider admits nobody whom the other one shuts out.
RC_GTEST_FIXTURE_PROP(Lists, WhatIsNotWiderAdmitsNobodyNew, ()) {
    const auto audience = [] {
        Audience made;
        for (const auto role : *rc::gen::container<std::vector<Role>>(rc::gen::elementOf(all_roles)))
            made.read.add(role);
        for (const auto size :
             *rc::gen::container<std::vector<MunicipalitySize>>(rc::gen::elementOf(municipality_sizes)))
            made.sizes.add(size);
        made.municipalities =
            *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>("091", "049", "890", "445"));
        made.terms = *rc::gen::container<std::vector<Id>>(rc::gen::elementOf(std::vector<Id>{term, next_term}));
        return made;
    };
    town.current_terms = {term, next_term};
    const Audience present = audience(), next = audience();
    MemberCard member =
        town.card(*rc::gen::elementOf(std::vector<Id>{Town::aino, Town::veikko, Town::biret, Town::yllapito}));
    member.grants.clear();
    for (const auto role : *rc::gen::container<std::vector<Role>>(rc::gen::elementOf(all_roles)))
        member.grants.push_back({role, *rc::gen::elementOf(std::vector<Id>{0, term, next_term})});
    put_in_force(town, member);
    const bool gains = !reads(present, member) && reads(next, member);
    RC_ASSERT(!gains || may_widen(present, next));
    RC_ASSERT(!may_widen(present, present));
}

// Whatever audiences two rooms and their forums have: nobody who reads the one is shut out of the other, where
// may_expose() says so.
RC_GTEST_PROP(Moving, ExposesToNobodyUnseen, ()) {
    Town town;
    const auto audience = [] {
        Audience made;
        for (const auto role : *rc::gen::container<std::vector<Role>>(rc::gen::elementOf(all_roles)))
            made.read.add(role);
        made.municipalities =
            *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>("091", "049", "890", "445"));
        return made;
    };
    for (const Id forum : {Town::strategy, Town::leadership}) town.forum_card(forum).audience = audience();
    for (const Id room : {Town::square, Town::reading_room, Town::officers}) {
        if (*rc::gen::arbitrary<bool>()) town.room_card(room).audience = audience();
    }
    const Id to = *rc::gen::element(Id{Town::reading_room}, Id{Town::officers});
    const bool told = may_expose(town, *town.room(Town::square), *town.room(to));
    for (const Id member :
         {Town::aino, Town::veikko, Town::biret, Town::virkamies, Town::johtaja, Town::yllapito, Town::toinen}) {
        const auto& card = town.card(member);
        const bool gains = may_read(town, card, {ChannelKind::room, to}, 0) &&
                           !may_read(town, card, {ChannelKind::room, Town::square}, 0);
        RC_ASSERT(!gains || told);
    }
}

TEST(Exposing, IsJudgedByWhatBothAudiencesOfARoomLetThrough) {
    Town town;
    const auto exposes = [&](Id from, Id to) { return may_expose(town, *town.room(from), *town.room(to)); };
    EXPECT_FALSE(exposes(Town::square, Town::officers)) << "everybody reads the one already";
    EXPECT_FALSE(exposes(Town::square, Town::councillors_only));
    EXPECT_TRUE(exposes(Town::councillors_only, Town::square));
    EXPECT_TRUE(exposes(Town::councillors_only, Town::officers));
    EXPECT_FALSE(exposes(Town::councillors_only, Town::councillors_only));
    town.forum_card(Town::strategy).audience = Audience{{Role::councillor}, {}};
    EXPECT_FALSE(exposes(Town::councillors_only, Town::square)) << "the forum is the councillors' as a whole";
    EXPECT_TRUE(exposes(Town::square, Town::officers)) << "who moderates the other forum";
}

TEST_F(Lists, AnEntryMoreOrAListLessIsWider) {
    EXPECT_TRUE(may_widen(of_municipalities({"091"}), of_municipalities({"091", "049"})));
    EXPECT_TRUE(may_widen(of_municipalities({"091"}), {}));
    EXPECT_TRUE(may_widen(of_sizes({MunicipalitySize::under_2000}), {}));
    EXPECT_TRUE(may_widen(of_terms({term}), of_terms({next_term})));
    EXPECT_FALSE(may_widen({}, of_terms({next_term})));
    EXPECT_FALSE(may_widen(of_municipalities({"091", "049"}), of_municipalities({"091"})));
    Audience councillors;
    councillors.read = {Role::councillor};
    EXPECT_TRUE(may_widen(councillors, {}));
    EXPECT_FALSE(may_widen({}, councillors));
}

}  // namespace
}  // namespace foorumi::forum::test
