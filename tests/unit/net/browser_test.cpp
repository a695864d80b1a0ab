// What browsers are told, and their way to the WebSocket.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/net/call_server.hpp"

namespace foorumi::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using namespace std::string_literals;

TEST(SecurityFields, StandOnEveryAnswer) {
    SecureServer server;
    CallServer plain;
    for (const std::string& request : {json_post(std::string(from_page)), "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"s,
                                       "GET / HTTP/1.1\r\nHost: x\r\n\r\n"s, "GET /none HTTP/1.1\r\nHost: x\r\n\r\n"s,
                                       "no HTTP\r\n\r\n"s, RawClient::upgrade_request()}) {
        const auto head = ask_over_tls(server, request).head;
        EXPECT_THAT(head, AllOf(HasSubstr("X-Content-Type-Options: nosniff\r\n"),
                                HasSubstr("Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"),
                                HasSubstr("Referrer-Policy: no-referrer\r\n"),
                                HasSubstr("Cross-Origin-Resource-Policy: same-origin\r\n"),
                                HasSubstr("Strict-Transport-Security: max-age=31536000\r\n")));
        EXPECT_THAT(ask(plain, request).head, AllOf(HasSubstr("X-Content-Type-Options: nosniff\r\n"),
                                                    Not(HasSubstr("Strict-Transport-Security"))));
    }
}

std::string upgrade(std::string_view fields) {
    return RawClient::upgrade_request("Sec-WebSocket-Protocol: foorumi.v1\r\n" + std::string(fields));
}

std::string token_taken(TestServer& server) {
    net::Connection& connection = server.opened();
    return server.run([&] { return connection.take_cookie_token(); });
}

TEST(BrowserWebSocket, CookieOfAnAllowedOriginIsToldOnce) {
    SecureServer server;
    TlsClient client(server.port());
    ASSERT_EQ(client.http(upgrade(std::string(from_page) + cookie)).status, 101);
    net::Connection& connection = server.opened();
    EXPECT_EQ(server.run([&] { return connection.take_cookie_token(); }), session_token);
    EXPECT_EQ(server.run([&] { return connection.take_cookie_token(); }), "");
}

TEST(BrowserWebSocket, CookieWithoutAnOriginIsPassedOver) {
    SecureServer server;
    TlsClient client(server.port());
    ASSERT_EQ(client.http(upgrade(cookie + cookie)).status, 101);
    EXPECT_EQ(token_taken(server), "");
}

TEST(BrowserWebSocket, CookieWithoutTlsIsPassedOver) {
    CallServer server;
    RawClient client(server.port());
    ASSERT_EQ(client.http(upgrade(std::string(from_page) + cookie)).status, 101);
    EXPECT_EQ(token_taken(server), "");
}

TEST(BrowserWebSocket, OriginThatIsNotAllowedIsRefusedWithAndWithoutCookie) {
    SecureServer server;
    for (const char* origin :
         {"https://evil.example", "null", "", "https://foorumi.fi:443", "https://foorumi.fi.evil.example"}) {
        for (const std::string& with : {std::string(), cookie}) {
            const auto answer = ask_over_tls(server, upgrade("Origin: " + std::string(origin) + "\r\n" + with));
            EXPECT_EQ(answer.status, 403) << origin;
            EXPECT_EQ(answer.body, R"({"error":{"code":"forbidden","reason":"origin_not_allowed"}})");
        }
    }
    EXPECT_EQ(ask_over_tls(server, upgrade(std::string(from_page) + std::string(from_page))).status, 403);
}

TEST(BrowserWebSocket, CookieTwiceIsRefused) {
    SecureServer server;
    EXPECT_EQ(ask_over_tls(server, upgrade(std::string(from_page) + cookie + cookie)).status, 400);
}

TEST(BrowserWebSocket, BodyOfAHandshakeIsRefused) {
    CallServer server;
    const auto answer = ask(server, upgrade("Content-Length: 2\r\n"));
    EXPECT_EQ(answer.status, 400);
    EXPECT_THAT(answer.body, HasSubstr("before the WebSocket handshake"));
}

}  // namespace
}  // namespace foorumi::test
