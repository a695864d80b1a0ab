#include "entrance/account_name.hpp"

#include <gtest/gtest.h>

namespace foorumi::entrance {
namespace {

using membership::NameKind;

void expect_account(std::string_view typed, NameKind kind, std::string_view text) {
    const auto account = account_name(typed);
    EXPECT_EQ(account.kind, kind) << typed;
    EXPECT_EQ(account.text, text) << typed;
}

TEST(AccountName, HandleIsTheSameHoweverItIsTyped) {
    for (const auto* typed : {"aino.metsala", "@aino.metsala", "Aino.Metsala", "  @AINO.METSALA\t", "aino.metsala\r\n"})
        expect_account(typed, NameKind::handle, "aino.metsala");
}

TEST(AccountName, AddressIsTheSameHoweverItIsTyped) {
    for (const auto* typed : {"aino@example.fi", " Aino@Example.FI ", "@aino@example.fi"})
        expect_account(typed, NameKind::email, "aino@example.fi");
}

TEST(AccountName, WhatIsNoNameIsOneThatNobodyHas) {
    for (const auto* typed : {"", " ", "\t\r\n", "@", " @ "}) expect_account(typed, NameKind::handle, "");
    expect_account("@@", NameKind::email, "@");
    expect_account("aino metsala", NameKind::handle, "aino metsala");
    expect_account(std::string_view("a\0b", 3), NameKind::handle, std::string_view("a\0b", 3));
}

TEST(AccountName, LettersOutsideAsciiStayAsTheyAre) {
    expect_account("Ä", NameKind::handle, "Ä");
    expect_account("\xff", NameKind::handle, "\xff");
}

TEST(AccountName, ItIsWhatAnInvitationClaims) {
    EXPECT_EQ(account_name("KAISA@example.fi").text, account_name("kaisa@EXAMPLE.fi").text);
    EXPECT_NE(account_name("kaisa@example.fi").text, account_name("kaisa@example.se").text);
}

}  // namespace
}  // namespace foorumi::entrance
