#include "auth/password_hash.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sodium.h>

#include <array>
#include <string>

#include "auth/secret.hpp"

namespace foorumi::auth {
namespace {

using testing::StartsWith;

constexpr std::string_view fine_password = "seitsemän veljestä Jukolasta";

std::string reason_of(std::string_view password) {
    const auto checked = check_password_text(password, {});
    return checked ? "" : checked.error().reason;
}

std::string repeated(std::string_view character, std::size_t count) {
    std::string text;
    while (count-- > 0) text.append(character);
    return text;
}

TEST(PasswordHash, IsArgon2idAtTheConfiguredCost) {
    const auto hash = hash_password(fine_password, {});
    ASSERT_TRUE(hash);
    EXPECT_THAT(*hash, StartsWith("$argon2id$v=19$m=19456,t=2,p=1$"));
    EXPECT_EQ(cost_of(*hash), HashCost());
}

TEST(PasswordHash, MatchesItsOwnPasswordOnly) {
    const auto hash = hash_password(fine_password, {});
    ASSERT_TRUE(hash);
    EXPECT_TRUE(verify_password(*hash, fine_password).value());
    EXPECT_FALSE(verify_password(*hash, "seitsemän veljestä Jukolast").value());
    EXPECT_FALSE(verify_password(*hash, "Seitsemän veljestä Jukolasta").value());
    EXPECT_FALSE(verify_password(*hash, "").value());
    EXPECT_FALSE(verify_password(*hash, std::string(fine_password) + '\0').value());
}

TEST(PasswordHash, OfTheSamePasswordDiffersEachTime) {
    EXPECT_NE(*hash_password(fine_password, {}), *hash_password(fine_password, {}));
}

TEST(PasswordHash, OfAnotherCostMatchesAndIsToBeMadeAnew) {
    std::array<char, crypto_pwhash_STRBYTES> earlier{};
    ASSERT_EQ(crypto_pwhash_str_alg(earlier.data(), fine_password.data(), fine_password.size(), 1, 8 * 1024 * 1024,
                                    crypto_pwhash_ALG_ARGON2ID13),
              0);
    EXPECT_TRUE(verify_password(earlier.data(), fine_password).value());
    EXPECT_TRUE(needs_rehash(earlier.data(), {}));
    EXPECT_FALSE(needs_rehash(earlier.data(), {8 * 1024, 1}));
    EXPECT_TRUE(needs_rehash(earlier.data(), {8 * 1024, 2}));
    EXPECT_TRUE(needs_rehash(earlier.data(), {8 * 1024 + 1, 1}));
}

TEST(PasswordHash, ThatIsNoneIsAnErrorAndNoMismatch) {
    for (const std::string_view damaged :
         {"", "$argon2id$", "$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaA", "$argon2id$v=19$m=,t=2,p=1$x$y",
          "$argon2id$v=19$m=99999999999,t=2,p=1$x$y", "$argon2id$v=19$m=19456,t=2,p=2$x$y",
          "$argon2id$v=19$m=19456,t=2,p=1$x", "$argon2id$v=19$m=19456,t=2,p=1$****$****"}) {
        const auto verified = verify_password(damaged, fine_password);
        ASSERT_FALSE(verified) << damaged;
        EXPECT_EQ(verified.error().reason, "internal") << damaged;
    }
}

TEST(PasswordHash, ThatCostsMoreThanAnyConfigurationIsNotTried) {
    auto hash = *hash_password(fine_password, {});
    const auto with = [&](std::string_view cost) { return "$argon2id$v=19$" + std::string(cost) + hash.substr(30); };
    ASSERT_EQ(with("m=19456,t=2,p=1"), hash);
    EXPECT_EQ(verify_password(with("m=1048577,t=2,p=1"), fine_password).error().reason, "internal");
    EXPECT_EQ(verify_password(with("m=19456,t=17,p=1"), fine_password).error().reason, "internal");
    EXPECT_FALSE(verify_password(with("m=19456,t=16,p=1"), fine_password).value());
    EXPECT_EQ(verify_password(hash + std::string(crypto_pwhash_STRBYTES, 'A'), fine_password).error().reason,
              "internal");
}

TEST(PasswordText, IsCountedInCharacters) {
    EXPECT_EQ(character_count(""), 0U);
    EXPECT_EQ(character_count("aä€😀"), 4U);
    EXPECT_EQ(character_count("a\xff"), std::nullopt);
    for (const std::string_view character : {"a", "ä", "€", "😀"}) {
        EXPECT_EQ(reason_of(repeated(character, 14)), "password_too_short") << character;
        EXPECT_EQ(reason_of(repeated(character, 15)), "") << character;
        EXPECT_EQ(reason_of(repeated(character, 128)), "") << character;
        EXPECT_EQ(reason_of(repeated(character, 129)), "password_too_long") << character;
    }
}

TEST(PasswordText, OverItsBytesIsTooLongWhateverItIs) {
    EXPECT_EQ(reason_of(std::string(512, '\xff')), "password_not_text");
    EXPECT_EQ(reason_of(std::string(513, '\xff')), "password_too_long");
}

TEST(PasswordText, ThatIsNotAllowedIsNotHashed) {
    const auto hash = hash_password("too short", {});
    ASSERT_FALSE(hash);
    EXPECT_EQ(hash.error(), (forum::Refusal{forum::ErrorCode::invalid, "password_too_short", "password", 0}));
    EXPECT_EQ(hash_password("not UTF-8 at all \xc3\x28", {}).error().reason, "password_not_text");
}

TEST(SecretTest, TakesTheTextOverAndLeavesNothingOfIt) {
    for (const std::string_view text : {"short", "of more bytes than a std::string keeps in itself"}) {
        std::string from(text);
        const Secret secret(std::move(from));
        EXPECT_EQ(secret.view(), text);
        from.resize(from.capacity());  // NOLINT(bugprone-use-after-move): that is what is looked at
        EXPECT_EQ(from.find_first_not_of('\0'), std::string::npos);
    }
}

TEST(SecretTest, MovesWithoutACopy) {
    Secret first(std::string("password"));
    const char* bytes = first.view().data();
    Secret second(std::move(first));
    EXPECT_EQ(second.view().data(), bytes);
    Secret third(std::string("another"));
    third = std::move(second);
    EXPECT_EQ(third.view(), "password");
    EXPECT_TRUE(second.view().empty());  // NOLINT(bugprone-use-after-move)
}

}  // namespace
}  // namespace foorumi::auth
