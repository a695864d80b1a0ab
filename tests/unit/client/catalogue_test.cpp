#include "client/catalogue.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <set>

namespace foorumi::client {
namespace {

std::set<std::string> places(const std::string& text) {
    static const std::regex place("\\{[a-z_]+\\}");
    return {std::sregex_token_iterator(text.begin(), text.end(), place), std::sregex_token_iterator()};
}

TEST(Catalogue, AllLanguagesHaveTheSameKeysAndPlaces) {
    const Catalogue finnish("fi");
    ASSERT_GT(finnish.keys().size(), 100U);
    for (const char* language : {"sv", "en"}) {
        const Catalogue other(language);
        EXPECT_EQ(other.keys(), finnish.keys()) << language;
        for (const auto& key : finnish.keys()) {
            EXPECT_EQ(places(other.text(key)), places(finnish.text(key))) << language << ' ' << key;
            EXPECT_FALSE(other.text(key).empty()) << language << ' ' << key;
        }
    }
}

TEST(Catalogue, ValuesAreFilledInAsTheyAre) {
    const Catalogue english("en");
    EXPECT_EQ(english.text("member.unknown", {{"id", "7"}}), "member #7");
    EXPECT_EQ(english.text("chat.left", {{"name", "{name} {id}"}}), "{name} {id} has left")
        << "values are not looked into";
    EXPECT_EQ(english.text("chat.left"), "{name} has left");
    EXPECT_EQ(english.text("no.such.key"), "no.such.key");
}

TEST(Catalogue, OneAndManyHaveTheirOwnForms) {
    EXPECT_EQ(Catalogue("fi").counted("thread.messages", 1), "1 viesti");
    EXPECT_EQ(Catalogue("fi").counted("thread.messages", 2), "2 viestiä");
    EXPECT_EQ(Catalogue("sv").counted("thread.unread", 1), "1 oläst");
    EXPECT_EQ(Catalogue("sv").counted("thread.unread", 0), "0 olästa");
    EXPECT_EQ(Catalogue("en").counted("thread.messages", 1), "1 message");
}

TEST(Catalogue, TheLanguageIsThatOfTheEnvironmentOrFinnish) {
    EXPECT_EQ(language_of("", "", ""), "fi");
    EXPECT_EQ(language_of("", "", "en_GB.UTF-8"), "en");
    EXPECT_EQ(language_of("", "sv_FI@euro", "en_GB.UTF-8"), "sv");
    EXPECT_EQ(language_of("fi_FI", "sv_FI", "en_GB.UTF-8"), "fi");
    EXPECT_EQ(language_of("", "", "C.UTF-8"), "fi");
    EXPECT_EQ(language_of("", "", "sven"), "fi");
}

}  // namespace
}  // namespace foorumi::client
