#include "client/arguments.hpp"

#include <gtest/gtest.h>

namespace foorumi::client {
namespace {

using Words = std::vector<std::string>;

Parsed parse(const Words& words) {
    const Catalogue english("en");
    return parse_arguments(words, english);
}

Arguments good(const Words& words) {
    Parsed parsed = parse(words);
    EXPECT_TRUE(parsed.arguments) << parsed.err;
    return parsed.arguments.value_or(Arguments{});
}

TEST(Arguments, EveryCommandIsKnownByItsName) {
    const std::vector<std::pair<Words, Verb>> table{
        {{"whoami"}, Verb::whoami},
        {{"forums"}, Verb::forums},
        {{"rooms"}, Verb::rooms},
        {{"threads", "1"}, Verb::threads},
        {{"history", "1", "2"}, Verb::history},
        {{"start", "1", "Otsikko"}, Verb::start},
        {{"post", "1", "2"}, Verb::post},
        {{"edit", "1", "2", "x"}, Verb::edit},
        {{"delete", "1", "2"}, Verb::remove},
        {{"react", "1", "2", "👍"}, Verb::react},
        {{"unreact", "1", "2", "👍"}, Verb::unreact},
        {{"read", "1", "2"}, Verb::read},
        {{"inbox"}, Verb::inbox},
        {{"follow", "1"}, Verb::follow},
        {{"chat", "1"}, Verb::chat},
        {{"draft", "1", "0"}, Verb::draft},
        {{"watch", "1", "2", "mute"}, Verb::watch},
        {{"seen", "1", "2"}, Verb::seen},
        {{"members", "aino"}, Verb::members},
        {{"typing", "1", "2"}, Verb::typing},
        {{"login"}, Verb::login},
        {{"login", "aino"}, Verb::login},
        {{"logout"}, Verb::logout},
        {{"accept"}, Verb::accept},
        {{"sessions"}, Verb::sessions},
        {{"sessions", "revoke", "ab", "cd"}, Verb::sessions_revoke},
        {{"sessions", "revoke", "--others"}, Verb::sessions_revoke},
        {{"password"}, Verb::password},
        {{"totp"}, Verb::totp},
        {{"totp", "remove"}, Verb::totp_remove},
        {{"me", "export"}, Verb::me_export},
        {{"me", "erase"}, Verb::me_erase},
        {{"me", "keep"}, Verb::me_keep},
        {{"audit", "list"}, Verb::audit_list},
        {{"audit", "verify"}, Verb::audit_verify},
        {{"audit", "verify", "--heads", "kept"}, Verb::audit_verify},
        {{"audit", "heads"}, Verb::audit_heads},
        {{"mod", "lock", "1", "2", "Riittää"}, Verb::mod_lock},
        {{"mod", "unlock", "1", "2"}, Verb::mod_unlock},
        {{"mod", "pin", "1", "2"}, Verb::mod_pin},
        {{"mod", "unpin", "1", "2"}, Verb::mod_unpin},
        {{"mod", "state", "1", "2", "solved"}, Verb::mod_state},
        {{"mod", "restrict", "1", "2"}, Verb::mod_restrict},
        {{"mod", "tag", "1", "2"}, Verb::mod_tag},
        {{"mod", "rename", "1", "2", "Otsikko"}, Verb::mod_rename},
        {{"mod", "remove", "1", "2", "--reason", "x"}, Verb::mod_remove},
        {{"mod", "restore", "1", "2"}, Verb::mod_restore},
        {{"mod", "purge", "1", "2", "--reason", "x"}, Verb::mod_purge},
        {{"mod", "earlier", "1", "2"}, Verb::mod_earlier},
        {{"mod", "warn", "aino", "--forum", "1", "--reason", "x"}, Verb::mod_warn},
        {{"mod", "mute", "aino", "--everywhere", "--reason", "x"}, Verb::mod_mute},
        {{"mod", "suspend", "aino", "--forum", "1", "--until", "2030-01-01", "--reason", "x"}, Verb::mod_suspend},
        {{"mod", "ban", "aino", "--forum", "1", "--reason", "x"}, Verb::mod_ban},
        {{"mod", "lift", "aino", "1"}, Verb::mod_lift},
        {{"mod", "sanctions", "aino"}, Verb::mod_sanctions},
        {{"me", "sanctions"}, Verb::me_sanctions},
        {{"mod", "filter", "set", "word", "osta*", "hold", "--forum", "1"}, Verb::mod_filter_set},
        {{"mod", "filter", "lift", "4", "--everywhere"}, Verb::mod_filter_lift},
        {{"mod", "filter", "list", "--forum", "1"}, Verb::mod_filter_list},
        {{"mod", "held", "list", "1"}, Verb::mod_held_list},
        {{"mod", "held", "approve", "1", "7"}, Verb::mod_held_approve},
        {{"mod", "held", "reject", "1", "7", "--reason", "x"}, Verb::mod_held_reject},
        {{"me", "held", "1"}, Verb::me_held},
        {{"admin", "members"}, Verb::admin_members},
        {{"admin", "roles", "aino"}, Verb::admin_roles},
        {{"admin", "end-sessions", "7"}, Verb::admin_end_sessions},
        {{"admin", "reset", "7"}, Verb::admin_reset},
        {{"admin", "erase", "7"}, Verb::admin_erase},
        {{"admin", "keep", "7"}, Verb::admin_keep},
        {{"admin", "invite", "--name", "A B", "--handle", "a.b", "--email", "a@b.fi"}, Verb::admin_invite},
        {{"admin", "import", "x.csv"}, Verb::admin_import},
        {{"admin", "invitations"}, Verb::admin_invitations},
        {{"admin", "withdraw", "ab"}, Verb::admin_withdraw},
        {{"admin", "terms"}, Verb::admin_terms},
        {{"admin", "terms", "add", "2025", "2025-06-01", "2029-05-31"}, Verb::admin_terms_add},
        {{"admin", "terms", "set", "9", "2025", "2025-06-01", "2029-05-31"}, Verb::admin_terms_set},
        {{"admin", "municipalities"}, Verb::admin_municipalities},
        {{"admin", "audience", "--forum", "f", "--read", "expert"}, Verb::admin_audience},
    };
    for (const auto& [words, verb] : table) EXPECT_EQ(good(words).verb, verb) << words.front();
}

TEST(Arguments, ValuesGoWhereTheyBelong) {
    const auto post = good({"--server", "ws://a:1", "--json", "post", "huone", "12", "Hei", "--reply-to", "57",
                            "--change-id", "000102030405060708090a0b0c0d0eFF"});
    EXPECT_EQ(post.server, "ws://a:1");
    EXPECT_TRUE(post.json);
    EXPECT_EQ(post.rooms, Words{"huone"});
    EXPECT_EQ(post.thread, 12U);
    EXPECT_EQ(post.text, "Hei");
    EXPECT_EQ(post.reply_to, 57U);
    EXPECT_EQ(post.change_id, std::string("\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\377", 16));
    const auto follow = good({"follow", "a", "b", "--since", "18446744073709551615", "--count", "3"});
    EXPECT_EQ(follow.rooms, (Words{"a", "b"}));
    EXPECT_EQ(follow.since, UINT64_MAX);
    EXPECT_EQ(follow.count, 3U);
    EXPECT_EQ(good({"follow", "a", "--since", "0"}).since, 0U);
    EXPECT_EQ(good({"history", "a", "1", "--after", "5", "--limit", "9"}).limit, 9U);
    EXPECT_DOUBLE_EQ(good({"whoami", "--timeout", "2.5"}).timeout_s.value_or(0), 2.5);
    EXPECT_EQ(good({"members", "aino", "pekka"}).handles, (Words{"aino", "pekka"}));
}

TEST(Arguments, OptionsOfTheProgramMayStandBehindTheCommand) {
    EXPECT_TRUE(good({"rooms", "strategia", "--json"}).json);
    EXPECT_EQ(good({"whoami", "--token-file", "f"}).token_file, "f");
    EXPECT_EQ(good({"whoami", "--ca-file", "ca.pem"}).ca_file, "ca.pem");
    EXPECT_EQ(good({"whoami"}).ca_file, "") << "the system's store";
}

TEST(Arguments, ATextMayBeLeftOutEmptyADashOrBeginWithADash) {
    EXPECT_EQ(good({"post", "1", "2"}).text, std::nullopt);
    EXPECT_EQ(good({"post", "1", "2", ""}).text, "");
    EXPECT_TRUE(good({"post", "1", "2", "-"}).line_by_line());
    EXPECT_TRUE(good({"start", "1", "Otsikko", "-"}).line_by_line());
    EXPECT_FALSE(good({"edit", "1", "2", "-"}).line_by_line());
    EXPECT_EQ(good({"post", "1", "2", "--", "-5 astetta"}).text, "-5 astetta");
}

TEST(Arguments, WrongUsageIsToldAndHasItsStatus) {
    const std::vector<Words> wrong{{},
                                   {"nonsense"},
                                   {"threads"},
                                   {"history", "1", "x"},
                                   {"history", "1", "0"},
                                   {"history", "1", "-3"},
                                   {"history", "1", "18446744073709551616"},
                                   {"history", "1", "2", "--limit", "0x10"},
                                   {"history", "1", "2", "--before", "3", "--after", "4"},
                                   {"post", "1", "2", "text", "more"},
                                   {"post", "1", "2", "x", "--change-id", "12"},
                                   {"post", "1", "2", "x", "--change-id", "zz0102030405060708090a0b0c0d0e0f"},
                                   {"post", "1", "2", "-", "--change-id", "000102030405060708090a0b0c0d0e0f"},
                                   {"watch", "1", "2", "loudly"},
                                   {"--timeout", "0", "whoami"},
                                   {"--token", "a", "--token-file", "b", "whoami"},
                                   {"--lang", "de", "whoami"},
                                   {"whoami", "forums"}};
    for (const auto& words : wrong) {
        const Parsed parsed = parse(words);
        EXPECT_FALSE(parsed.arguments) << testing::PrintToString(words);
        EXPECT_EQ(parsed.status, Exit::usage) << testing::PrintToString(words);
        EXPECT_FALSE(parsed.err.empty()) << testing::PrintToString(words);
    }
}

TEST(Arguments, WhatIsWrongIsToldInTheLanguageWithTheUsage) {
    const Catalogue finnish("fi");
    const std::vector<std::pair<Words, std::string>> table{
        {{}, "Komento puuttuu\nKäyttö: foorumi [VALITSIMET] KOMENTO\n"},
        {{"nonsense", "x"}, "Tuntematon komento: nonsense\n"},
        {{"history", "1"}, "Puuttuu: THREAD\nKäyttö: foorumi history [VALITSIMET] ROOM THREAD\n"},
        {{"history", "1", "2", "--limit"}, "--limit: arvo puuttuu\n"},
        {{"history", "1", "x"}, "THREAD: \"x\" ei kelpaa luvuksi\n"},
        {{"history", "1", "2", "--before", "3", "--after", "4"}, "--after ja --before eivät sovi yhteen\n"},
        {{"post", "1", "2", "teksti", "toinen"},
         "Ylimääräistä: toinen\nKäyttö: foorumi post [VALITSIMET] ROOM THREAD [TEXT]\n"},
        {{"whoami", "--valitsin"}, "Ylimääräistä: --valitsin\n"},
        {{"whoami", "--ca-file"}, "--ca-file: arvo puuttuu\n"},
        {{"watch", "1", "2", "kovaa"}, "LEVEL: \"kovaa\" ei kelpaa; mahdolliset ovat follow, mute, normal\n"},
        {{"--timeout", "nolla", "whoami"}, "--timeout: \"nolla\" ei kelpaa sekunneiksi\n"},
        {{"--lang", "de", "whoami"}, "--lang: \"de\" ei kelpaa; mahdolliset ovat fi, sv, en\n"},
    };
    for (const auto& [words, told] : table) {
        const Parsed parsed = parse_arguments(words, finnish);
        EXPECT_EQ(parsed.status, Exit::usage);
        EXPECT_EQ(parsed.err.substr(0, told.size()), told) << testing::PrintToString(words) << parsed.err;
    }
}

TEST(Arguments, HelpIsInOneLanguage) {
    for (const char* language : {"fi", "sv"}) {
        const Catalogue texts(language);
        for (const Words& words : {Words{"--help"}, Words{"post", "--help"}, Words{"history", "--help"},
                                   Words{"watch", "--help"}, Words{"members", "--help"}}) {
            const std::string out = parse_arguments(words, texts).out;
            for (const char* english : {"Usage", "OPTIONS", "Options", "Positionals", "REQUIRED", "Subcommand",
                                        "SUBCOMMAND", "Excludes", "TEXT TEXT", "ROOM TEXT", "UINT", "FLOAT"}) {
                EXPECT_EQ(out.find(english), std::string::npos) << english << " in " << out;
            }
        }
    }
    EXPECT_NE(parse({"--help"}).out.find("ws://127.0.0.1:8080"), std::string::npos);
}

TEST(Arguments, ReadMayMarkEverythingUnread) {
    EXPECT_EQ(good({"read", "1", "2", "--to", "0"}).to, 0U);
    EXPECT_EQ(good({"read", "1", "2"}).to, std::nullopt);
}

TEST(Arguments, HelpAndVersionAreDone) {
    for (const Words& words : {Words{"--help"}, Words{"post", "--help"}, Words{"--version"}}) {
        const Parsed parsed = parse(words);
        EXPECT_FALSE(parsed.arguments);
        EXPECT_EQ(parsed.status, Exit::done);
        EXPECT_FALSE(parsed.out.empty());
    }
    EXPECT_NE(parse({"--help"}).out.find("4 outcome unknown"), std::string::npos);
}

TEST(Arguments, TheLanguageIsFoundBeforeTheRest) {
    EXPECT_EQ(language_option({"--lang", "sv", "whoami"}), "sv");
    EXPECT_EQ(language_option({"whoami", "--lang=en"}), "en");
    EXPECT_EQ(language_option({"--lang", "de"}), std::nullopt);
    EXPECT_EQ(language_option({"post", "1", "2", "--", "--lang", "sv"}), std::nullopt);
    EXPECT_EQ(language_option({"--lang"}), std::nullopt);
}

}  // namespace
}  // namespace foorumi::client
