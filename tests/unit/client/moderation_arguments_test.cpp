#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "client/arguments.hpp"
#include "client/times.hpp"

namespace foorumi::client {
namespace {

Parsed parsed(const std::vector<std::string>& words) {
    const Catalogue english("en");
    return parse_arguments(words, english);
}

TEST(ModerationArguments, OneMessageIsRemovedForAReason) {
    const auto one = parsed({"mod", "remove", "tori", "57", "--reason", "Asiatonta", "--yes"});
    ASSERT_TRUE(one.arguments) << one.err;
    EXPECT_EQ(one.arguments->verb, Verb::mod_remove);
    EXPECT_EQ(one.arguments->message, 57U);
    EXPECT_EQ(one.arguments->moderation.reason, "Asiatonta");
    EXPECT_TRUE(one.arguments->moderation.yes);
    EXPECT_FALSE(parsed({"mod", "remove", "tori", "57"}).arguments) << "without a reason";
}

TEST(ModerationArguments, OrThoseOfAMemberInARangeOfTime) {
    const std::vector<std::string> whole{"mod",        "remove", "tori",       "--member", "aino",     "--from",
                                         "2026-11-26", "--to",   "2026-11-27", "--reason", "Mainoksia"};
    const auto bulk = parsed(whole);
    ASSERT_TRUE(bulk.arguments) << bulk.err;
    EXPECT_EQ(bulk.arguments->moderation.from_ms, parse_time("2026-11-26"));
    for (std::size_t left_out : {3U, 5U, 7U}) {
        auto words = whole;
        words.erase(words.begin() + left_out, words.begin() + left_out + 2);
        EXPECT_FALSE(parsed(words).arguments) << whole[left_out];
    }
    auto both = whole;
    both.insert(both.begin() + 3, "57");
    EXPECT_FALSE(parsed(both).arguments);
    EXPECT_FALSE(parsed({"mod", "remove", "tori", "--reason", "x"}).arguments);
    auto wrong = whole;
    wrong[6] = "eilen";
    EXPECT_FALSE(parsed(wrong).arguments);
}

TEST(ModerationArguments, TheOtherCommandsNameAMessage) {
    EXPECT_EQ(parsed({"mod", "restore", "tori", "57"}).arguments->verb, Verb::mod_restore);
    EXPECT_EQ(parsed({"mod", "earlier", "tori", "57"}).arguments->verb, Verb::mod_earlier);
    EXPECT_EQ(parsed({"mod", "purge", "tori", "57", "--reason", "x"}).arguments->verb, Verb::mod_purge);
    EXPECT_FALSE(parsed({"mod", "purge", "tori", "57"}).arguments);
    EXPECT_FALSE(parsed({"mod", "restore", "tori"}).arguments);
    EXPECT_FALSE(parsed({"mod"}).arguments);
    EXPECT_EQ(parsed({"seen", "tori", "57", "--act", "90"}).arguments->act, 90U);
}

TEST(Times, AreReadByTheLocalClock) {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    EXPECT_EQ(parse_time("1970-01-02"), 86'400'000);
    EXPECT_EQ(parse_time("1970-01-01 01:30"), 5'400'000);
    EXPECT_EQ(parse_time("1970-01-01T01:30"), 5'400'000);
    for (const char* wrong : {"", "1970", "1970-1-1", "1970-13-01", "1970-02-30", "1970-01-01 24:00",
                              "1970-01-01 10:60", "1970-01-01 10", "1970/01/01", "1970-01-01x01:30", "+970-01-01"})
        EXPECT_EQ(parse_time(wrong), std::nullopt) << wrong;
}

}  // namespace
}  // namespace foorumi::client
