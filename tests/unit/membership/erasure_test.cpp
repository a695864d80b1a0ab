// Members who are to be erased, and what their erasure takes away.
#include "invitations.hpp"

namespace foorumi::membership::test {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ErasureTest : public InvitationTest {
   protected:
    static EraseMember own_wish(Id member) { return {member, {}, password_of(member)}; }
    [[nodiscard]] std::vector<Id> due() const { return members_to_erase(actor(the_operator)); }
    // Kaisa, who came in by an invitation, and so has taken her names.
    Id kaisa() { return come_in(invite_of("kutsu"), "kaisan"); }
    // At the end of the time of grace.
    void erase(Id member, const std::string& email = "") {
        run(admin, EraseMember{member, {}, {}});
        now += limits.erasure_grace_ms;
        run(the_operator, Erase{member, email});
    }
    [[nodiscard]] std::vector<std::string> keys_of_kind(std::string_view kind) const {
        std::vector<std::string> keys;
        for (const auto& [key, bytes] : reg.stored())
            if (key.starts_with(kind) && !bytes.empty()) keys.push_back(key);
        return keys;
    }
    [[nodiscard]] bool is_stored_somewhere(std::string_view text) const {
        return std::ranges::any_of(reg.stored(), [&](const auto& entry) {
            return entry.first.find(text) != std::string::npos || entry.second.find(text) != std::string::npos;
        });
    }

