#include "net/http_answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace foorumi::test {
namespace {

using boost::beast::http::field;
using boost::beast::http::status;

std::string field_of(const net::HttpResponse& response, std::string_view name) {
    return std::string(std::string_view(response[name]));
}

TEST(HttpAnswer, ErrorIsJsonWithItsWordsEscaped) {
    EXPECT_EQ(net::error_answer(status::forbidden, "forbidden", "origin_not_allowed").body(),
              R"({"error":{"code":"forbidden","reason":"origin_not_allowed"}})");
    EXPECT_EQ(net::error_answer(status::forbidden, "a\"b\\", "c\nd").body(),
              R"({"error":{"code":"a\"b\\","reason":"c\u000ad"}})");
}

TEST(HttpAnswer, OfAServiceIsPassedOnWithCookieAndDelay) {
    const std::string token(43, 'x');
    const auto response = net::service_answer({429, R"({"a":1})", net::SetCookie{token, 60}, 7}, true);
    EXPECT_EQ(response.result_int(), 429U);
    EXPECT_EQ(response.body(), R"({"a":1})");
    EXPECT_EQ(field_of(response, "Retry-After"), "7");
    EXPECT_EQ(field_of(response, "Content-Type"), "application/json");
    EXPECT_EQ(field_of(response, "Cache-Control"), "no-store");
    EXPECT_THAT(field_of(response, "Set-Cookie"), testing::StartsWith("__Host-foorumi=" + token + "; Max-Age=60; "));
}

TEST(HttpAnswer, CookieIsNotWrittenWhereAnybodyCouldReadIt) {
    const auto response = net::service_answer({200, "{}", net::SetCookie{std::string(43, 'x'), 60}, 0}, false);
    EXPECT_EQ(response.count(field::set_cookie), 0U);
    EXPECT_EQ(response.count(field::retry_after), 0U);
    EXPECT_EQ(response.result_int(), 200U);
}

TEST(HttpAnswer, ServiceThatBreaksItsBoundsIsAFiveHundred) {
    for (const bool secure : {true, false}) {
        EXPECT_EQ(net::service_answer({199, "{}", {}, 0}, secure).result_int(), 500U);
        EXPECT_EQ(net::service_answer({200, "{}", {}, 0}, secure).result_int(), 200U);
        EXPECT_EQ(net::service_answer({599, "{}", {}, 0}, secure).result_int(), 599U);
        EXPECT_EQ(net::service_answer({600, "{}", {}, 0}, secure).result_int(), 500U);
        const auto bad = net::service_answer({200, "{}", net::SetCookie{"a\r\nX: y", 60}, 0}, secure);
        EXPECT_EQ(bad.result_int(), 500U);
        EXPECT_EQ(bad.count(field::set_cookie), 0U);
        EXPECT_EQ(bad.body(), R"({"error":{"code":"internal","reason":"internal"}})");
    }
}

TEST(HttpAnswer, BrowsersAreToldToKeepToTls) {
    net::HttpResponse plain, secure;
    net::add_security_fields(plain, false);
    net::add_security_fields(secure, true);
    EXPECT_EQ(plain.count(field::strict_transport_security), 0U);
    EXPECT_EQ(field_of(secure, "Strict-Transport-Security"), "max-age=31536000");
    for (const auto* response : {&plain, &secure}) {
        EXPECT_EQ(field_of(*response, "X-Content-Type-Options"), "nosniff");
        EXPECT_EQ(field_of(*response, "Content-Security-Policy"), "default-src 'none'; frame-ancestors 'none'");
        EXPECT_EQ(field_of(*response, "Referrer-Policy"), "no-referrer");
        EXPECT_EQ(field_of(*response, "Cross-Origin-Resource-Policy"), "same-origin");
    }
}

}  // namespace
}  // namespace foorumi::test
