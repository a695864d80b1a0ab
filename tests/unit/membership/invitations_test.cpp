// Making and withdrawing invitations.
#include "invitations.hpp"

namespace foorumi::membership::test {
namespace {

using InviteTest = InvitationTest;

TEST_F(InviteTest, InvitationIsKeptWithWhatItsHolderBecomes) {
    auto command = invite_of("kutsu");
    command.email = "Kaisa@Example.FI";
    command.standing.positions = {{forum::PositionKind::council_chair, "", term}};
    EXPECT_FALSE(run(admin, command).takes_away);
    const auto stored = reg.entity(invitation_key(hash_of_name("kutsu"))).invitation();
    EXPECT_EQ(stored.email(), "Kaisa@example.fi");
    EXPECT_EQ(stored.by(), admin);
    EXPECT_EQ(stored.created_ms(), now);
    EXPECT_EQ(stored.expires_ms(), now + limits.invitation_ms);
    EXPECT_EQ(stored.resets(), 0U);
    const auto member = directory::member_card(0, stored.member());
    EXPECT_EQ(member.name, "Kaisa Niemi");
    EXPECT_EQ(member.handle, "kaisa.niemi");
    EXPECT_EQ(member.municipality, "091");
    EXPECT_EQ(member.grants, (std::vector<forum::Grant>{{Role::councillor, term}}));
    EXPECT_EQ(member.positions, command.standing.positions);
    const auto* card = reg.directory().invitation(hash_of_name("kutsu"));
    ASSERT_NE(card, nullptr);
    EXPECT_EQ(card->name, "Kaisa Niemi");
}

TEST_F(InviteTest, AdministratorsContactPersonsAndTheOperatorInvite) {
    EXPECT_TRUE(decided(admin, invite_of("kutsu")).has_value());
    EXPECT_TRUE(decided(the_operator, invite_of("kutsu")).has_value());
    EXPECT_TRUE(decided(contact, invite_of("kutsu")).has_value());
    for (const auto who : {aino, biret, leader, nobody})
        EXPECT_EQ(refused(who, invite_of("kutsu")), refusal(ErrorCode::forbidden, "administrators_only")) << who;
}

TEST_F(InviteTest, ContactPersonInvitesCouncillorsOfTheirMunicipalityOnly) {
    const auto beyond = refusal(ErrorCode::forbidden, "beyond_contact", "standing");
    const auto with = [](auto change) {
        auto command = invite_of("kutsu");
        change(command.standing);
        return command;
    };
    EXPECT_EQ(refused(contact, with([](auto& s) { s.municipality = "890"; })), beyond);
    EXPECT_EQ(refused(contact, with([](auto& s) { s.municipality = ""; })), beyond);
    EXPECT_EQ(refused(contact, with([](auto& s) { s.contact_for = "091"; })), beyond);
    EXPECT_EQ(refused(contact, with([](auto& s) { s.moderates = {strategy}; })), beyond);
    for (const auto role : {Role::office_holder, Role::expert, Role::moderator, Role::administrator, Role{}})
        EXPECT_EQ(refused(contact, with([&](auto& s) { s.grants.push_back({role, 0}); })), beyond);
}

TEST_F(InviteTest, FieldsThatCanNeverBeAcceptedAreNamed) {
    const auto field = [&](auto change) {
        auto command = invite_of("kutsu");
        change(command);
        const auto refusal = refused(admin, command);
        EXPECT_EQ(refusal.code, ErrorCode::invalid) << refusal.reason;
        return refusal.reason + " " + refusal.field;
    };
    EXPECT_EQ(field([](auto& c) { c.invitation = ""; }), "hash_malformed invitation");
    EXPECT_EQ(field([](auto& c) { c.invitation.pop_back(); }), "hash_malformed invitation");
    EXPECT_EQ(field([](auto& c) { c.invitation.push_back('0'); }), "hash_malformed invitation");
    EXPECT_EQ(field([](auto& c) { c.invitation.front() = 'A'; }), "hash_malformed invitation");
    EXPECT_EQ(field([](auto& c) { c.invitation.front() = '@'; }), "hash_malformed invitation");
    EXPECT_EQ(field([](auto& c) { c.name = "K"; }), "display_name_too_short name");
    EXPECT_EQ(field([](auto& c) { c.handle = "k"; }), "handle_too_short handle");
    EXPECT_EQ(field([](auto& c) { c.handle = "Kaisa"; }), "handle_letters handle");
    EXPECT_EQ(field([](auto& c) { c.email = "kaisa"; }), "email_invalid email");
    EXPECT_EQ(field([](auto& c) { c.valid_ms = -1; }), "invitation_too_long valid_hours");
    EXPECT_EQ(field([&](auto& c) { c.valid_ms = limits.invitation_ms + 1; }), "invitation_too_long valid_hours");
}

TEST_F(InviteTest, InvitationIsOpenForAsLongAsAskedWithinTheLimit) {
    auto command = invite_of("kutsu");
    command.valid_ms = limits.invitation_ms;
    EXPECT_TRUE(decided(admin, command).has_value());
    command.valid_ms = 1;
    run(admin, command);
    EXPECT_EQ(reg.directory().invitation(command.invitation)->expires, now + 1);
}

TEST_F(InviteTest, HashIsUsedOnce) {
    run(admin, invite_of("kutsu"));
    EXPECT_EQ(refused(admin, invite_of("kutsu", "Toinen Nimi", "toinen", "toinen@example.fi")),
              refusal(ErrorCode::conflict, "invitation_exists", "invitation"));
}

TEST_F(InviteTest, OpenOnesHaveALimitAndThoseThatExpiredDoNotCount) {
    for (const auto* name : {"1", "2"}) run(admin, invite_of(name));
    IssueReset reset;
    reset.invitation = hash_of_name("3");
    reset.member = aino;
    EXPECT_FALSE(run(admin, reset).takes_away) << "at the limit";
    const auto too_many = refusal(ErrorCode::limited, "too_many_invitations", "invitation");
    EXPECT_EQ(refused(admin, invite_of("4")), too_many);
    reset.invitation = hash_of_name("4");
    EXPECT_EQ(refused(admin, reset), too_many);
    now += limits.reset_ms;
    EXPECT_TRUE(decided(admin, invite_of("4")).has_value()) << "the link has expired";
}

// --- names that are taken

TEST_F(InviteTest, NamesOfMembersAreTaken) {
    come_in(invite_of("kutsu", "Kaisa Niemi", "kaisa.niemi", "kaisa@example.fi"));
    EXPECT_EQ(refused(admin, invite_of("2", "Muu Nimi", "kaisa.niemi", "muu@example.fi")),
              refusal(ErrorCode::conflict, "handle_taken", "handle"));
    EXPECT_EQ(refused(admin, invite_of("2", "Muu Nimi", "muu", "KAISA@example.fi")),
              refusal(ErrorCode::conflict, "email_taken", "email"));
    EXPECT_EQ(refused(admin, invite_of("2", "KAISA NIEMI", "muu", "muu@example.fi")),
              refusal(ErrorCode::conflict, "name_taken", "name"));
    EXPECT_TRUE(decided(admin, invite_of("2", "Muu Nimi", "muu", "muu@example.fi")).has_value());
}

TEST_F(InviteTest, NamesThatLookAlikeAreTakenWithinAMunicipality) {
    come_in(invite_of("kutsu", "Ilmari Niemi", "ilmari", "ilmari@example.fi"));
    auto twin = invite_of("2", "llmari Niemi", "toinen", "toinen@example.fi");
    EXPECT_EQ(refused(admin, twin), refusal(ErrorCode::conflict, "name_taken", "name"));
    twin.standing.municipality = "890";
    EXPECT_TRUE(decided(admin, twin).has_value());
}

TEST_F(InviteTest, NamesThatNobodyClaimedAreTakenAllTheSame) {
    EXPECT_EQ(refused(admin, invite_of("2", "Muu Nimi", "aino", "muu@example.fi")),
              refusal(ErrorCode::conflict, "handle_taken", "handle"));
    EXPECT_EQ(refused(admin, invite_of("2", "aino metsälä", "muu", "muu@example.fi")),
              refusal(ErrorCode::conflict, "name_taken", "name"));
}

TEST_F(InviteTest, NamesThatTheDirectoryInMemoryDoesNotKnowAreTaken) {
    reg.fall_behind();
    run(admin, invite_of("kutsu"));
    run(the_operator, accept_of("kutsu"));
    EXPECT_EQ(refused(admin, invite_of("2")), refusal(ErrorCode::conflict, "handle_taken", "handle"));
    EXPECT_EQ(refused(admin, invite_of("2", "Muu Nimi", "muu", "kaisa@example.fi")),
              refusal(ErrorCode::conflict, "email_taken", "email"));
    EXPECT_EQ(refused(admin, invite_of("2", "Kaisa Niemi", "muu", "muu@example.fi")),
              refusal(ErrorCode::conflict, "name_taken", "name"));
}

TEST_F(InviteTest, EitherFormOfANameThatTheDirectoryInMemoryDoesNotKnowIsTaken) {
    reg.fall_behind();
    run(admin, invite_of("kutsu", "Ilmari Niemi", "ilmari", "ilmari@example.fi"));
    run(the_operator, accept_of("kutsu"));
    for (const auto* twin : {"ILMARI NIEMI", "llmari Niemi"})
        EXPECT_EQ(refused(admin, invite_of("2", twin, "muu", "muu@example.fi")),
                  refusal(ErrorCode::conflict, "name_taken", "name"))
            << twin;
}

TEST_F(InviteTest, InvitationAloneTakesNoName) {
    run(admin, invite_of("kutsu"));
    EXPECT_TRUE(decided(admin, invite_of("2")).has_value());
}

TEST_F(InviteTest, ClaimTellsNeitherTheNameNorTheInstallation) {
    const auto who = actor(the_operator);
    const auto key = claim_key(who, NameKind::handle, "aino");
    EXPECT_EQ(key.size(), std::string("claim:").size() + 64);
    EXPECT_EQ(key.find("aino"), std::string::npos);
    EXPECT_NE(key, claim_key(who, NameKind::email, "aino"));
    const Actor elsewhere{0, {}, reg.directory(), now, limits, "another"};
    EXPECT_NE(key, claim_key(elsewhere, NameKind::handle, "aino"));
}

// --- withdrawing

TEST_F(InviteTest, WithdrawnInvitationIsGone) {
    run(admin, invite_of("kutsu"));
    const WithdrawInvitation withdraw{std::string(session_id(hash_of_name("kutsu")))};
    const auto accept = accept_of("kutsu");
    EXPECT_FALSE(run(admin, withdraw).takes_away);
    EXPECT_EQ(reg.directory().invitation(hash_of_name("kutsu")), nullptr);
    EXPECT_EQ(refused(the_operator, accept), no_invitation);
    EXPECT_EQ(refused(admin, withdraw), no_invitation);
}

TEST_F(InviteTest, InvitationIsWithdrawnByAdministratorsAndByTheContactPersonWhoMadeIt) {
    run(contact, invite_of("oma"));
    run(admin, invite_of("muun", "Muu Nimi", "muu", "muu@example.fi"));
    const WithdrawInvitation own{std::string(session_id(hash_of_name("oma")))};
    const WithdrawInvitation other{std::string(session_id(hash_of_name("muun")))};
    EXPECT_EQ(refused(contact, other), no_invitation);
    for (const auto who : {aino, leader, nobody}) EXPECT_EQ(refused(who, own), no_invitation) << who;
    for (const auto who : {admin, the_operator, contact}) EXPECT_TRUE(decided(who, own).has_value()) << who;
    run(admin, SetStanding{contact, councillor_of("091")});
    EXPECT_EQ(refused(contact, own), no_invitation) << "is a contact person no more";
}

TEST_F(InviteTest, InvitationThatIsNotThereCannotBeWithdrawn) {
    EXPECT_EQ(refused(admin, WithdrawInvitation{""}), no_invitation);
    EXPECT_EQ(refused(admin, WithdrawInvitation{"0011223344556677"}), no_invitation);
    run(admin, invite_of("kutsu"));
    EXPECT_EQ(refused(admin, WithdrawInvitation{hash_of_name("kutsu")}), no_invitation) << "only its id is told";
    reg.fall_behind();
    run(the_operator, accept_of("kutsu"));
    EXPECT_EQ(refused(admin, WithdrawInvitation{std::string(session_id(hash_of_name("kutsu")))}), no_invitation)
        << "was redeemed meanwhile";
}

// --- links for a new password

TEST_F(InviteTest, LinksForANewPasswordAreForAdministrators) {
    IssueReset command;
    command.invitation = hash_of_name("linkki");
    command.member = aino;
    for (const auto who : {contact, biret, leader, aino, nobody})
        EXPECT_EQ(refused(who, command), refusal(ErrorCode::forbidden, "administrators_only")) << who;
    EXPECT_TRUE(decided(the_operator, command).has_value());
    EXPECT_FALSE(run(admin, command).takes_away);
    const auto* card = reg.directory().invitation(command.invitation);
    ASSERT_NE(card, nullptr);
    EXPECT_EQ(card->resets, aino);
    EXPECT_EQ(card->expires, now + limits.reset_ms);
    EXPECT_EQ(card->name, "Aino Metsälä");
    EXPECT_EQ(refused(admin, command), refusal(ErrorCode::conflict, "invitation_exists", "invitation"));
    command.invitation = "abc";
    EXPECT_EQ(refused(admin, command), refusal(ErrorCode::invalid, "hash_malformed", "invitation"));
}

TEST_F(InviteTest, LinkIsForAMemberWhoSignsIn) {
    IssueReset command;
    command.invitation = hash_of_name("linkki");
    const auto not_found = refusal(ErrorCode::not_found, "member_not_found", "member");
    for (const auto who : {nobody, Id{0}}) {
        command.member = who;
        EXPECT_EQ(refused(admin, command), not_found);
    }
    command.member = aino;
    reg.write({{secret_key(aino), ""}});
    EXPECT_EQ(refused(admin, command), not_found) << "has no password that could be replaced";
}

}  // namespace
}  // namespace foorumi::membership::test
