// Signing in: the password that was verified, the second factor used once, no more sign-ins than the limit.
#include "register.hpp"

namespace foorumi::membership::test {
namespace {

class SignInTest : public MembershipTest {
   protected:
    const Refusal wrong = refusal(ErrorCode::unauthenticated, "credentials_invalid");
    const Refusal gone = refusal(ErrorCode::unauthenticated, "token_invalid");

    SignIn of(Id member, const std::string& name) {
        SignIn command;
        command.member = member;
        command.token = hash_of_name(name);
        command.device = "Firefox";
        command.password = password_of(member);
        return command;
    }
    // The second step behind a pending sign-in.
    SignIn second_step(Id member, const std::string& name, const std::string& waiting) {
        auto command = of(member, name);
        command.second_factor = true;
        command.totp = secret_of(member).totp();
        command.replaces = waiting;
        return command;
    }
    void give_second_factor(Id member) {
        change_secret(member, [](auto& secret) {
            secret.set_totp("sinetti");
            secret.set_totp_step(100);
            secret.add_recovery("r1");
            secret.add_recovery("r2");
        });
    }
};

TEST_F(SignInTest, SignInOpensFromItsCommitOn) {
    const auto decision = run(the_operator, of(aino, "uusi"));
    EXPECT_FALSE(decision.takes_away);
    const auto* session = reg.directory().session(hash_of_name("uusi"));
    ASSERT_NE(session, nullptr);
    EXPECT_EQ(session->member, aino);
    EXPECT_EQ(session->created, now);
    EXPECT_EQ(session->used, now);
    EXPECT_EQ(session->expires, now + limits.session_ms);
    EXPECT_EQ(session->device, "Firefox");
    EXPECT_FALSE(session->second_factor);
    EXPECT_TRUE(opens(hash_of_name("uusi")));
    EXPECT_EQ(decision.puts.size(), 1U) << "what was not used up is not written";
}

TEST_F(SignInTest, PasswordThatChangedSinceItWasVerifiedIsWrong) {
    auto command = of(aino, "uusi");
    change_secret(aino, [](auto& secret) { secret.set_password("$argon2id$muu"); });
    EXPECT_EQ(refused(the_operator, command), wrong);
    command.password = "";
    EXPECT_EQ(refused(the_operator, command), wrong);
}

TEST_F(SignInTest, MemberWhoIsNotOrWentSignsInNowhere) {
    auto command = of(nobody, "uusi");
    command.password = "";
    EXPECT_EQ(refused(the_operator, command), wrong) << "not by an empty password either";
    reg.write({{secret_key(biret), ""}});
    EXPECT_EQ(refused(the_operator, of(biret, "uusi")), wrong);
    reg.fall_behind();
    reg.write({{member_key(aino), ""}});
    EXPECT_EQ(refused(the_operator, of(aino, "uusi")), wrong);
}

TEST_F(SignInTest, SignInIsNotOfAnEpochThatTheDirectoryInMemoryDoesNotKnow) {
    reg.fall_behind();
    run(admin, EndSessions{aino});
    EXPECT_EQ(refused(the_operator, of(aino, "uusi")), wrong);
    reg.catch_up();
    run(the_operator, of(aino, "uusi"));
    EXPECT_TRUE(opens(hash_of_name("uusi")));
}

TEST_F(SignInTest, DeviceHasALimit) {
    auto command = of(aino, "uusi");
    command.device = std::string(limits.device_bytes, 'x');
    EXPECT_TRUE(decided(the_operator, command).has_value());
    command.device += 'x';
    EXPECT_EQ(refused(the_operator, command), refusal(ErrorCode::invalid, "device_too_long", "device"));
}

TEST_F(SignInTest, PasswordIsKeptAtThePresentCost) {
    auto command = of(aino, "uusi");
    command.rehashed = "$argon2id$kalliimpi";
    run(the_operator, command);
    EXPECT_EQ(secret_of(aino).password(), "$argon2id$kalliimpi");
    command.token = hash_of_name("toinen");
    EXPECT_EQ(refused(the_operator, command), wrong) << "verified against what it was before";
}

// --- the second factor

TEST_F(SignInTest, SignInThatWaitsOpensNothingAndNotForLong) {
    const auto waiting = sign_in(aino, "odottava", true);
    EXPECT_FALSE(opens(waiting));
    EXPECT_EQ(reg.directory().session(waiting)->expires, now + limits.pending_ms);
}

TEST_F(SignInTest, SecondFactorMakesAWholeSignInOfTheOneThatWaits) {
    give_second_factor(aino);
    const auto waiting = sign_in(aino, "odottava", true);
    auto command = second_step(aino, "koko", waiting);
    command.totp_step = 101;
    run(the_operator, command);
    EXPECT_TRUE(opens(hash_of_name("koko")));
    EXPECT_TRUE(reg.directory().session(hash_of_name("koko"))->second_factor);
    EXPECT_FALSE(is_kept(waiting));
    EXPECT_EQ(secret_of(aino).totp_step(), 101U);
}

TEST_F(SignInTest, CodeOfASecondFactorThatWasReplacedIsWrong) {
    give_second_factor(aino);
    auto command = second_step(aino, "koko", sign_in(aino, "odottava", true));
    command.totp_step = 101;
    change_secret(aino, [](auto& secret) { secret.set_totp("uusi sinetti"); });
    EXPECT_EQ(refused(the_operator, command), wrong);
}

TEST_F(SignInTest, StepIsUsedOnce) {
    give_second_factor(aino);
    for (const auto& [step, good] : {std::pair(99U, false), {100U, false}, {101U, true}, {101U, false}}) {
        auto command = second_step(aino, "koko", sign_in(aino, "odottava", true));
        command.totp_step = step;
        if (good)
            run(the_operator, command);
        else
            EXPECT_EQ(refused(the_operator, command), wrong) << step;
    }
}

TEST_F(SignInTest, RecoveryCodeIsUsedOnce) {
    give_second_factor(aino);
    auto command = second_step(aino, "koko", sign_in(aino, "odottava", true));
    command.recovery = "r3";
    EXPECT_EQ(refused(the_operator, command), wrong);
    command.recovery = "r1";
    run(the_operator, command);
    EXPECT_THAT(secret_of(aino).recovery(), testing::ElementsAre("r2"));
    command = second_step(aino, "toinen", sign_in(aino, "odottava2", true));
    command.recovery = "r1";
    EXPECT_EQ(refused(the_operator, command), wrong);
}

TEST_F(SignInTest, SecondStepNeedsASignInThatWaits) {
    give_second_factor(aino);
    const auto second = [&](const std::string& waiting) {
        auto command = second_step(aino, "koko", waiting);
        command.totp_step = 101;
        return command;
    };
    EXPECT_EQ(refused(the_operator, second(hash_of_name("outo"))), gone);
    const auto whole = sign_in(aino, "ennestään");
    EXPECT_EQ(refused(the_operator, second(whole)), gone) << "does not wait";
    EXPECT_EQ(refused(the_operator, second(sign_in(biret, "toisen", true))), gone);
    const auto waiting = sign_in(aino, "odottava", true);
    now += limits.pending_ms - 1;
    EXPECT_TRUE(decided(the_operator, second(waiting)).has_value());
    now += 1;
    EXPECT_EQ(refused(the_operator, second(waiting)), gone) << "at the exact millisecond";
    const auto ended = sign_in(aino, "päätetty", true);
    run(admin, EndSessions{aino});
    EXPECT_EQ(refused(the_operator, second(ended)), gone);
}

TEST_F(SignInTest, SignInWithoutASecondFactorThatIsNeededSinceIsRefused) {
    const auto command = of(aino, "uusi");
    ASSERT_TRUE(decided(the_operator, command).has_value());
    give_second_factor(aino);
    EXPECT_EQ(refused(the_operator, command), wrong);
    EXPECT_EQ(refused(the_operator, of(admin, "uusi")), wrong) << "who needs one has to set it up first";
    auto waiting = of(admin, "odottava");
    waiting.pending = true;
    EXPECT_TRUE(decided(the_operator, waiting).has_value());
}

// --- no more than the limit

TEST_F(SignInTest, OneMoreThanTheLimitEndsTheLeastRecentlyUsed) {
    const auto first = sign_in(aino, "1"), second = sign_in(aino, "2");
    now += minute;
    EXPECT_FALSE(run(the_operator, of(aino, "3")).takes_away) << "at the limit";
    now += minute;
    run(the_operator, TouchSessions{{first}});
    EXPECT_TRUE(run(the_operator, of(aino, "4")).takes_away) << "over it";
    EXPECT_TRUE(opens(first));
    EXPECT_FALSE(is_kept(second));
    EXPECT_TRUE(opens(hash_of_name("3")));
    EXPECT_TRUE(opens(hash_of_name("4")));
}

TEST_F(SignInTest, LimitThatWasLoweredEndsAllAboveIt) {
    for (const auto* name : {"1", "2", "3"}) {
        now += minute;
        sign_in(aino, name);
    }
    limits.sessions = 1;
    run(the_operator, of(aino, "4"));
    EXPECT_TRUE(opens(hash_of_name("4")));
    for (const auto* name : {"1", "2", "3"}) EXPECT_FALSE(is_kept(hash_of_name(name))) << name;
}

TEST_F(SignInTest, ThoseOfOtherMembersDoNotCount) {
    for (const auto* name : {"1", "2", "3"}) sign_in(biret, name);
    EXPECT_FALSE(run(the_operator, of(aino, "4")).takes_away);
}

TEST_F(SignInTest, TokenOfTheOperatorsFilesIsNeverInTheWay) {
    reg.write({{"token:f1", directory::encode_token(aino, 1)}, {"token:f2", directory::encode_token(aino, 1)}});
    for (const auto* name : {"1", "2", "3"}) EXPECT_FALSE(run(the_operator, of(aino, name)).takes_away);
    run(the_operator, of(aino, "4"));
    EXPECT_TRUE(opens("f1"));
    EXPECT_TRUE(opens("f2"));
}

TEST_F(SignInTest, SignInThatIsReplacedMakesRoom) {
    give_second_factor(aino);
    const auto first = sign_in(aino, "1"), second = sign_in(aino, "2");
    auto command = second_step(aino, "koko", sign_in(aino, "odottava", true));
    command.totp_step = 101;
    EXPECT_FALSE(run(the_operator, command).takes_away);
    EXPECT_TRUE(opens(first));
    EXPECT_TRUE(opens(second));
}

TEST_F(SignInTest, WhatIsOverGoesBeforeWhatStillOpens) {
    const auto kept = sign_in(aino, "1");
    now += minute;
    const auto second = sign_in(aino, "2"), third = sign_in(aino, "3");
    run(aino, RevokeSessions{{}, true}, kept);
    now += minute;
    sign_in(aino, "4");
    sign_in(aino, "5");
    EXPECT_TRUE(opens(kept)) << "used before those that have ended";
    EXPECT_FALSE(is_kept(second));
    EXPECT_FALSE(is_kept(third));
}

TEST_F(SignInTest, PasswordAloneEndsNoMoreThanOneWholeSignIn) {
    for (const auto* name : {"1", "2", "3"}) {
        sign_in(aino, name);
        now += minute;
    }
    for (const auto* name : {"a", "b", "c", "d"}) {
        sign_in(aino, name, true);
        now += minute;
    }
    EXPECT_FALSE(is_kept(hash_of_name("1")));
    EXPECT_TRUE(opens(hash_of_name("2")));
    EXPECT_TRUE(opens(hash_of_name("3")));
    EXPECT_TRUE(is_kept(hash_of_name("d")));
    EXPECT_FALSE(is_kept(hash_of_name("c")));
}

}  // namespace
}  // namespace foorumi::membership::test
