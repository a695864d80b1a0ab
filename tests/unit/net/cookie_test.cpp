#include "net/cookie.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace foorumi::test {
namespace {

using net::cookie_token;
using net::CookieErrc;

const std::string token = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN-_0";  // NOLINT(cert-err58-cpp): a short text
const std::string own = "__Host-foorumi=" + token;                        // NOLINT(cert-err58-cpp)

std::optional<std::string> token_of(const std::string& header) {
    const std::vector<std::string_view> headers{header};
    const auto found = cookie_token(headers);
    EXPECT_TRUE(found) << header;
    return found ? *found : std::nullopt;
}

TEST(Cookie, TokenIsFoundAmongOthers) {
    EXPECT_EQ(token_of(own), token);
    EXPECT_EQ(token_of("a=b; " + own), token);
    EXPECT_EQ(token_of(own + "; a=b"), token);
    EXPECT_EQ(token_of("a;b=\"c d\";" + own + ";;=x; "), token);
}

TEST(Cookie, WhatIsNoTokenIsTakenForNone) {
    EXPECT_EQ(cookie_token({}).value(), std::nullopt);
    for (const std::string& header :
         {std::string(), std::string("a=b"), std::string("__Host-foorumi"), std::string("__Host-foorumi="),
          "__Host-foorumi=" + token.substr(1), own + "x", own + " ", own + "\"", "__Host-foorumi=\"" + token + "\"",
          "__Host-foorumi= " + token, "__Host-foorumi =" + token, "__host-foorumi=" + token, "foorumi=" + token,
          "x__Host-foorumi=" + token, "__Host-foorumi=" + token.substr(1) + "=",
          "__Host-foorumi=" + token.substr(1) + "+", "__Host-foorumi=" + token.substr(1) + '\0', "a=" + own,
          "a=b, " + own}) {
        EXPECT_EQ(token_of(header), std::nullopt) << header;
    }
}

TEST(Cookie, TheNameTwiceIsRefused) {
    for (const std::string& header : {own + "; " + own, own + ";__Host-foorumi=", "__Host-foorumi=x; a=b; " + own}) {
        const std::vector<std::string_view> headers{header};
        ASSERT_FALSE(cookie_token(headers)) << header;
        EXPECT_EQ(cookie_token(headers).error(), CookieErrc::twice);
    }
    EXPECT_EQ(token_of("a=1; a=2; " + own), token) << "those of others are not ours to judge";
}

TEST(Cookie, SeveralHeadersAreRefused) {
    const std::vector<std::string_view> headers{own, "a=b"};
    ASSERT_FALSE(cookie_token(headers));
    EXPECT_EQ(cookie_token(headers).error(), CookieErrc::several_headers);
}

RC_GTEST_PROP(Cookie, WhateverComesATokenIsWhatItIsSaidToBe, (const std::string& before, const std::string& after)) {
    const std::string header = before + *rc::gen::element(std::string(), own, own + ";", "; " + own) + after;
    const std::vector<std::string_view> headers{header};
    const auto found = cookie_token(headers);
    if (!found || !*found) return;
    RC_ASSERT(net::is_cookie_token(**found));
    RC_ASSERT(header.find("__Host-foorumi=" + **found) != std::string::npos);
}

TEST(Cookie, IsWrittenForThisHostAloneAndOutOfReachOfScripts) {
    EXPECT_EQ(net::set_cookie_header({token, 3600}).value(),
              own + "; Max-Age=3600; Path=/; Secure; HttpOnly; SameSite=Strict");
    EXPECT_EQ(net::set_cookie_header({}).value(),
              "__Host-foorumi=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Strict");
}

TEST(Cookie, ValueThatIsNoTokenIsNotWritten) {
    EXPECT_EQ(net::set_cookie_header({token + "; Domain=fi", 60}), std::nullopt);
    EXPECT_EQ(net::set_cookie_header({"a\r\nb", 60}), std::nullopt);
    EXPECT_EQ(net::set_cookie_header({"", 60}), std::nullopt);
    EXPECT_EQ(net::set_cookie_header({token, 0}), std::nullopt);
}

}  // namespace
}  // namespace foorumi::test
