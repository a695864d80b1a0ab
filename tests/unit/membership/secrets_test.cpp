// A member's own password and second factor.
#include "register.hpp"

namespace foorumi::membership::test {
namespace {

class SecretsTest : public MembershipTest {
   protected:
    const Refusal wrong = refusal(ErrorCode::unauthenticated, "credentials_invalid");

    static ChangePassword new_password(Id member) { return {password_of(member), "$argon2id$uusi"}; }
    // By somebody who has shown the one that there is.
    [[nodiscard]] SetSecondFactor factor(Id member, std::string totp = "sinetti") const {
        SetSecondFactor command;
        command.verified = password_of(member);
        command.shown = secret_of(member).totp();
        command.totp = std::move(totp);
        if (!command.totp.empty()) {
            command.totp_step = 100;
            command.recovery = {"r1", "r2"};
        }
        return command;
    }
};

TEST_F(SecretsTest, NewPasswordEndsAllSignInsButTheOneThatAsks) {
    const auto phone = sign_in(aino, "puhelin"), laptop = sign_in(aino, "kannettava");
    const auto other = sign_in(biret, "toisen");
    reg.fall_behind();
    const auto unknown = sign_in(aino, "tuore"), waiting = sign_in(aino, "odottava", true);
    now += minute;
    const auto decision = run(aino, new_password(aino), laptop);
    EXPECT_TRUE(decision.takes_away);
    reg.catch_up();
    EXPECT_TRUE(opens(laptop));
    EXPECT_FALSE(opens(phone));
    EXPECT_FALSE(opens(unknown));
    EXPECT_NE(reg.directory().session(waiting)->epoch, card(aino).epoch);
    EXPECT_TRUE(opens(other));
    EXPECT_EQ(secret_of(aino).password(), "$argon2id$uusi");
    EXPECT_EQ(secret_of(aino).changed_ms(), now);
}

TEST_F(SecretsTest, PasswordThatChangedSinceItWasVerifiedIsWrong) {
    const auto token = sign_in(aino, "1");
    run(aino, new_password(aino), token);
    EXPECT_EQ(refused(aino, new_password(aino), token), wrong);
    EXPECT_EQ(refused(aino, factor(aino), token), wrong);
    EXPECT_EQ(refused(nobody, new_password(nobody)), wrong);
    reg.write({{secret_key(biret), ""}});
    EXPECT_EQ(refused(biret, ChangePassword{"", "$argon2id$uusi"}), wrong) << "has none that could be verified";
}

TEST_F(SecretsTest, MemberWhoWentSetsNothing) {
    reg.fall_behind();
    reg.write({{member_key(aino), ""}});
    EXPECT_EQ(refused(aino, new_password(aino)), wrong);
    EXPECT_EQ(refused(aino, factor(aino)), wrong);
    reg.catch_up();
    EXPECT_EQ(refused(aino, factor(aino)), wrong);
}

TEST_F(SecretsTest, SecondFactorIsSet) {
    const auto token = sign_in(aino, "1"), other = sign_in(aino, "2");
    const auto expires = now + limits.session_ms;
    now += minute;
    EXPECT_TRUE(run(aino, factor(aino), token).takes_away);
    EXPECT_EQ(secret_of(aino).totp(), "sinetti");
    EXPECT_EQ(secret_of(aino).totp_step(), 100U) << "the code that confirmed it is used";
    EXPECT_THAT(secret_of(aino).recovery(), testing::ElementsAre("r1", "r2"));
    EXPECT_EQ(secret_of(aino).password(), password_of(aino));
    EXPECT_TRUE(card(aino).second_factor);
    EXPECT_TRUE(reg.directory().session(token)->second_factor);
    EXPECT_EQ(reg.directory().session(token)->expires, expires) << "a whole one does not become longer by it";
    EXPECT_TRUE(opens(token));
    EXPECT_FALSE(opens(other)) << "was not asked for it";
}

TEST_F(SecretsTest, SecondFactorIsReplacedWithItsRecoveryCodes) {
    const auto token = sign_in(aino, "1");
    run(aino, factor(aino), token);
    auto next = factor(aino, "toinen");
    next.totp_step = 7;
    next.recovery = {"r3"};
    EXPECT_TRUE(run(aino, next, token).takes_away);
    EXPECT_EQ(secret_of(aino).totp(), "toinen");
    EXPECT_EQ(secret_of(aino).totp_step(), 7U);
    EXPECT_THAT(secret_of(aino).recovery(), testing::ElementsAre("r3"));
}

TEST_F(SecretsTest, SettingItUpMakesASignInThatWaitsWhole) {
    const auto waiting = sign_in(admin, "odottava", true);
    now += minute;
    run(admin, factor(admin), waiting);
    EXPECT_TRUE(opens(waiting));
    EXPECT_TRUE(reg.directory().session(waiting)->second_factor);
    EXPECT_EQ(reg.directory().session(waiting)->expires, now + limits.session_ms);
}

TEST_F(SecretsTest, AnotherTokenTakesThePlaceOfTheOneThatWaited) {
    const auto waiting = sign_in(admin, "odottava", true);
    auto command = factor(admin);
    command.token = hash_of_name("koko");
    run(admin, command, waiting);
    EXPECT_FALSE(is_kept(waiting));
    EXPECT_TRUE(opens(command.token));
    EXPECT_TRUE(reg.directory().session(command.token)->second_factor);
    EXPECT_EQ(reg.directory().session(command.token)->expires, now + limits.session_ms);
}

TEST_F(SecretsTest, OneThatWasSetUpSinceMustBeShown) {
    const auto token = sign_in(aino, "1");
    const auto first = factor(aino), late = factor(aino, "varkaan");
    run(aino, first, token);
    const auto shown = refusal(ErrorCode::unauthenticated, "credentials_invalid", "current");
    EXPECT_EQ(refused(aino, late, token), shown);
    EXPECT_TRUE(decided(aino, factor(aino, "uusi"), token).has_value());
}

TEST_F(SecretsTest, SignInThatIsGoneSetsNothing) {
    const auto token = sign_in(aino, "1");
    reg.fall_behind();
    reg.write({{token_key(token), ""}});
    EXPECT_EQ(refused(aino, factor(aino), token), refusal(ErrorCode::unauthenticated, "token_invalid"));
    reg.catch_up();
}

TEST_F(SecretsTest, SignInThatWaitsReplacesNoSecondFactor) {
    const auto waiting = sign_in(admin, "odottava", true), late = sign_in(admin, "myöhäinen", true);
    run(admin, factor(admin), waiting);
    EXPECT_EQ(refused(admin, factor(admin, "varkaan"), late), refusal(ErrorCode::unauthenticated, "token_invalid"));
    EXPECT_TRUE(decided(admin, factor(admin, "uusi"), waiting).has_value()) << "a whole one does";
}

TEST_F(SecretsTest, SecondFactorIsTakenAway) {
    const auto token = sign_in(aino, "1");
    run(aino, factor(aino), token);
    EXPECT_TRUE(run(aino, factor(aino, ""), token).takes_away);
    EXPECT_TRUE(secret_of(aino).totp().empty());
    EXPECT_TRUE(secret_of(aino).recovery().empty());
    EXPECT_FALSE(card(aino).second_factor);
    EXPECT_FALSE(reg.directory().session(token)->second_factor);
    EXPECT_TRUE(opens(token));
}

TEST_F(SecretsTest, WhoHasPowerDoesNotTakeItAway) {
    add(16, "tuleva", "Tuleva Johtaja", "091", {.grants = {{Role::moderator, next_term}}});
    const auto required = refusal(ErrorCode::forbidden, "second_factor_required", "code");
    for (const auto who : {admin, leader, Id{16}}) {
        const auto waiting = sign_in(who, "odottava" + std::to_string(who), true);
        EXPECT_EQ(refused(who, factor(who, ""), waiting), required) << who;
        run(who, factor(who), waiting);
        EXPECT_EQ(refused(who, factor(who, ""), waiting), required) << who;
    }
}

TEST_F(SecretsTest, SecondFactorIsSetWithoutASignInToo) {
    EXPECT_TRUE(run(aino, factor(aino)).takes_away);
    EXPECT_TRUE(card(aino).second_factor);
}

}  // namespace
}  // namespace foorumi::membership::test
