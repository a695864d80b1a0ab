#include "auth/recovery_codes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace foorumi::auth {
namespace {

constexpr std::string_view paper_code = "k3v9-m2xq-7trd-80wz-c5hn-e4pj";

TEST(RecoveryCodes, AreManyDifferentAndEasyToType) {
    for (const std::uint32_t count : {1U, 10U, 20U}) {
        const auto codes = make_recovery_codes(count);
        EXPECT_EQ(codes.size(), count);
        EXPECT_EQ(std::set<std::string>(codes.begin(), codes.end()).size(), count);
        for (const auto& each : codes) {
            EXPECT_THAT(each, testing::MatchesRegex("[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){5}"));
        }
    }
}

TEST(RecoveryCodes, EverySymbolComes) {
    std::set<char> seen;
    for (const auto& each : make_recovery_codes(200)) seen.insert(each.begin(), each.end());
    EXPECT_EQ(seen.size(), 33U) << "32 symbols and the dash";
}

TEST(RecoveryCodes, AreTakenHoweverTheyAreTyped) {
    const auto hash = recovery_code_hash(7, paper_code);
    ASSERT_TRUE(hash);
    EXPECT_EQ(hash->size(), 64U);
    for (const std::string_view typed : {"K3V9M2XQ7TRD80WZC5HNE4PJ", " k3v9 m2xq 7trd 80wz c5hn e4pj\r\n",
                                         "k3v9-m2xq-7trd-8Owz-c5hn-e4pj", "k-3-v-9m2xq7trd8owzc5hne4pj"}) {
        EXPECT_EQ(recovery_code_hash(7, typed), hash) << typed;
    }
    EXPECT_EQ(recovery_code_hash(7, "ilo1-iL0O-7trd-80wz-c5hn-e4pj"),
              recovery_code_hash(7, "1101-1100-7trd-80wz-c5hn-e4pj"));
}

TEST(RecoveryCodes, OfAnotherMemberHaveAnotherHash) {
    EXPECT_NE(recovery_code_hash(7, paper_code), recovery_code_hash(8, paper_code));
    EXPECT_NE(recovery_code_hash(7, paper_code), recovery_code_hash(7, "k3v9-m2xq-7trd-80wz-c5hn-e4pk"));
}

TEST(RecoveryCodes, WhatCannotBeOneHasNoHash) {
    for (const std::string_view typed :
         {"", "k3v9-m2xq-7trd-80w", "k3v9-m2xq-7trd-80wz1", "u3v9-m2xq-7trd-80wz-c5hn-e4pj", "k3v9-m2xq-7trd-80wä",
          "k3v9_m2xq_7trd_80wz"}) {
        EXPECT_EQ(recovery_code_hash(7, typed), std::nullopt) << typed;
    }
    EXPECT_TRUE(recovery_code_hash(7, std::string(256 - paper_code.size(), ' ') + std::string(paper_code)));
    EXPECT_FALSE(recovery_code_hash(7, std::string(257 - paper_code.size(), ' ') + std::string(paper_code)));
}

RC_GTEST_PROP(RecoveryCodes, HashDependsOnTheSymbolsOnly, ()) {
    const auto made = make_recovery_codes(1).front();
    std::string typed;
    for (const char c : made) {
        if (*rc::gen::arbitrary<bool>()) typed.push_back(*rc::gen::element(' ', '-'));
        if (c != '-') typed.push_back(*rc::gen::arbitrary<bool>() ? static_cast<char>(std::toupper(c)) : c);
    }
    RC_ASSERT(recovery_code_hash(1, typed) == recovery_code_hash(1, made));
}

}  // namespace
}  // namespace foorumi::auth
