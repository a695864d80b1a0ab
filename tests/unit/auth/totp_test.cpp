#include "auth/totp.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <string>

namespace foorumi::auth {
namespace {

constexpr std::string_view rfc_seed = "12345678901234567890";

// RFC 4226, section 5.3, written down once more with OpenSSL's HMAC.
std::string reference_code(std::string_view seed, std::uint64_t step) {
    std::array<unsigned char, 8> counter{};
    for (int i = 7; i >= 0; --i, step >>= 8) counter[i] = static_cast<unsigned char>(step);
    std::array<unsigned char, 20> mac{};
    unsigned size = 0;
    HMAC(EVP_sha1(), seed.data(), static_cast<int>(seed.size()), counter.data(), counter.size(), mac.data(), &size);
    const std::size_t at = mac[19] & 15U;
    const std::uint32_t number = ((mac[at] & 0x7fU) << 24) | (static_cast<std::uint32_t>(mac[at + 1]) << 16) |
                                 (static_cast<std::uint32_t>(mac[at + 2]) << 8) | mac[at + 3];
    auto code = std::to_string(number % 1'000'000);
    return std::string(6 - code.size(), '0') + code;
}

std::optional<std::uint64_t> verify_at(std::uint64_t step, std::string_view code, std::uint32_t window = 0,
                                       std::optional<std::uint64_t> used = {}) {
    return verified_step(rfc_seed, code, static_cast<std::int64_t>(step) * 30'000, window, used);
}

struct Vector {
    std::int64_t seconds;
    std::string_view code;
};

// RFC 6238, appendix B, SHA-1: the last six of its eight digits.
constexpr std::array<Vector, 6> vectors{{{59, "287082"},
                                         {1'111'111'109, "081804"},
                                         {1'111'111'111, "050471"},
                                         {1'234'567'890, "005924"},
                                         {2'000'000'000, "279037"},
                                         {20'000'000'000, "353130"}}};

TEST(Totp, AgreesWithTheVectorsOfTheRfc) {
    for (const auto& [seconds, code] : vectors) {
        const auto step = static_cast<std::uint64_t>(seconds / 30);
        EXPECT_EQ(totp_step(seconds * 1'000 + 999), step);
        EXPECT_EQ(verified_step(rfc_seed, code, seconds * 1'000, 0, {}), step);
        EXPECT_EQ(reference_code(rfc_seed, step), code);
    }
}

RC_GTEST_PROP(Totp, AgreesWithAnotherImplementation, ()) {
    const auto seed = *rc::gen::container<std::string>(totp_seed_bytes, rc::gen::arbitrary<char>());
    const auto step = *rc::gen::inRange<std::uint64_t>(0, 1ULL << 40);
    const auto now = static_cast<std::int64_t>(step) * 30'000 + *rc::gen::inRange(0, 30'000);
    RC_ASSERT(verified_step(seed, reference_code(seed, step), now, 0, {}) == step);
    // Of all other codes none is taken, but for what is the same by chance.
    const auto guess = reference_code(seed, step + *rc::gen::inRange<std::uint64_t>(1, 1'000));
    RC_ASSERT(verified_step(seed, guess, now, 0, {}).has_value() == (guess == reference_code(seed, step)));
}

TEST(Totp, CodeIsTakenWithinTheWindowAndNotBeyond) {
    constexpr std::uint64_t step = 41'152'263;
    const auto code = reference_code(rfc_seed, step);
    for (const std::uint32_t window : {0U, 1U, 2U}) {
        for (std::uint64_t distance = 0; distance <= 3; ++distance) {
            const auto expected = distance <= window ? std::optional(step) : std::nullopt;
            EXPECT_EQ(verify_at(step - distance, code, window), expected) << window << ' ' << distance;
            EXPECT_EQ(verify_at(step + distance, code, window), expected) << window << ' ' << distance;
        }
    }
}

TEST(Totp, WindowEndsAtTheBeginningOfTime) {
    EXPECT_EQ(verify_at(0, reference_code(rfc_seed, 0), 1), 0U);
    EXPECT_EQ(verify_at(0, reference_code(rfc_seed, 1), 1), 1U);
}

TEST(Totp, CodeIsGoodOnce) {
    constexpr std::uint64_t step = 41'152'263;
    const auto code = reference_code(rfc_seed, step);
    EXPECT_EQ(verify_at(step, code, 1, step - 1), step);
    EXPECT_EQ(verify_at(step, code, 1, step), std::nullopt);
    EXPECT_EQ(verify_at(step + 1, code, 1, step), std::nullopt);
    EXPECT_EQ(verify_at(step, code, 1, step + 1), std::nullopt) << "nor one of an earlier step";
    EXPECT_EQ(verify_at(step, reference_code(rfc_seed, step + 1), 1, step), step + 1);
}

TEST(Totp, WhatIsNoCodeIsNotTaken) {
    for (const std::string_view code :
         {"", "28708", "2870820", "0287082", "28708２", "287082\n", "-87082", "287 083"}) {
        EXPECT_EQ(verify_at(1, code), std::nullopt) << code;
    }
    EXPECT_EQ(verify_at(1, "287 082"), 1U);
    EXPECT_EQ(verify_at(1, std::string(18, ' ') + "287082"), 1U);
    EXPECT_EQ(verify_at(1, std::string(19, ' ') + "287082"), std::nullopt);
}

TEST(Totp, SeedsAreOf160BitsAndDiffer) {
    const auto seed = make_totp_seed();
    EXPECT_EQ(seed.size(), 20U);
    EXPECT_NE(seed, make_totp_seed());
    EXPECT_EQ(base32(seed).size(), 32U);
}

TEST(Totp, Base32AgreesWithTheVectorsOfItsRfc) {
    EXPECT_EQ(base32(""), "");
    EXPECT_EQ(base32("f"), "MY");
    EXPECT_EQ(base32("fo"), "MZXQ");
    EXPECT_EQ(base32("foo"), "MZXW6");
    EXPECT_EQ(base32("foob"), "MZXW6YQ");
    EXPECT_EQ(base32("fooba"), "MZXW6YTB");
    EXPECT_EQ(base32("foobar"), "MZXW6YTBOI");
    EXPECT_EQ(base32("\xff\xff\xff\xff\xff"), "77777777");
}

TEST(Totp, UriNamesIssuerAccountAndSeed) {
    EXPECT_EQ(otpauth_uri("Foorumi: Ähtäri & co", "aino@kunta.example", rfc_seed),
              "otpauth://totp/Foorumi%20%C3%84ht%C3%A4ri%20%26%20co:aino%40kunta.example"
              "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Foorumi%20%C3%84ht%C3%A4ri%20%26%20co"
              "&algorithm=SHA1&digits=6&period=30");
}

}  // namespace
}  // namespace foorumi::auth
