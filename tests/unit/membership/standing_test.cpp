// What members are, and who may say so.
#include "register.hpp"

namespace foorumi::membership::test {
namespace {

using forum::Grant;
using forum::Position;
using forum::PositionKind;

class StandingTest : public MembershipTest {
   protected:
    const Refusal admins_only = refusal(ErrorCode::forbidden, "administrators_only");
    const Refusal beyond = refusal(ErrorCode::forbidden, "beyond_contact", "standing");
    const Refusal last = refusal(ErrorCode::forbidden, "last_administrator", "member");

    static Standing granted(std::vector<Grant> grants, std::string municipality = "091") {
        Standing standing;
        standing.grants = std::move(grants);
        standing.municipality = std::move(municipality);
        return standing;
    }
    Refusal refused_of(const Standing& standing) const { return refused(admin, SetStanding{aino, standing}); }
    bool accepted(const Standing& standing) const { return decided(admin, SetStanding{aino, standing}).has_value(); }
};

TEST_F(StandingTest, StandingIsReplacedAsAWhole) {
    Standing standing = granted({{Role::expert, 0}, {Role::councillor, next_term}}, "890");
    standing.positions = {{PositionKind::committee_chair, "Lautakunta", term}};
    standing.moderates = {other_forum};
    standing.contact_for = "890";
    EXPECT_TRUE(run(admin, SetStanding{aino, standing}).takes_away);
    EXPECT_EQ(card(aino).grants, standing.grants);
    EXPECT_EQ(card(aino).roles, forum::Roles{Role::expert}) << "the next term is not on";
    EXPECT_EQ(card(aino).municipality, "890");
    EXPECT_EQ(card(aino).positions, standing.positions);
    EXPECT_EQ(card(aino).moderates, standing.moderates);
    EXPECT_EQ(card(aino).contact_for, "890");
    EXPECT_EQ(card(aino).handle, "aino");
    EXPECT_EQ(card(aino).name, "Aino Metsälä");
    run(admin, SetStanding{aino, {}});
    EXPECT_TRUE(card(aino).roles.empty());
    EXPECT_TRUE(card(aino).grants.empty());
    EXPECT_TRUE(card(aino).municipality.empty());
    EXPECT_TRUE(card(aino).positions.empty());
    EXPECT_TRUE(card(aino).moderates.empty());
    EXPECT_TRUE(card(aino).contact_for.empty());
}

TEST_F(StandingTest, SameStandingAgainChangesNothing) {
    EXPECT_TRUE(changes_nothing(admin, SetStanding{aino, councillor_of("091", term)}));
    EXPECT_TRUE(changes_nothing(contact, SetStanding{aino, councillor_of("091", term)}));
    EXPECT_TRUE(changes_nothing(admin, SetStanding{biret, councillor_of("890")})) << "a lasting role, stored otherwise";
}

TEST_F(StandingTest, OnlyAdministratorsContactPersonsAndTheOperatorSetIt) {
    const SetStanding command{aino, councillor_of("091")};
    for (const auto who : {aino, biret, leader, nobody}) EXPECT_EQ(refused(who, command), admins_only) << who;
    for (const auto who : {admin, contact, the_operator}) EXPECT_TRUE(decided(who, command).has_value()) << who;
}

TEST_F(StandingTest, StandingOfNobodyIsNotFound) {
    const auto not_found = refusal(ErrorCode::not_found, "member_not_found", "member");
    EXPECT_EQ(refused(admin, SetStanding{nobody, {}}), not_found);
    EXPECT_EQ(refused(admin, SetStanding{0, {}}), not_found);
    reg.fall_behind();
    reg.write({{member_key(aino), ""}});
    EXPECT_EQ(refused(admin, SetStanding{aino, {}}), not_found);
}

// --- contact persons

TEST_F(StandingTest, ContactPersonLooksAfterCouncillorsOfTheirMunicipality) {
    auto standing = councillor_of("091", next_term);
    standing.positions = {{PositionKind::council_member, "", next_term}};
    EXPECT_TRUE(run(contact, SetStanding{aino, standing}).takes_away);
    EXPECT_EQ(card(aino).grants, standing.grants);
    EXPECT_EQ(card(aino).positions, standing.positions);
    EXPECT_EQ(refused(contact, SetStanding{biret, councillor_of("890")}), beyond);
    EXPECT_EQ(refused(contact, SetStanding{biret, councillor_of("091")}), beyond) << "takes nobody over";
    EXPECT_EQ(refused(contact, SetStanding{aino, councillor_of("890")}), beyond) << "gives nobody away";
    EXPECT_EQ(refused(contact, SetStanding{leader, councillor_of("091")}), beyond) << "is more than a councillor";
    EXPECT_EQ(refused(contact, SetStanding{admin, councillor_of("091")}), beyond);
}

TEST_F(StandingTest, ContactPersonDoesNotChangeThemselves) {
    EXPECT_EQ(refused(contact, SetStanding{contact, councillor_of("091")}),
              refusal(ErrorCode::forbidden, "own_standing", "member"));
}

TEST_F(StandingTest, WhatSomebodyWillBeCountsAgainstAContactPerson) {
    add(16, "tuleva", "Tuleva Johtaja", "091", {.grants = {{Role::councillor, term}, {Role::moderator, next_term}}});
    EXPECT_EQ(refused(contact, SetStanding{16, councillor_of("091")}), beyond);
    add(17, "toinen", "Toinen Henkilö", "091", {.contact_for = "890"});
    EXPECT_EQ(refused(contact, SetStanding{17, councillor_of("091")}), beyond);
}

TEST_F(StandingTest, WhatTheDirectoryInMemoryDoesNotKnowCountsAgainstAContactPerson) {
    reg.fall_behind();
    run(admin, SetStanding{aino, granted({{Role::expert, 0}})});
    EXPECT_EQ(refused(contact, SetStanding{aino, councillor_of("091")}), beyond);
}

// --- limits and references

TEST_F(StandingTest, AmountsHaveALimit) {
    Standing standing = councillor_of("091");
    standing.grants.assign(limits.grants, {Role::councillor, term});
    standing.positions.assign(limits.names.positions, {PositionKind::mayor, "", 0});
    standing.moderates.assign(limits.moderated_forums, strategy);
    EXPECT_TRUE(accepted(standing));
    auto over = standing;
    over.grants.push_back({Role::expert, 0});
    EXPECT_EQ(refused_of(over), refusal(ErrorCode::limited, "too_many_grants", "grants"));
    over = standing;
    over.positions.push_back({PositionKind::mayor, "", 0});
    EXPECT_EQ(refused_of(over), refusal(ErrorCode::limited, "too_many_positions", "positions"));
    over = standing;
    over.moderates.push_back(other_forum);
    EXPECT_EQ(refused_of(over), refusal(ErrorCode::limited, "too_many_forums", "moderates"));
}

TEST_F(StandingTest, PositionsAreOfAKnownKindAndOnOneLine) {
    const auto with = [&](Position position) {
        Standing standing = councillor_of("091");
        standing.positions = {std::move(position)};
        return standing;
    };
    EXPECT_TRUE(accepted(with({PositionKind::council_chair, "", 0})));
    EXPECT_TRUE(accepted(with({PositionKind::office_holder, std::string(limits.names.position_bytes, 'x'), 0})));
    const auto unknown = refusal(ErrorCode::invalid, "position_unknown", "positions");
    EXPECT_EQ(refused_of(with({PositionKind{0}, "", 0})), unknown);
    EXPECT_EQ(refused_of(with({PositionKind{14}, "", 0})), unknown);
    EXPECT_EQ(refused_of(with({PositionKind::mayor, std::string(limits.names.position_bytes + 1, 'x'), 0})),
              refusal(ErrorCode::invalid, "text_too_long", "positions"));
    EXPECT_EQ(refused_of(with({PositionKind::mayor, "a\nb", 0})),
              refusal(ErrorCode::invalid, "title_line_break", "positions"));
}

TEST_F(StandingTest, RoleThatIsNotKnownIsRefusedNotLeftOut) {
    const auto unknown = refusal(ErrorCode::invalid, "role_unknown", "grants");
    EXPECT_EQ(refused_of(granted({{Role{}, 0}})), unknown);
    EXPECT_EQ(refused_of(granted({{Role::councillor, 0}, {Role{6}, term}})), unknown);
}

TEST_F(StandingTest, WhatAStandingNamesIsThere) {
    Standing standing = granted({{Role::councillor, 0}}, "999");
    EXPECT_EQ(refused_of(standing), refusal(ErrorCode::not_found, "municipality_not_found", "municipality"));
    standing = councillor_of("091");
    standing.contact_for = "999";
    EXPECT_EQ(refused_of(standing), refusal(ErrorCode::not_found, "municipality_not_found", "contact_for"));
    EXPECT_EQ(refused_of(councillor_of("091", 77)), refusal(ErrorCode::not_found, "term_not_found", "grants"));
    standing = councillor_of("091");
    standing.positions = {{PositionKind::mayor, "", 77}};
    EXPECT_EQ(refused_of(standing), refusal(ErrorCode::not_found, "term_not_found", "positions"));
    standing = councillor_of("091");
    standing.moderates = {square};
    EXPECT_EQ(refused_of(standing), refusal(ErrorCode::not_found, "forum_not_found", "moderates"));
}

// --- administrators

TEST_F(StandingTest, LastAdministratorStays) {
    EXPECT_EQ(refused(admin, SetStanding{admin, {}}), last);
    EXPECT_EQ(refused(the_operator, SetStanding{admin, councillor_of("091")}), last);
    EXPECT_EQ(refused(admin, SetStanding{admin, granted({{Role::administrator, term}})}), last)
        << "a term ends some day";
    run(admin, SetStanding{aino, granted({{Role::administrator, term}})});
    EXPECT_EQ(refused(admin, SetStanding{admin, {}}), last);
    run(admin, SetStanding{aino, granted({{Role::administrator, 0}})});
    run(aino, SetStanding{admin, {}});
    EXPECT_EQ(refused(aino, SetStanding{aino, {}}), last);
}

TEST_F(StandingTest, AdministratorMayBecomeLessThanOneInOtherWays) {
    auto standing = granted({{Role::administrator, 0}, {Role::expert, 0}});
    standing.moderates = {strategy};
    EXPECT_TRUE(decided(admin, SetStanding{admin, standing}).has_value());
}

TEST_F(StandingTest, NewPowerWithoutASecondFactorEndsTheSignIns) {
    auto moderating = councillor_of("091", term);
    moderating.moderates = {strategy};
    for (const auto& standing :
         {granted({{Role::administrator, 0}}), granted({{Role::moderator, next_term}}), moderating}) {
        run(admin, SetStanding{aino, councillor_of("091", term)});
        const auto token = sign_in(aino, "ennen");
        run(admin, SetStanding{aino, standing});
        EXPECT_TRUE(needs_second_factor(card(aino)));
        EXPECT_FALSE(opens(token));
    }
}

TEST_F(StandingTest, SignInThatHasEndedStaysSoWhateverIsGrantedLater) {
    const auto token = sign_in(aino, "ennen");
    run(admin, EndSessions{aino});
    const auto later = sign_in(aino, "jälkeen");
    run(admin, SetStanding{aino, granted({{Role::expert, 0}})});
    EXPECT_FALSE(opens(token));
    EXPECT_TRUE(opens(later));
}

TEST_F(StandingTest, NewPowerEndsSignInsWithASecondFactorTooAndWhatIsNoPowerEndsNone) {
    const auto token = sign_in(aino, "ennen");
    auto standing = granted({{Role::office_holder, 0}, {Role::expert, 0}});
    run(admin, SetStanding{aino, standing});
    EXPECT_TRUE(opens(token));
    SetSecondFactor factor;
    factor.verified = password_of(aino);
    factor.totp = "sinetti";
    run(aino, factor, token);
    EXPECT_TRUE(opens(token));
    run(admin, SetStanding{aino, granted({{Role::administrator, 0}})});
    EXPECT_FALSE(opens(token)) << "power begins with the second factor";
    EXPECT_TRUE(card(aino).second_factor);
    const auto later = sign_in(aino, "jälkeen");
    run(admin, SetStanding{aino, granted({{Role::moderator, 0}})});
    EXPECT_TRUE(opens(later)) << "had power before";
}

}  // namespace
}  // namespace foorumi::membership::test
