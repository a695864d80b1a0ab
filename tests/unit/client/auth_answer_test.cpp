#include "client/auth_answer.hpp"

#include <gtest/gtest.h>

#include "client/auth_body.hpp"
#include "client/second_factor.hpp"

namespace foorumi::client {
namespace {

using foorumi::v1::Error;

const std::string some_token(43, 'a');

TEST(AuthAnswer, ASignInIsRead) {
    const auto answer = read_auth_answer(
        200, R"({"expires_ms":1800000000000,"second_factor":"setup","token":")" + some_token + R"(","new":[1]})", true);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->token, some_token);
    EXPECT_EQ(answer->second_factor, "setup");
    EXPECT_EQ(answer->expires_ms, 1800000000000);
    EXPECT_EQ(answer->secret, "");
}

TEST(AuthAnswer, EveryFieldIsRead) {
    const auto answer = read_auth_answer(
        200,
        R"({"name":"Ä","handle":"a","resets":true,"secret":"S","uri":"U","sealed":"E","recovery":["1",2,"3"],)"
        R"("erase_at_ms":1800000000001})",
        true);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->name, "Ä");
    EXPECT_EQ(answer->handle, "a");
    EXPECT_TRUE(answer->resets);
    EXPECT_EQ(answer->secret + answer->uri + answer->sealed, "SUE");
    EXPECT_EQ(answer->recovery, (std::vector<std::string>{"1", "3"}));
    EXPECT_EQ(answer->erase_at_ms, 1800000000001);
}

TEST(AuthAnswer, ARefusalIsTheProtocolsError) {
    const auto answer = read_auth_answer(
        429, R"({"error":{"code":"limited","reason":"r","field":"f","text":"t","retry_after_ms":1500}})", true);
    ASSERT_TRUE(answer.has_error());
    ASSERT_TRUE(answer.error().refusal);
    const Error refusal = *answer.error().refusal;
    EXPECT_EQ(refusal.code(), Error::CODE_LIMITED);
    EXPECT_EQ(refusal.reason() + refusal.field() + refusal.text(), "rft");
    EXPECT_EQ(refusal.retry_after_ms(), 1500U);
}

TEST(AuthAnswer, ARefusalMayLackAnythingAndHaveACodeOfALaterRelease) {
    for (const char* body : {R"({"error":{}})", R"({"error":{"code":"later","retry_after_ms":-1}})",
                             R"({"error":{"code":7,"retry_after_ms":"x","text":null}})"}) {
        const auto answer = read_auth_answer(200, body, true);
        ASSERT_TRUE(answer.has_error()) << body;
        ASSERT_TRUE(answer.error().refusal) << body;
        EXPECT_EQ(answer.error().refusal->code(), Error::CODE_UNSPECIFIED);
        EXPECT_EQ(answer.error().refusal->retry_after_ms(), 0U);
    }
    const auto longest = read_auth_answer(429, R"({"error":{"retry_after_ms":99999999999}})", true);
    EXPECT_EQ(longest.error().refusal->retry_after_ms(), UINT32_MAX);
}

TEST(AuthAnswer, WhatIsNoAnswerOfThisServerIsNoAnswer) {
    const std::string deep = std::string(20, '[') + std::string(20, ']');
    for (const std::string& body :
         {std::string(), std::string("nothing is served here\n"), std::string("[]"), std::string("{"),
          R"({"a":)" + deep + '}', std::string(R"({"token":"a\r\nb"})"), R"({"token":")" + some_token + "a\"}"}) {
        const auto answer = read_auth_answer(200, body, true);
        ASSERT_TRUE(answer.has_error()) << body;
        EXPECT_FALSE(answer.error().refusal) << body;
        EXPECT_TRUE(answer.error().sent);
        EXPECT_EQ(answer.error().why.detail, "HTTP 200");
    }
    EXPECT_TRUE(read_auth_answer(502, "{}", true).has_error()) << "a proxy's";
    EXPECT_EQ(read_auth_answer(400, "<h1>HTTPS only</h1>", false).error().why.fault, Fault::tls_only);
}

TEST(AuthBody, IsOneObjectOfTexts) {
    AuthBody body;
    EXPECT_EQ(body.json(), "{}");
    body.add("name", "Ä \"\\").add("password", std::string_view("\n\x1f\0x", 4));
    EXPECT_EQ(body.json(), R"({"name":"Ä \"\\","password":"\u000a\u001f\u0000x"})");
}

TEST(SecondFactor, CodesAreToldFromRecoveryCodes) {
    for (const char* code : {"123456", "123 456", " 1234 5678 "}) EXPECT_TRUE(is_totp_code(code)) << code;
    for (const char* code : {"", "12345", "123456789", "12345a", "k3v9-m2xq-7trd-80wz", "1234-5678"})
        EXPECT_FALSE(is_totp_code(code)) << code;
}

TEST(SecondFactor, ASecretIsShownInFours) {
    EXPECT_EQ(in_fours("ABCDEFGHI"), "ABCD EFGH I");
    EXPECT_EQ(in_fours("ABCD"), "ABCD");
    EXPECT_EQ(in_fours(""), "");
    EXPECT_EQ(trimmed(" \ta b\r\n"), "a b");
    EXPECT_EQ(trimmed(" "), "");
}

TEST(AuthAnswer, ARefusalTellsOfTheSanction) {
    const auto answer = read_auth_answer(
        403,
        R"({"error":{"code":"forbidden","reason":"member_suspended","sanction":{"number":4,"kind":"suspend",)"
        R"("until_ms":1700000120000,"reason":"r","appeal":"a"}}})",
        true);
    ASSERT_TRUE(answer.has_error());
    ASSERT_TRUE(answer.error().sanction);
    EXPECT_EQ(answer.error().sanction->number(), 4U);
    EXPECT_EQ(answer.error().sanction->kind(), foorumi::v1::SANCTION_KIND_SUSPEND);
    EXPECT_EQ(answer.error().sanction->until_ms(), 1'700'000'120'000);
    EXPECT_EQ(answer.error().sanction->reason() + answer.error().sanction->appeal(), "ra");
    for (const char* none : {"", R"(,"sanction":1)"}) {
        const auto plain =
            read_auth_answer(403, R"({"error":{"code":"forbidden","reason":"r")" + std::string(none) + "}}", true);
        EXPECT_FALSE(plain.error().sanction);
    }
}

}  // namespace
}  // namespace foorumi::client
