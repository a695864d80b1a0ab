#include "auth/known_addresses.hpp"

#include <gtest/gtest.h>

namespace foorumi::auth {
namespace {

TEST(KnownAddressesTest, AreKnownForTheirLifetimeAfterTheLastSignIn) {
    KnownAddresses known(8, 8, 100);
    known.add(1, 10, 1'000);
    EXPECT_NE(known.find(1, 10, 1'099), nullptr);
    EXPECT_EQ(known.find(1, 10, 1'100), nullptr);
    EXPECT_EQ(known.find(1, 11, 1'000), nullptr);
    EXPECT_EQ(known.find(2, 10, 1'000), nullptr);
    known.add(1, 10, 1'050);
    EXPECT_NE(known.find(1, 10, 1'149), nullptr);
}

TEST(KnownAddressesTest, OldestAddressOfAnAccountLeavesFirst) {
    for (const std::uint64_t addresses : {2U, 3U, 4U}) {
        KnownAddresses known(8, 3, 100);
        for (std::uint64_t address = 1; address <= addresses; ++address) known.add(1, address, 1'000);
        EXPECT_EQ(known.find(1, 1, 1'000) != nullptr, addresses <= 3);
        EXPECT_NE(known.find(1, addresses, 1'000), nullptr);
    }
}

TEST(KnownAddressesTest, AccountThatSignedInLastLeavesLast) {
    KnownAddresses known(2, 8, 100);
    known.add(1, 10, 1'000);
    known.add(2, 10, 1'001);
    EXPECT_EQ(known.size(), 2U);
    known.add(1, 11, 1'002);
    known.add(3, 10, 1'003);
    EXPECT_EQ(known.size(), 2U);
    EXPECT_NE(known.find(1, 10, 1'003), nullptr);
    EXPECT_EQ(known.find(2, 10, 1'003), nullptr);
    EXPECT_NE(known.find(3, 10, 1'003), nullptr);
}

TEST(KnownAddressesTest, ManyAddressesOfOneAccountPushOutNoOther) {
    KnownAddresses known(2, 3, 100);
    known.add(1, 10, 1'000);
    for (std::uint64_t address = 1; address < 1'000; ++address) known.add(2, address, 1'001);
    EXPECT_NE(known.find(1, 10, 1'001), nullptr);
}

TEST(KnownAddressesTest, SignInTakesOffWhatWasUsedUp) {
    constexpr Pace pace{1, 10, 50, 100};
    KnownAddresses known(2, 3, 100);
    known.add(1, 10, 1'000);
    known.find(1, 10, 1'000)->charge(pace, 1'000);
    EXPECT_EQ(known.find(1, 10, 1'000)->wait_ns(1'000), 10);
    known.add(1, 10, 1'001);
    EXPECT_EQ(known.find(1, 10, 1'001)->wait_ns(1'001), 0);
}

TEST(KnownAddressesTest, NoneAreKeptWhereNoneMayBe) {
    KnownAddresses known(2, 0, 100);
    known.add(1, 10, 1'000);
    EXPECT_EQ(known.find(1, 10, 1'000), nullptr);
    EXPECT_EQ(known.size(), 0U);
}

}  // namespace
}  // namespace foorumi::auth
