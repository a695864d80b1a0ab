#include "auth/throttle.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>

namespace foorumi::auth {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr const char* home = "192.0.2.7";
constexpr const char* office = "2001:db8:1:1::5";

std::string attacker(int number) {
    return "2001:db8:" + std::to_string(1'000 + number / 1'000) + ":" + std::to_string(number % 1'000) + "::1";
}

// Time passes by hand.
class ThrottleTest : public testing::Test {
   protected:
    // The refusal's retry_after_ms; nothing where the try was admitted. It then fails.
    std::optional<std::uint32_t> refused(std::string_view account, std::string_view address) {
        const auto admitted = throttle_->admit(account, address, now_);
        if (admitted) return std::nullopt;
        EXPECT_EQ(admitted.error().code, forum::ErrorCode::limited);
        EXPECT_EQ(admitted.error().reason, "sign_in_limited");
        EXPECT_GT(admitted.error().retry_after_ms, 0U);
        return admitted.error().retry_after_ms;
    }
    void sign_in(std::string_view account, std::string_view address) {
        const auto admitted = throttle_->admit(account, address, now_);
        ASSERT_TRUE(admitted);
        throttle_->succeeded(*admitted, now_);
    }
    // From as many addresses as it takes, as soon as they are admitted.
    void attack(std::string_view account, int tries) {
        for (int i = 0; i < tries; ++i) {
            const auto address = attacker(attackers_++);
            const auto wait = refused(account, address);
            if (!wait) continue;
            now_ += milliseconds(*wait);
            EXPECT_EQ(refused(account, address), std::nullopt);
        }
    }
    void use(const SignInOptions& options) { throttle_.emplace(options, Throttle::Seed{7}); }

    int attackers_ = 0;
    Throttle::Time now_{hours(1)};
    std::optional<Throttle> throttle_{std::in_place, SignInOptions(), Throttle::Seed{7}};
};

TEST_F(ThrottleTest, AccountIsSlowedDownWhereverTheTriesComeFrom) {
    for (int i = 0; i < 5; ++i) EXPECT_EQ(refused("aino", attacker(i)), std::nullopt) << i;
    EXPECT_EQ(refused("aino", home), 1'000U);
    EXPECT_EQ(refused("eero", home), std::nullopt);
    now_ += milliseconds(999);
    EXPECT_EQ(refused("aino", home), 1U);
    now_ += milliseconds(1);
    EXPECT_EQ(refused("aino", home), std::nullopt);
    EXPECT_EQ(refused("aino", home), 2'000U);
}

TEST_F(ThrottleTest, AddressIsSlowedDownWhateverTheAccounts) {
    for (int i = 0; i < 50; ++i) EXPECT_EQ(refused("member" + std::to_string(i), home), std::nullopt) << i;
    EXPECT_EQ(refused("another", home), 1'000U);
    EXPECT_EQ(refused("another", office), std::nullopt);
}

TEST_F(ThrottleTest, TryThatMustWaitDoesNotCount) {
    attack("aino", 5);
    for (int i = 0; i < 1'000; ++i) EXPECT_EQ(refused("aino", home), 1'000U);
    now_ += milliseconds(1'000);
    EXPECT_EQ(refused("aino", home), std::nullopt);
}

TEST_F(ThrottleTest, NobodyIsLockedOut) {
    attack("aino", 40);
    const auto wait = refused("aino", home);
    ASSERT_TRUE(wait);
    EXPECT_LE(*wait, 900'000U);
    now_ += milliseconds(*wait);
    EXPECT_EQ(refused("aino", home), std::nullopt);
}

TEST_F(ThrottleTest, SuccessTakesTheAccountsTriesOff) {
    attack("aino", 8);
    now_ += milliseconds(refused("aino", home).value());
    sign_in("aino", home);
    EXPECT_EQ(refused("aino", office), std::nullopt);
}

TEST_F(ThrottleTest, SuccessOfTheirOwnAccountTakesNothingOffAnAddress) {
    for (int i = 0; i < 49; ++i) EXPECT_EQ(refused("member" + std::to_string(i), home), std::nullopt);
    for (int i = 0; i < 20; ++i) sign_in("own" + std::to_string(i), home);
    EXPECT_EQ(refused("victim", home), std::nullopt);
    EXPECT_EQ(refused("victim", home), 1'000U);
    EXPECT_EQ(refused("own1", home), std::nullopt) << "known there";
    EXPECT_EQ(refused("victim", home), 1'000U);
}

TEST_F(ThrottleTest, ManyMaySignInFromOneAddressAtOnce) {
    for (int i = 0; i < 1'000; ++i) sign_in("member" + std::to_string(i), home);
}

TEST_F(ThrottleTest, OwnerAtAKnownAddressIsNotSlowedByAttackersElsewhere) {
    sign_in("aino", home);
    attack("aino", 20);
    EXPECT_TRUE(refused("aino", office));
    for (int i = 0; i < 5; ++i) EXPECT_EQ(refused("aino", home), std::nullopt) << i;
    EXPECT_EQ(refused("aino", home), 1'000U) << "the pair has its own limit";
    now_ += milliseconds(1'000);
    sign_in("aino", home);
    EXPECT_EQ(refused("aino", home), std::nullopt);
}

TEST_F(ThrottleTest, OwnersSuccessAtAKnownAddressHelpsNoAttacker) {
    sign_in("aino", home);
    attack("aino", 10);
    const auto wait = refused("aino", attacker(9'000));
    sign_in("aino", home);
    EXPECT_EQ(refused("aino", attacker(9'000)), wait);
}

TEST_F(ThrottleTest, AddressIsKnownForSoManyDaysOnly) {
    sign_in("aino", home);
    now_ += hours(24 * 30) - milliseconds(1);
    attack("aino", 6);  // which takes a second
    EXPECT_TRUE(refused("aino", home));
}

TEST_F(ThrottleTest, AbandonedTryDoesNotCount) {
    for (int i = 0; i < 100; ++i) {
        const auto admitted = throttle_->admit("aino", home, now_);
        ASSERT_TRUE(admitted) << i;
        throttle_->abandoned(*admitted, now_);
    }
    sign_in("aino", home);
    for (int i = 0; i < 100; ++i) {
        const auto admitted = throttle_->admit("aino", home, now_);
        ASSERT_TRUE(admitted && admitted->known) << i;
        throttle_->abandoned(*admitted, now_);
    }
}

TEST_F(ThrottleTest, FillingTheTablesResetsNoAccount) {
    SignInOptions options;
    options.accounts = 50;
    options.addresses = 50;
    options.address_tries = 10'000;
    use(options);
    attack("aino", 9);
    const auto wait = refused("aino", home).value();
    for (int i = 0; i < 2'000; ++i) static_cast<void>(refused("nobody" + std::to_string(i), attacker(i)));
    EXPECT_GE(refused("aino", home).value(), wait);
}

TEST_F(ThrottleTest, FillingTheTablesForgetsNoKnownAddress) {
    SignInOptions options;
    options.accounts = 50;
    options.addresses = 50;
    use(options);
    sign_in("aino", home);
    for (int i = 0; i < 2'000; ++i) static_cast<void>(refused("nobody" + std::to_string(i), attacker(i)));
    for (int i = 0; i < 2'000; ++i) static_cast<void>(refused("aino", attacker(i)));
    EXPECT_EQ(refused("aino", home), std::nullopt);
}

TEST_F(ThrottleTest, KeysDependOnTheSeed) {
    const auto first = Throttle(SignInOptions(), Throttle::Seed{1}).admit("aino", home, now_);
    const auto second = Throttle(SignInOptions(), Throttle::Seed{2}).admit("aino", home, now_);
    EXPECT_NE(first->account, second->account);
    EXPECT_NE(first->address, second->address);
    EXPECT_NE(first->account, first->address);
}

TEST(AddressGroup, IsTheAddressOfIPv4AndTheNetworkOfIPv6) {
    EXPECT_EQ(address_group("192.0.2.7"), std::string("\xc0\x00\x02\x07", 4));
    EXPECT_EQ(address_group("::ffff:192.0.2.7"), address_group("192.0.2.7"));
    EXPECT_NE(address_group("192.0.2.8"), address_group("192.0.2.7"));
    EXPECT_EQ(address_group("2001:db8:1:2::1"), address_group("2001:db8:1:2:ffff:ffff:ffff:ffff"));
    EXPECT_NE(address_group("2001:db8:1:2::1"), address_group("2001:db8:1:3::1"));
    EXPECT_EQ(address_group("fe80::1%eth0"), address_group("fe80::2"));
    EXPECT_EQ(address_group("unix"), "unix");
    EXPECT_EQ(address_group(""), "");
}

// Whoever attacks, however: an account whose owner is not there takes few tries in a day.
RC_GTEST_PROP(ThrottleProperty, TriesOfAnAccountInADayAreFew, ()) {
    SignInOptions options;
    options.accounts = *rc::gen::inRange<std::uint32_t>(1, 20);
    options.addresses = *rc::gen::inRange<std::uint32_t>(1, 20);
    Throttle throttle(options, {});
    Throttle::Time now{hours(1)};
    const auto end = now + hours(24);
    int admitted = 0;
    int step = 0;
    while (now < end) {
        // Others in between, to push the account out of the table.
        for (auto i = *rc::gen::inRange(0, 3); i > 0; --i) {
            static_cast<void>(throttle.admit("other" + std::to_string(step % 50), attacker(step), now));
            ++step;
        }
        const auto tried = throttle.admit("victim", attacker(++step), now);
        if (tried)
            ++admitted;
        else
            now += milliseconds(std::min(tried.error().retry_after_ms, 300'000U));
    }
    RC_ASSERT(admitted >= 1);
    RC_ASSERT(admitted <= 24 * 6 + 15);
}

}  // namespace
}  // namespace foorumi::auth