    const Refusal not_there = refusal(ErrorCode::not_found, "member_not_found", "member");
    const Refusal administrators = refusal(ErrorCode::forbidden, "administrators_only");
    const Refusal wrong = refusal(ErrorCode::unauthenticated, "credentials_invalid");
};

TEST_F(ErasureTest, WishIsNotedForTheEndOfTheTimeOfGraceAndTakesNothingAway) {
    const auto token = sign_in(aino, "1");
    const auto decision = run(aino, own_wish(aino), token);
    EXPECT_FALSE(decision.takes_away);
    EXPECT_EQ(card(aino).erase_at, now + limits.erasure_grace_ms);
    EXPECT_FALSE(card(aino).erase_removes);
    EXPECT_TRUE(opens(token));
    EXPECT_EQ(card(aino).name, "Aino Metsälä");
}

TEST_F(ErasureTest, IsDueAtTheExactMillisecond) {
    run(admin, EraseMember{aino, {}, {}});
    now += limits.erasure_grace_ms - 1;
    EXPECT_THAT(due(), IsEmpty());
    EXPECT_TRUE(changes_nothing(the_operator, Erase{aino, ""}));
    now += 1;
    EXPECT_THAT(due(), ElementsAre(aino));
    EXPECT_TRUE(run(the_operator, Erase{aino, ""}).takes_away);
    EXPECT_THAT(due(), IsEmpty());
}

TEST_F(ErasureTest, WithoutATimeOfGraceIsDueAtOnce) {
    limits.erasure_grace_ms = 0;
    run(admin, EraseMember{aino, {}, {}});
    EXPECT_THAT(due(), ElementsAre(aino));
}

TEST_F(ErasureTest, OnlyAdministratorsAskForOthers) {
    for (const auto member : {aino, contact, leader, nobody})
        EXPECT_EQ(refused(member, EraseMember{biret, {}, {}}), administrators) << member;
    EXPECT_EQ(refused(aino, EraseMember{biret, {}, password_of(aino)}), administrators);
    run(admin, EraseMember{biret, {}, {}});
    run(the_operator, EraseMember{aino, {}, {}});
    EXPECT_EQ(refused(admin, EraseMember{nobody, {}, {}}), not_there);
}

TEST_F(ErasureTest, OnesOwnWishNeedsThePasswordOfNow) {
    for (const auto who : {aino, admin})
        EXPECT_EQ(refused(who, EraseMember{who, {}, {}}), refusal(ErrorCode::forbidden, "own_erasure", "member"))
            << "a sign-in alone is not enough";
    run(aino, ChangePassword{password_of(aino), "$argon2id$uusi"}, sign_in(aino, "1"));
    EXPECT_EQ(refused(aino, own_wish(aino)), wrong);
    run(aino, EraseMember{aino, {}, "$argon2id$uusi"});
}

TEST_F(ErasureTest, OnesOwnWishUsesUpTheSecondFactorWhereThereIsOne) {
    change_secret(aino, [](auto& secret) {
        secret.set_totp("sinetti");
        secret.set_totp_step(100);
        secret.add_recovery("r1");
    });
    EXPECT_EQ(refused(aino, own_wish(aino)), wrong) << "none was shown";
    for (const auto& used : {ShownFactor{100, "sinetti", ""}, ShownFactor{101, "vanha", ""}, ShownFactor{0, "", "r2"}})
        EXPECT_EQ(refused(aino, EraseMember{aino, {}, password_of(aino), used}), wrong)
            << used.totp_step << used.recovery;
    run(aino, EraseMember{aino, {}, password_of(aino), {101, "sinetti", ""}});
    EXPECT_EQ(secret_of(aino).totp_step(), 101U);
    run(aino, KeepMember{aino});
    EXPECT_EQ(refused(aino, EraseMember{aino, {}, password_of(aino), {101, "sinetti", ""}}), wrong);
    run(aino, EraseMember{aino, {}, password_of(aino), {0, "sinetti", "r1"}});
    EXPECT_TRUE(secret_of(aino).recovery().empty());
}

TEST_F(ErasureTest, WhatBecomesOfTheContentIsByTheConfigurationUnlessSaid) {
    limits.erasure_removes_content = true;
    run(aino, own_wish(aino));
    EXPECT_TRUE(card(aino).erase_removes);
    run(admin, EraseMember{biret, false, {}});
    EXPECT_FALSE(card(biret).erase_removes);
    limits.erasure_removes_content = false;
    run(admin, EraseMember{leader, true, {}});
    EXPECT_TRUE(card(leader).erase_removes);
}

TEST_F(ErasureTest, AskingAgainChangesTheContentAndNotTheTime) {
    run(admin, EraseMember{aino, {}, {}});
    const auto at = card(aino).erase_at;
    now += day;
    EXPECT_TRUE(changes_nothing(aino, own_wish(aino)));
    EXPECT_TRUE(changes_nothing(admin, EraseMember{aino, false, {}}));
    run(admin, EraseMember{aino, true, {}});
    EXPECT_EQ(card(aino).erase_at, at);
    EXPECT_TRUE(card(aino).erase_removes);
    EXPECT_TRUE(changes_nothing(aino, own_wish(aino))) << "what an administrator has said stays";
}

TEST_F(ErasureTest, IsCalledOffByTheMemberOrAnAdministrator) {
    EXPECT_TRUE(changes_nothing(aino, KeepMember{aino}));
    for (const auto who : {aino, admin, the_operator}) {
        run(admin, EraseMember{aino, true, {}});
        run(who, KeepMember{aino});
        EXPECT_EQ(card(aino).erase_at, 0) << who;
        EXPECT_FALSE(card(aino).erase_removes);
    }
    run(admin, EraseMember{aino, {}, {}});
    for (const auto who : {biret, contact, leader}) EXPECT_EQ(refused(who, KeepMember{aino}), administrators) << who;
    EXPECT_EQ(refused(admin, KeepMember{nobody}), not_there);
    now += 100 * limits.erasure_grace_ms;
    run(aino, KeepMember{aino});
    EXPECT_TRUE(changes_nothing(the_operator, Erase{aino, ""})) << "until it is done";
}

TEST_F(ErasureTest, NewStandingKeepsTheWish) {
    run(admin, EraseMember{aino, true, {}});
    const auto at = card(aino).erase_at;
    run(admin, SetStanding{aino, councillor_of("890", term)});
    EXPECT_EQ(card(aino).erase_at, at);
    EXPECT_TRUE(card(aino).erase_removes);
}

TEST_F(ErasureTest, LastAdministratorStays) {
    const auto last = refusal(ErrorCode::forbidden, "last_administrator", "member");
    EXPECT_EQ(refused(the_operator, EraseMember{admin, {}, {}}), last);
    EXPECT_EQ(refused(admin, own_wish(admin)), last);
    add(nobody, "toinen", "Toinen Pitäjä", "", {.grants = {{Role::administrator, 0}}});
    EXPECT_TRUE(run(admin, own_wish(admin)).takes_away) << "no wish of another administrator lands beside it";
    EXPECT_EQ(refused(nobody, own_wish(nobody)), last) << "the other one goes";
    EXPECT_EQ(refused(admin, SetStanding{nobody, {}}), last);
    run(admin, KeepMember{admin});
    run(nobody, own_wish(nobody));
}

TEST_F(ErasureTest, LastAdministratorStaysWhoWasNotTheLastWhenTheyAsked) {
    add(nobody, "toinen", "Toinen Pitäjä", "", {.grants = {{Role::administrator, 0}}});
    run(admin, own_wish(admin));
    reg.write({{member_key(nobody), ""}});
    now += limits.erasure_grace_ms;
    EXPECT_THAT(due(), IsEmpty());
    EXPECT_TRUE(changes_nothing(the_operator, Erase{admin, ""}));
}

TEST_F(ErasureTest, TakesAwayAllThatIsKnownOfTheMember) {
    const auto id = kaisa();
    const auto waiting = sign_in(id, "toinen", true);
    run(admin, IssueReset{hash_of_name("linkki"), id, false});
    erase(id, "kaisa@example.fi");
    EXPECT_EQ(reg.directory().member(id), nullptr);
    EXPECT_EQ(reg.directory().member_by_handle("kaisa.niemi"), nullptr);
    EXPECT_FALSE(reg.has(member_key(id)));
    EXPECT_FALSE(reg.has(secret_key(id)));
    EXPECT_FALSE(opens(hash_of_name("kaisan")));
    EXPECT_FALSE(is_stored_somewhere("kaisa@example.fi"));
    // What is left of theirs is over, and cleared away as such.
    EXPECT_THAT(expired_keys(actor(the_operator), 10),
                testing::UnorderedElementsAre(token_key(hash_of_name("kaisan")), token_key(waiting),
                                              invitation_key(hash_of_name("linkki"))));
    run(the_operator, ExpireAll{expired_keys(actor(the_operator), 10)});
    EXPECT_FALSE(is_stored_somewhere("Kaisa"));
}

TEST_F(ErasureTest, InvitationsOfTheErasedAreOver) {
    run(contact, invite_of("kutsu"));
    erase(contact);
    EXPECT_THAT(expired_keys(actor(the_operator), 10), ElementsAre(invitation_key(hash_of_name("kutsu"))));
    run(the_operator, ExpireAll{expired_keys(actor(the_operator), 10)});
    EXPECT_THAT(keys_of_kind("invitation:"), IsEmpty());
}

TEST_F(ErasureTest, NamesAreFreeOnlyAtTheEnd) {
    const auto id = kaisa();
    ASSERT_THAT(keys_of_kind("claim:"), SizeIs(4));
    erase(id, "kaisa@example.fi");
    const auto* left = reg.directory().erasure(id);
    ASSERT_NE(left, nullptr);
    EXPECT_EQ(left->handle, "kaisa.niemi");
    EXPECT_THAT(left->claims, SizeIs(4));
    const auto taken = refusal(ErrorCode::conflict, "handle_taken", "handle");
    EXPECT_EQ(refused(admin, invite_of("uusi")), taken);

    EXPECT_TRUE(run(the_operator, EndSweep{id}).takes_away) << "no node goes on with it";
    EXPECT_EQ(reg.directory().erasure(id)->handle, "");
    EXPECT_FALSE(is_stored_somewhere("kaisa"));
    EXPECT_TRUE(changes_nothing(the_operator, EndSweep{id}));
    EXPECT_EQ(refused(admin, invite_of("uusi")), taken);

    run(the_operator, EndErasure{id});
    EXPECT_EQ(reg.directory().erasure(id), nullptr);
    EXPECT_THAT(keys_of_kind("erased:"), IsEmpty());
    EXPECT_THAT(keys_of_kind("claim:"), IsEmpty());
    run(admin, invite_of("uusi"));
}

TEST_F(ErasureTest, NamesThatSomebodyElseHasMeanwhileStayTheirs) {
    const auto id = kaisa();
    const auto claims = keys_of_kind("claim:");
    v1::DirectoryEntity other;
    other.mutable_claim()->set_member(biret);
    reg.write({{claims.front(), other.SerializeAsString()}});
    erase(id, "kaisa@example.fi");
    run(the_operator, EndSweep{id});
    run(the_operator, EndErasure{id});
    EXPECT_THAT(keys_of_kind("claim:"), ElementsAre(claims.front()));
}

TEST_F(ErasureTest, ClaimsThatAnotherReleaseHasMadeGoToo) {
    v1::DirectoryEntity claim;
    claim.mutable_claim()->set_member(aino);
    reg.write({{"claim:vanha", claim.SerializeAsString()}});
    run(admin, EraseMember{aino, {}, {}});
    now += limits.erasure_grace_ms;
    run(the_operator, Erase{aino, "", {"claim:vanha"}});
    run(the_operator, EndSweep{aino});
    run(the_operator, EndErasure{aino});
    EXPECT_THAT(keys_of_kind("claim:"), IsEmpty());
}

TEST_F(ErasureTest, HandleOfAMemberWhoHasNoClaimsIsHeld) {
    erase(aino);
    EXPECT_THAT(keys_of_kind("claim:"), SizeIs(1));
    auto invite = invite_of("uusi");
    invite.handle = "aino";
    EXPECT_EQ(refused(admin, invite), refusal(ErrorCode::conflict, "handle_taken", "handle"));
    run(the_operator, EndSweep{aino});
    run(the_operator, EndErasure{aino});
    run(admin, invite);
}

TEST_F(ErasureTest, ItsEndWaitsForTheSweep) {
    erase(aino);
    EXPECT_TRUE(changes_nothing(the_operator, EndErasure{aino}));
    for (const auto& refusal : {refused(the_operator, EndSweep{biret}), refused(the_operator, EndErasure{biret}),
                                refused(the_operator, Erase{aino, ""})})
        EXPECT_EQ(refusal, not_there);
}

// By another node, or with an address that was changed since it was read.
TEST_F(ErasureTest, ErasesNothingOnWhatIsNotSoAnyMore) {
    const auto id = kaisa();
    run(admin, EraseMember{id, {}, {}});
    now += limits.erasure_grace_ms;
    EXPECT_TRUE(changes_nothing(the_operator, Erase{id, "toinen@example.fi"}));
    reg.fall_behind();
    run(the_operator, Erase{id, "kaisa@example.fi"});
    EXPECT_TRUE(changes_nothing(the_operator, Erase{id, "kaisa@example.fi"}));
}

}  // namespace
}  // namespace foorumi::membership::test
