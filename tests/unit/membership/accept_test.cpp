// Accepting invitations, and links for a new password.
#include "invitations.hpp"

namespace foorumi::membership::test {
namespace {

class AcceptTest : public InvitationTest {
   protected:
    void SetUp() override { run(admin, invite_of("kutsu")); }
    void issue_reset(Id member) {
        IssueReset command;
        command.invitation = hash_of_name("linkki");
        command.member = member;
        run(admin, command);
    }
};

TEST_F(AcceptTest, MemberComesInAsInvitedAndSignedIn) {
    const auto decision = run(the_operator, accept_of("kutsu", "uusi"));
    EXPECT_FALSE(decision.takes_away);
    const auto id = reg.version();
    ASSERT_NE(reg.directory().member(id), nullptr);
    EXPECT_EQ(card(id).handle, "kaisa.niemi");
    EXPECT_EQ(card(id).name, "Kaisa Niemi");
    EXPECT_EQ(card(id).municipality, "091");
    EXPECT_EQ(card(id).roles, forum::Roles{Role::councillor});
    EXPECT_EQ(card(id).terms, std::vector{term});
    EXPECT_EQ(secret_of(id).password(), "$argon2id$uusi");
    EXPECT_EQ(secret_of(id).email(), "kaisa@example.fi");
    EXPECT_EQ(secret_of(id).changed_ms(), now);
    EXPECT_TRUE(opens(hash_of_name("uusi")));
    EXPECT_EQ(reg.directory().member_by_token(hash_of_name("uusi")), &card(id));
    EXPECT_EQ(reg.directory().session(hash_of_name("uusi"))->device, "Firefox");
}

TEST_F(AcceptTest, NamesAreClaimedForTheNewMember) {
    run(the_operator, accept_of("kutsu"));
    const auto id = reg.version();
    const auto who = actor(the_operator);
    for (const auto& key :
         {claim_key(who, NameKind::handle, "kaisa.niemi"), claim_key(who, NameKind::email, "kaisa@example.fi")})
        EXPECT_EQ(reg.entity(key).claim().member(), id);
    std::size_t claims = 0;
    for (const auto& [key, bytes] : reg.stored())
        if (key.starts_with("claim:")) ++claims;
    EXPECT_EQ(claims, 4U) << "handle, address, and both forms of the name";
}

TEST_F(AcceptTest, MemberWhoNeedsASecondFactorComesInWaiting) {
    auto command = invite_of("toinen", "Muu Nimi", "muu", "muu@example.fi");
    for (const auto& standing :
         {Standing{{{Role::administrator, 0}}, "", {}, {}, ""},
          Standing{{{Role::moderator, next_term}}, "", {}, {}, ""}, Standing{{}, "", {}, {strategy}, ""}}) {
        command.standing = standing;
        run(admin, command);
        auto decision = decided(the_operator, accept_of("toinen", "uusi"));
        ASSERT_TRUE(decision.has_value());
        const auto entity = [&] {
            v1::DirectoryEntity parsed;
            EXPECT_TRUE(parsed.ParseFromString(decision->puts.back().value));
            return parsed;
        }();
        EXPECT_EQ(decision->puts.back().key, token_key(hash_of_name("uusi")));
        EXPECT_TRUE(entity.token().pending());
        EXPECT_EQ(entity.token().expires_ms(), now + limits.pending_ms);
        run(admin, WithdrawInvitation{std::string(session_id(command.invitation))});
    }
}

TEST_F(AcceptTest, InvitationIsRedeemedOnce) {
    const auto accept = accept_of("kutsu");
    run(the_operator, accept);
    EXPECT_EQ(refused(the_operator, accept), no_invitation);
    EXPECT_EQ(refused(the_operator, accept_of("kutsu")), no_invitation);
}

TEST_F(AcceptTest, InvitationExpiresAtTheExactMillisecond) {
    const auto accept = accept_of("kutsu");
    now += limits.invitation_ms - 1;
    EXPECT_TRUE(decided(the_operator, accept).has_value());
    now += 1;
    EXPECT_EQ(refused(the_operator, accept), no_invitation);
}

TEST_F(AcceptTest, InvitationThatChangedSinceItWasReadIsNone) {
    const auto accept = accept_of("kutsu");
    auto changed = reg.entity(invitation_key(accept.invitation));
    changed.mutable_invitation()->set_email("muu@example.fi");
    reg.write({{invitation_key(accept.invitation), changed.SerializeAsString()}});
    EXPECT_EQ(refused(the_operator, accept), no_invitation);
}

TEST_F(AcceptTest, WhoReadSomethingElseComesInByNothing) {
    for (const auto& stored : {std::string(), std::string("\xff\xff"), reg.stored().at(member_key(aino))}) {
        auto accept = accept_of("kutsu");
        accept.stored = stored;
        EXPECT_EQ(refused(the_operator, accept), no_invitation);
    }
    auto accept = accept_of("outo");
    EXPECT_EQ(refused(the_operator, accept), no_invitation);
    accept.stored = reg.stored().at(invitation_key(hash_of_name("kutsu")));
    EXPECT_EQ(refused(the_operator, accept), no_invitation);
    accept.invitation = "@";
    EXPECT_EQ(refused(the_operator, accept), no_invitation);
}

TEST_F(AcceptTest, OfTwoForOnePersonTheFirstComesIn) {
    run(admin, invite_of("toinen"));
    run(admin, invite_of("kolmas", "Kaisa Niemi", "kaisa2", "kaisa2@example.fi"));
    const auto second = accept_of("toinen");
    run(the_operator, accept_of("kutsu"));
    EXPECT_EQ(refused(the_operator, second), refusal(ErrorCode::conflict, "handle_taken", "handle"));
    EXPECT_EQ(refused(the_operator, accept_of("kolmas")), refusal(ErrorCode::conflict, "name_taken", "name"));
}

TEST_F(AcceptTest, DeviceHasALimit) {
    auto accept = accept_of("kutsu");
    accept.device = std::string(limits.device_bytes + 1, 'x');
    EXPECT_EQ(refused(the_operator, accept), refusal(ErrorCode::invalid, "device_too_long", "device"));
    accept.device.pop_back();
    EXPECT_TRUE(decided(the_operator, accept).has_value());
}

// --- a new password

TEST_F(AcceptTest, NewPasswordEndsAllSignIns) {
    const auto before = sign_in(aino, "ennen"), other = sign_in(biret, "toisen");
    change_secret(aino, [](auto& secret) { secret.set_totp("sinetti"); });
    issue_reset(aino);
    reg.fall_behind();
    const auto unknown = sign_in(aino, "tuore");
    now += minute;
    const auto decision = run(the_operator, accept_of("linkki"));
    EXPECT_TRUE(decision.takes_away);
    reg.catch_up();
    EXPECT_FALSE(opens(before));
    EXPECT_FALSE(opens(unknown));
    EXPECT_TRUE(opens(other));
    EXPECT_EQ(secret_of(aino).password(), "$argon2id$uusi");
    EXPECT_EQ(secret_of(aino).changed_ms(), now);
    EXPECT_EQ(secret_of(aino).totp(), "sinetti") << "the second factor is asked for as before";
    EXPECT_EQ(card(aino).handle, "aino");
    EXPECT_EQ(card(aino).roles, forum::Roles{Role::councillor});
}

TEST_F(AcceptTest, LinkIsGoodOnceAndNotForLong) {
    issue_reset(aino);
    const auto accept = accept_of("linkki");
    now += limits.reset_ms;
    EXPECT_EQ(refused(the_operator, accept), no_invitation);
    now -= 1;
    run(the_operator, accept);
    EXPECT_EQ(refused(the_operator, accept), no_invitation);
}

TEST_F(AcceptTest, LinkIsOverWithTheNextPassword) {
    issue_reset(aino);
    const auto accept = accept_of("linkki");
    now += minute;
    const auto token = sign_in(aino, "oma");
    run(aino, RevokeSessions{{}, true}, token);
    EXPECT_TRUE(decided(the_operator, accept).has_value()) << "who ends sign-ins takes no link away";
    run(aino, ChangePassword{password_of(aino), "$argon2id$oma"}, token);
    EXPECT_EQ(refused(the_operator, accept), no_invitation);
}

TEST_F(AcceptTest, LinkThatClearsTheSecondFactorIsOverWithAnotherOne) {
    IssueReset command;
    command.invitation = hash_of_name("linkki");
    command.member = aino;
    command.clears_second_factor = true;
    run(admin, command);
    const auto accept = accept_of("linkki");
    ASSERT_TRUE(decided(the_operator, accept).has_value());
    SetSecondFactor factor;
    factor.verified = password_of(aino);
    factor.totp = "sinetti";
    run(aino, factor, sign_in(aino, "oma"));
    EXPECT_EQ(refused(the_operator, accept), no_invitation);
}

TEST_F(AcceptTest, WhatBringsPowerOrAnothersAccountEndsWithTheSignInsOfItsMaker) {
    limits.invitations = 10;
    auto power = invite_of("valta", "Valta Virta", "valta.virta", "valta@example.fi");
    power.standing.grants = {{Role::administrator, 0}};
    run(admin, power);
    run(admin, invite_of("kaisa"));
    issue_reset(aino);
    ASSERT_TRUE(decided(the_operator, accept_of("valta")).has_value());
    run(the_operator, EndSessions{admin});
    EXPECT_EQ(refused(the_operator, accept_of("valta")), no_invitation);
    EXPECT_EQ(refused(the_operator, accept_of("linkki")), no_invitation);
    EXPECT_TRUE(decided(the_operator, accept_of("kaisa")).has_value()) << "brings no power";
}

TEST_F(AcceptTest, LinkOfAMemberWhoWentIsNone) {
    issue_reset(aino);
    const auto accept = accept_of("linkki");
    reg.write({{member_key(aino), ""}});
    EXPECT_EQ(refused(the_operator, accept), no_invitation);
    reg.write({{member_key(aino), directory::encode(card(biret))}, {secret_key(aino), ""}});
    EXPECT_EQ(refused(the_operator, accept), no_invitation);
}

}  // namespace
}  // namespace foorumi::membership::test
