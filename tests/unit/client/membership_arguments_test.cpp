#include <gtest/gtest.h>

#include "client/arguments.hpp"

namespace foorumi::client {
namespace {

using MembershipWords = std::vector<std::string>;

Parsed parse_membership(const MembershipWords& words) {
    const Catalogue english("en");
    return parse_arguments(words, english);
}

TEST(MembershipArguments, StandingMayBeGivenInSeveralParts) {
    const auto parsed = parse_membership({"admin", "roles", "--role", "councillor@2025", "--role", "expert",
                                          "--moderates", "a", "--moderates", "b", "--position",
                                          "committee_member:Tekninen@9", "--contact-for", "837", "aino", "--json"});
    ASSERT_TRUE(parsed.arguments) << parsed.err;
    const auto& admin = parsed.arguments->admin;
    EXPECT_EQ(admin.member, "aino") << "a list does not swallow what stands behind it";
    EXPECT_EQ(admin.standing.roles, (MembershipWords{"councillor@2025", "expert"}));
    EXPECT_EQ(admin.standing.moderates, (MembershipWords{"a", "b"}));
    EXPECT_EQ(admin.standing.positions, MembershipWords{"committee_member:Tekninen@9"});
    EXPECT_EQ(admin.standing.contact_for, "837");
    EXPECT_TRUE(parsed.arguments->json) << "options of the program may stand anywhere";
}

TEST(MembershipArguments, WhatDoesNotFitIsWrongUsageAndNamesTheCommand) {
    const std::vector<std::pair<MembershipWords, std::string>> table{
        {{"admin"}, "The command is missing"},
        {{"admin", "frob"}, "Unknown command: frob"},
        {{"admin", "roles", "aino", "--role", "keisari"}, "--role: \"keisari\" does not fit"},
        {{"admin", "roles", "aino", "--role", "expert@"}, "--role: \"expert@\" does not fit"},
        {{"admin", "roles", "aino", "--position", "keisari"}, "--position: \"keisari\" does not fit"},
        {{"admin", "roles", "aino", "--none", "--role", "expert"}, "--none does not go with the other options"},
        {{"admin", "audience", "--read", "expert"}, "Give either --forum or --room"},
        {{"admin", "audience", "--forum", "f", "--room", "r", "--none"}, "--forum and --room do not go together"},
        {{"admin", "audience", "--forum", "f"}, "Say who may read, or give --none"},
        {{"admin", "audience", "--forum", "f", "--none", "--read", "expert"}, "Say who may read, or give --none"},
        {{"admin", "audience", "--forum", "f", "--size", "3"}, "--size: \"3\" does not fit"},
        {{"admin", "invite", "--name", "A B", "--handle", "a.b"}, "Missing: --email"},
        {{"admin", "terms", "add", "2025", "2025-06-01"}, "Missing: LAST"},
        {{"sessions", "revoke"}, "Name the sign-ins to end, or give --others"},
        {{"sessions", "revoke", "ab", "--others"}, "--others and ID do not go together"},
        {{"password", "salasana"}, "Too much: salasana"},
        {{"me"}, "The command is missing"},
        {{"me", "erase", "aino"}, "Too much: aino"},
        {{"me", "keep", "--yes"}, "Too much: --yes"},
        {{"admin", "erase"}, "Missing: MEMBER"},
        {{"admin", "erase", "aino", "--content", "burn"}, "--content: \"burn\" does not fit; it can be keep, remove"},
        {{"admin", "keep"}, "Missing: MEMBER"},
        {{"admin", "keep", "aino", "--content", "keep"}, "Too much: --content"},
    };
    for (const auto& [words, what] : table) {
        const auto parsed = parse_membership(words);
        EXPECT_FALSE(parsed.arguments) << what;
        EXPECT_EQ(parsed.status, Exit::usage) << what;
        EXPECT_TRUE(parsed.err.find(what) != std::string::npos) << what << " in " << parsed.err;
    }
    EXPECT_NE(parse_membership({"admin", "withdraw"}).err.find("foorumi admin withdraw --help"), std::string::npos);
}

TEST(MembershipArguments, ErasureIsAskedForAndCalledOff) {
    const auto own = parse_membership({"me", "erase", "--password-file", "-", "--yes", "--json"});
    ASSERT_TRUE(own.arguments) << own.err;
    EXPECT_EQ(own.arguments->verb, Verb::me_erase);
    EXPECT_EQ(own.arguments->account.password_file, "-");
    EXPECT_TRUE(own.arguments->account.yes);
    EXPECT_FALSE(parse_membership({"me", "erase"}).arguments->account.yes);
    EXPECT_EQ(parse_membership({"me", "keep"}).arguments->verb, Verb::me_keep);
    const auto of_another = parse_membership({"admin", "erase", "--content", "remove", "aino"});
    ASSERT_TRUE(of_another.arguments) << of_another.err;
    EXPECT_EQ(of_another.arguments->verb, Verb::admin_erase);
    EXPECT_EQ(of_another.arguments->admin.member, "aino");
    EXPECT_EQ(of_another.arguments->admin.content, "remove");
    EXPECT_EQ(parse_membership({"admin", "erase", "7"}).arguments->admin.content, "");
    EXPECT_EQ(parse_membership({"admin", "keep", "@7"}).arguments->verb, Verb::admin_keep);
}

TEST(MembershipArguments, AParentsVerbCountsOnlyWithoutOneBelowIt) {
    EXPECT_TRUE(is_admin_verb(Verb::admin_members));
    EXPECT_TRUE(is_admin_verb(Verb::admin_audience));
    EXPECT_TRUE(is_admin_verb(Verb::admin_keep));
    EXPECT_FALSE(is_admin_verb(Verb::totp_remove));
    EXPECT_FALSE(is_admin_verb(Verb::me_keep));
    const auto help = parse_membership({"admin", "terms", "--help"});
    EXPECT_FALSE(help.arguments);
    EXPECT_EQ(help.status, Exit::done);
    EXPECT_NE(help.out.find("add"), std::string::npos);
}

}  // namespace
}  // namespace foorumi::client
