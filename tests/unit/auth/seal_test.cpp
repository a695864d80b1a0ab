#include "auth/seal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace foorumi::auth {
namespace {

Secret key_of(char c) { return Secret(std::string(32, c)); }

constexpr SealContext for_totp{7, "totp"};
constexpr std::string_view sealed_seed = "12345678901234567890";

boost::system::error_code error_of(const Sealer& sealer, const SealContext& context, std::string_view sealed) {
    const auto opened = sealer.open(context, sealed);
    return opened ? boost::system::error_code() : opened.error();
}

TEST(Seal, OpensWhatItSealed) {
    const Sealer sealer(key_of('a'));
    const auto sealed = sealer.seal(for_totp, sealed_seed);
    EXPECT_THAT(sealed, testing::MatchesRegex("s1\\.[0-9a-f]{8}\\.[A-Za-z0-9_-]{80}"));
    const auto opened = sealer.open(for_totp, sealed);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->text.view(), sealed_seed);
    EXPECT_FALSE(opened->by_previous_key);
    EXPECT_NE(sealer.seal(for_totp, sealed_seed), sealed) << "each with its own nonce";
}

TEST(Seal, IsBoundToMemberAndPurpose) {
    const Sealer sealer(key_of('a'));
    const auto sealed = sealer.seal(for_totp, sealed_seed);
    for (const auto& other : {SealContext{8, "totp"}, SealContext{7, "mail"}, SealContext{7, ""},
                              SealContext{7, "totp "}, SealContext{0, "7 totp"}, SealContext{77, "otp"}}) {
        EXPECT_EQ(error_of(sealer, other, sealed), SealErrc::forged) << other.member << other.purpose;
    }
}

TEST(Seal, KeyIsChangedByWayOfThePreviousOne) {
    const auto sealed = Sealer(key_of('a')).seal(for_totp, sealed_seed);
    const Sealer both(key_of('b'), key_of('a'));
    const auto opened = both.open(for_totp, sealed);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->text.view(), sealed_seed);
    EXPECT_TRUE(opened->by_previous_key);
    const auto anew = both.seal(for_totp, opened->text.view());
    const Sealer later(key_of('b'));
    EXPECT_EQ(later.open(for_totp, anew)->text.view(), sealed_seed);
    EXPECT_EQ(error_of(later, for_totp, sealed), SealErrc::unknown_key);
}

TEST(Seal, OfAnotherKeyUnderThisKeysNameIsForged) {
    const Sealer sealer(key_of('a'));
    auto sealed = Sealer(key_of('b')).seal(for_totp, sealed_seed);
    sealed.replace(3, 8, sealer.seal(for_totp, sealed_seed), 3, 8);
    EXPECT_EQ(error_of(sealer, for_totp, sealed), SealErrc::forged);
}

TEST(Seal, WhatIsNoneIsMalformed) {
    const Sealer sealer(key_of('a'));
    const auto head = sealer.seal(for_totp, "").substr(0, 12);
    for (const std::string& text :
         {std::string(), std::string("s1."), std::string("s2") + head.substr(2), head, head + "AAAA",
          head + std::string(52, 'A'), head + std::string(53, '!'), sealer.seal(for_totp, sealed_seed) + "=",
          sealer.seal(for_totp, sealed_seed) + "\n"}) {
        EXPECT_EQ(error_of(sealer, for_totp, text), SealErrc::malformed) << text;
    }
    EXPECT_EQ(error_of(sealer, for_totp, head + std::string(54, 'A')), SealErrc::forged) << "nonce and tag";
    EXPECT_EQ(sealer.open(for_totp, sealer.seal(for_totp, ""))->text.view(), "");
}

TEST(Seal, ErrorsHaveWords) {
    for (const auto code : {SealErrc::malformed, SealErrc::unknown_key, SealErrc::forged}) {
        const boost::system::error_code error = code;
        EXPECT_STREQ(error.category().name(), "seal");
        EXPECT_THAT(error.message(), testing::Not(testing::HasSubstr("unknown error")));
    }
}

TEST(Seal, IsWrittenInOneWayOnly) {
    const Sealer sealer(key_of('a'));
    for (const char beyond_ascii : {'\x80', '\xc3', '\xef', '\xff'}) {
        for (std::size_t at = 12; at < 20; ++at) {
            auto sealed = sealer.seal(for_totp, sealed_seed);
            sealed[at] = beyond_ascii;
            EXPECT_EQ(error_of(sealer, for_totp, sealed), SealErrc::malformed) << at;
        }
    }
}

RC_GTEST_PROP(Seal, AnyTextComesBackAndNoChangeIsTaken, ()) {
    const Sealer sealer(key_of('a'), key_of('b'));
    const auto text = *rc::gen::arbitrary<std::string>();
    const auto purpose = *rc::gen::arbitrary<std::string>();
    const SealContext context{*rc::gen::arbitrary<std::uint64_t>(), purpose};
    auto sealed = sealer.seal(context, text);
    RC_ASSERT(sealer.open(context, sealed)->text.view() == text);
    const auto at = *rc::gen::inRange<std::size_t>(0, sealed.size());
    sealed[at] = static_cast<char>(sealed[at] ^ *rc::gen::inRange(1, 256));
    RC_ASSERT(error_of(sealer, context, sealed).failed());
}

}  // namespace
}  // namespace foorumi::auth
