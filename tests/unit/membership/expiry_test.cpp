// What time ends: sign-ins that are old, idle or waited too long, and invitations.
#include "register.hpp"

namespace foorumi::membership::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class ExpiryTest : public MembershipTest {
   protected:
    [[nodiscard]] std::vector<std::string> expired(std::size_t limit = 100) const {
        return expired_keys(actor(the_operator), limit);
    }
    // Used again and again until it is as old as `age`.
    void use_until(const std::string& token, Millis end) {
        while (now + limits.session_idle_ms <= end) {
            now += limits.session_idle_ms - 1;
            run(the_operator, TouchSessions{{token}});
        }
        now = end;
    }
    void invite(const std::string& name) {
        v1::DirectoryEntity entity;
        entity.mutable_invitation()->set_expires_ms(now + limits.invitation_ms);
        reg.write({{invitation_key(hash_of_name(name)), entity.SerializeAsString()}});
    }
};

TEST_F(ExpiryTest, IdleSignInEndsAtTheExactMillisecond) {
    const auto token = sign_in(aino, "1");
    now += limits.session_idle_ms - 1;
    EXPECT_TRUE(opens(token));
    EXPECT_THAT(expired(), IsEmpty());
    EXPECT_TRUE(changes_nothing(the_operator, ExpireAll{{token_key(token)}}));
    now += 1;
    EXPECT_FALSE(opens(token));
    EXPECT_THAT(expired(), ElementsAre(token_key(token)));
    EXPECT_TRUE(run(the_operator, ExpireAll{expired()}).takes_away);
    EXPECT_FALSE(is_kept(token));
    EXPECT_THAT(expired(), IsEmpty());
}

TEST_F(ExpiryTest, UsedSignInEndsWhenItIsOldAtTheExactMillisecond) {
    const auto token = sign_in(aino, "1");
    const auto end = now + limits.session_ms;
    use_until(token, end - 1);
    EXPECT_TRUE(opens(token));
    EXPECT_THAT(expired(), IsEmpty());
    now = end;
    EXPECT_FALSE(opens(token));
    EXPECT_THAT(expired(), ElementsAre(token_key(token)));
}

TEST_F(ExpiryTest, SignInThatWaitsEndsAtTheExactMillisecond) {
    const auto token = sign_in(aino, "1", true);
    now += limits.pending_ms - 1;
    EXPECT_THAT(expired(), IsEmpty());
    now += 1;
    EXPECT_THAT(expired(), ElementsAre(token_key(token)));
}

TEST_F(ExpiryTest, InvitationEndsAtTheExactMillisecond) {
    invite("kutsu");
    now += limits.invitation_ms - 1;
    EXPECT_THAT(expired(), IsEmpty());
    EXPECT_TRUE(changes_nothing(the_operator, ExpireAll{{invitation_key(hash_of_name("kutsu"))}}));
    now += 1;
    EXPECT_THAT(expired(), ElementsAre(invitation_key(hash_of_name("kutsu"))));
    run(the_operator, ExpireAll{expired()});
    EXPECT_FALSE(reg.has(invitation_key(hash_of_name("kutsu"))));
    EXPECT_EQ(reg.directory().invitation(hash_of_name("kutsu")), nullptr);
}

TEST_F(ExpiryTest, TokenOfTheOperatorsFilesNeverExpires) {
    reg.write({{"token:f1", directory::encode_token(aino, 1)}});
    now += 100 * limits.session_ms;
    EXPECT_TRUE(opens("f1"));
    EXPECT_THAT(expired(), IsEmpty());
    EXPECT_TRUE(changes_nothing(the_operator, ExpireAll{{"token:f1"}}));
}

TEST_F(ExpiryTest, WhatAnEpochEndedGoesAndWhatAMemberLeftBehind) {
    const auto ended = sign_in(aino, "1"), orphan = sign_in(biret, "2"), open = sign_in(leader, "3", true);
    run(admin, EndSessions{aino});
    reg.write({{member_key(biret), ""}});
    EXPECT_THAT(expired(), UnorderedElementsAre(token_key(ended), token_key(orphan)));
    run(the_operator, ExpireAll{expired()});
    EXPECT_FALSE(is_kept(ended));
    EXPECT_FALSE(is_kept(orphan));
    EXPECT_TRUE(is_kept(open));
}

TEST_F(ExpiryTest, UseThatTheDirectoryInMemoryDoesNotKnowKeepsTheSignIn) {
    const auto token = sign_in(aino, "1");
    now += limits.session_idle_ms;
    const auto keys = expired();
    reg.fall_behind();
    now -= 1;
    run(the_operator, TouchSessions{{token}});
    now += 1;
    EXPECT_TRUE(changes_nothing(the_operator, ExpireAll{keys}));
}

TEST_F(ExpiryTest, SignInOfAnEpochThatTheDirectoryInMemoryDoesNotKnowStays) {
    const auto spared = sign_in(aino, "1");
    reg.fall_behind();
    run(aino, RevokeSessions{{}, true}, spared);
    EXPECT_TRUE(changes_nothing(the_operator, ExpireAll{{token_key(spared)}}));
    reg.catch_up();
    EXPECT_TRUE(opens(spared));
}

TEST_F(ExpiryTest, NoMoreAreNamedThanAskedFor) {
    for (const auto* name : {"1", "2"}) sign_in(aino, name);
    for (const auto* name : {"3", "4"}) invite(name);
    now += limits.session_ms;
    for (const auto& [limit, found] : {std::pair(1U, 1U), {2U, 2U}, {3U, 3U}, {4U, 4U}, {5U, 4U}})
        EXPECT_EQ(expired(limit).size(), found) << limit;
    EXPECT_TRUE(changes_nothing(the_operator, ExpireAll{{"token:muu", "invitation:muu"}}));
}

}  // namespace
}  // namespace foorumi::membership::test
