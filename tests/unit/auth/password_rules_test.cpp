#include "auth/password_rules.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "auth/password_hash.hpp"
#include "auth/predictable.hpp"

namespace foorumi::auth {
namespace {

constexpr PasswordOwner aino{"aino.k", "aino.korhonen@kunta.example", "Aino Inkeri Korhonen"};

std::string refused(std::string_view password, const PasswordOwner& owner = aino) {
    static const PasswordRules rules{PasswordOptions()};
    const auto checked = rules.check(password, owner);
    if (checked) return "";
    EXPECT_EQ(checked.error().code, forum::ErrorCode::invalid);
    EXPECT_EQ(checked.error().field, "password");
    return checked.error().reason;
}

TEST(PasswordRulesTest, PhraseOfOnesOwnIsTaken) {
    for (const auto* good :
         {"vesirotta lukee lehteä", "Mummon 3 punaista saapasta", "tratten sjunger i skogen", "kQ7#vTz!p0Lw9xBn",
          "gravel teapot ocean nine", "中文密码也可以用作这里的口令很好", "Sata lumista kuusta, kolme kettua"}) {
        EXPECT_EQ(refused(good), "") << good;
    }
}

TEST(PasswordRulesTest, LengthComesFirst) {
    EXPECT_EQ(refused("vesirotta luke"), "password_too_short");
    EXPECT_EQ(refused("vesirotta lukee"), "");
    EXPECT_EQ(refused("vesirotta luk\xe4\xe4"), "password_not_text");
    EXPECT_EQ(refused(std::string(129, 'a')), "password_too_long");
    EXPECT_EQ(refused(std::string(128, 'a')), "password_common");
}

TEST(PasswordRulesTest, CommonPhraseIsRefusedHoweverItIsWritten) {
    for (const auto* common :
         {"correcthorsebatterystaple", "Correct Horse Battery Staple", "correct-horse-battery-staple1!",
          "C0rr3ct H0r53 B4tt3ry 5t4pl3", "Tämä on salasana", "TÄMÄ ON SALASANANI", "mitt lösenord är 12345",
          "P@ssw0rd P@ssw0rd!", "password2024!!!", "Kunnanvaltuusto2025", "foorumi salasana", "maytheforcebewithyou"}) {
        EXPECT_EQ(refused(common), "password_common") << common;
    }
}

TEST(PasswordRulesTest, RunsAreRefused) {
    for (const auto* run : {"qwertyuiopasdfgh", "1qaz2wsx3edc4rfv", "abcdefghijklmnopq", "9876543210987654",
                            "zxcvbnmasdfghjkl", "poiuytrewqlkjhgfdsa", "aaaabbbbccccdddde", "!@#$%^&*()!@#$%^",
                            "abc123def456ghi789", "qwertyuiopåasdf", "Asdfghjklöä12345"}) {
        EXPECT_EQ(refused(run), "password_common") << run;
    }
}

TEST(PasswordRulesTest, RepetitionIsRefused) {
    for (const auto* again : {"kissakissakissa", "Kesä2024Kesä2024", "x7Qx7Qx7Qx7Qx7Qx7Q", "laiva laiva laiva laiva",
                              "mjölk1mjölk2mjölk3", "abababababababab", "vesirotta1vesirotta1"}) {
        EXPECT_EQ(refused(again), "password_common") << again;
    }
}

TEST(PasswordRulesTest, FourDifferentCharactersAreTooFewAndFiveAreNot) {
    EXPECT_EQ(refused("kalakkalaalkkaal"), "password_common");
    EXPECT_EQ(refused("kaloskklaoslkaso"), "");
    EXPECT_EQ(refused("--- --- ... ___ ---"), "password_common");
}

TEST(PasswordRulesTest, OwnersNamesMayNotBeHalfOfIt) {
    EXPECT_EQ(refused("Aino Inkeri Korhonen"), "password_common");
    EXPECT_EQ(refused("aino.korhonen@kunta.example"), "password_common");
    EXPECT_EQ(refused("korhonenainovuh8"), "password_common");
    EXPECT_EQ(refused("4ino-K0rh0n3n-vz8"), "password_common");
    EXPECT_EQ(refused("aino lukee lehteä jokilaivalla"), "");
    EXPECT_EQ(refused("korhonenainovuh8", {}), "");
}

TEST(PasswordRulesTest, ShareOfHalfIsTooMuchAndLessIsNot) {
    const PasswordRules rules(PasswordOptions(), "# a comment\nbananas!\r\n");
    EXPECT_FALSE(rules.check("bananas!uvkemwzg", {}));
    EXPECT_TRUE(rules.check("bananas!uvkemwzgh", {}));
    EXPECT_TRUE(rules.check("#acommentuvkem wz", {}));
}

TEST(PasswordRulesTest, OrdinarySentencesAreTaken) {
    std::ifstream file(FOORUMI_SOURCE_DIR "/tests/data/finnish-sentences.txt");
    std::size_t taken = 0;
    std::size_t tried = 0;
    for (std::string line; std::getline(file, line);) {
        const auto characters = character_count(line);
        if (!characters || *characters < 15 || *characters > 128) continue;
        ++tried;
        taken += refused(line, {}).empty() ? 1 : 0;
    }
    EXPECT_GT(tried, 500U);
    EXPECT_GE(taken * 1000, tried * 995);
}

TEST(CommonPasswords, HaveNoLineTwiceAndNoneThatCoversByChance) {
    std::set<std::u32string> seen;
    std::string_view rest = common_passwords();
    while (!rest.empty()) {
        const auto end = rest.find('\n');
        const auto line = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (line.empty() || line.starts_with('#')) continue;
        const auto word = folded(line);
        EXPECT_GE(word.size(), 5U) << line;
        EXPECT_TRUE(character_count(line)) << line;
        EXPECT_TRUE(seen.insert(word).second) << line;
    }
    EXPECT_GT(seen.size(), 300U);
}

std::vector<std::string> most_common() {
    std::vector<std::string> all;
    std::string_view rest = most_common_passwords();
    while (!rest.empty()) {
        const auto end = rest.find('\n');
        const auto line = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (!line.empty() && !line.starts_with('#')) all.emplace_back(line);
    }
    return all;
}

// What docs/security.md says of ASVS 6.2.4.
TEST(MostCommonPasswords, HardlyAnyAreLongEnoughAndThoseAreRefused) {
    const auto all = most_common();
    EXPECT_EQ(all.size(), 5'029U);
    EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), all.size());
    const auto is_long = [](const std::string& password) { return password.size() >= 15; };
    EXPECT_EQ(std::count_if(all.begin(), all.begin() + 3'000, is_long), 2);
    EXPECT_EQ(std::count_if(all.begin(), all.end(), is_long), 31);
    for (const auto& password : all) {
        if (is_long(password)) {
            EXPECT_EQ(refused(password, {}), "password_common") << password;
        }
    }
}

RC_GTEST_PROP(MostCommonPasswords, OneOrTwoOfThemWithDigitsAndSignsAreRefused, ()) {
    static const auto all = most_common();
    const auto word = rc::gen::elementOf(all);
    const auto around = rc::gen::container<std::string>(rc::gen::elementOf(std::string("0123456789!?*+/ -_.")));
    auto password = *around + *word + *around;
    if (*rc::gen::element(true, false)) password += *word;
    password += *around;
    RC_PRE(password.size() >= 15 && password.size() <= 128);
    RC_ASSERT(refused(password, {}) == "password_common");
}

TEST(MostCommonPasswords, ThreeOfThemAreAPhrase) {
    EXPECT_EQ(refused("purple monkey", {}), "password_too_short");
    EXPECT_EQ(refused("purple thunder!", {}), "password_common");
    EXPECT_EQ(refused("Purpl3 7hund3r 2024", {}), "password_common");
    EXPECT_EQ(refused("purple thunder guitar", {}), "");
    EXPECT_EQ(refused("purple thunderous", {}), "");
}

RC_GTEST_PROP(PasswordRulesTest, AnyPhraseSaidTwiceIsRefused, ()) {
    const auto half = *rc::gen::container<std::string>(*rc::gen::inRange(8, 40), rc::gen::inRange('!', '~'));
    const auto reason = refused(half + half, {});
    RC_ASSERT(reason == "password_common");
}

RC_GTEST_PROP(PasswordRulesTest, AnyBytesGetAnAnswer, ()) {
    const auto bytes = *rc::gen::container<std::string>(*rc::gen::inRange(0, 600), rc::gen::arbitrary<char>());
    const auto reason = refused(bytes, {});
    RC_ASSERT(reason.empty() || reason.starts_with("password_"));
}

}  // namespace
}  // namespace foorumi::auth
