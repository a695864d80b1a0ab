#include "net/cookie.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace foorumi::test {
namespace {

using net::cookie_token;
using net::CookieErrc;

const std::string good_token = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN-_0";  // NOLINT(cert-err58-cpp): a short text
const std::string own_cookie = "__Host-foorumi=" + good_token;                 // NOLINT(cert-err58-cpp)

std::optional<std::string> token_of(const std::string& header) {
    const std::vector<std::string_view> headers{header};
    const auto found = cookie_token(headers);
    EXPECT_TRUE(found) << header;
    return found ? *found : std::nullopt;
}

TEST(Cookie, TokenIsFoundAmongOthers) {
    EXPECT_EQ(token_of(own_cookie), good_token);
    EXPECT_EQ(token_of("a=b; " + own_cookie), good_token);
    EXPECT_EQ(token_of(own_cookie + "; a=b"), good_token);
    EXPECT_EQ(token_of("a;b=\"c d\";" + own_cookie + ";;=x; "), good_token);
}

TEST(Cookie, WhatIsNoTokenIsTakenForNone) {
    EXPECT_EQ(cookie_token({}).value(), std::nullopt);
    for (const std::string& header :
         {std::string(), std::string("a=b"), std::string("__Host-foorumi"), std::string("__Host-foorumi="),
          "__Host-foorumi=" + good_token.substr(1), own_cookie + "x", own_cookie + " ", own_cookie + "\"",
          "__Host-foorumi=\"" + good_token + "\"", "__Host-foorumi= " + good_token, "__Host-foorumi =" + good_token,
          "__host-foorumi=" + good_token, "foorumi=" + good_token, "x__Host-foorumi=" + good_token,
          "__Host-foorumi=" + good_token.substr(1) + "=", "__Host-foorumi=" + good_token.substr(1) + "+",
          "__Host-foorumi=" + good_token.substr(1) + '\0', "a=" + own_cookie, "a=b, " + own_cookie}) {
        EXPECT_EQ(token_of(header), std::nullopt) << header;
    }
}

TEST(Cookie, TheNameTwiceIsRefused) {
    for (const std::string& header :
         {own_cookie + "; " + own_cookie, own_cookie + ";__Host-foorumi=", "__Host-foorumi=x; a=b; " + own_cookie}) {
        const std::vector<std::string_view> headers{header};
        ASSERT_FALSE(cookie_token(headers)) << header;
        EXPECT_EQ(cookie_token(headers).error(), CookieErrc::twice);
    }
    EXPECT_EQ(token_of("a=1; a=2; " + own_cookie), good_token) << "those of others are not ours to judge";
}

TEST(Cookie, SeveralHeadersAreRefused) {
    const std::vector<std::string_view> headers{own_cookie, "a=b"};
    ASSERT_FALSE(cookie_token(headers));
    EXPECT_EQ(cookie_token(headers).error(), CookieErrc::several_headers);
}

RC_GTEST_PROP(Cookie, WhateverComesATokenIsWhatItIsSaidToBe, (const std::string& before, const std::string& after)) {
    const std::string header =
        before + *rc::gen::element(std::string(), own_cookie, own_cookie + ";", "; " + own_cookie) + after;
    const std::vector<std::string_view> headers{header};
    const auto found = cookie_token(headers);
    if (!found || !*found) return;
    RC_ASSERT(net::is_cookie_token(**found));
    RC_ASSERT(header.find("__Host-foorumi=" + **found) != std::string::npos);
}

TEST(Cookie, IsWrittenForThisHostAloneAndOutOfReachOfScripts) {
    EXPECT_EQ(net::set_cookie_header({good_token, 3600}).value(),
              own_cookie + "; Max-Age=3600; Path=/; Secure; HttpOnly; SameSite=Strict");
    EXPECT_EQ(net::set_cookie_header({}).value(),
              "__Host-foorumi=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Strict");
}

TEST(Cookie, ValueThatIsNoTokenIsNotWritten) {
    EXPECT_EQ(net::set_cookie_header({good_token + "; Domain=fi", 60}), std::nullopt);
    EXPECT_EQ(net::set_cookie_header({"a\r\nb", 60}), std::nullopt);
    EXPECT_EQ(net::set_cookie_header({"", 60}), std::nullopt);
    EXPECT_EQ(net::set_cookie_header({good_token, 0}), std::nullopt);
}

}  // namespace
}  // namespace foorumi::test
