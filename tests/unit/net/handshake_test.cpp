#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/net/raw_client.hpp"
#include "unit/net/test_server.hpp"

namespace foorumi::test {
namespace {

using testing::HasSubstr;

TEST(Handshake, IsAcceptedWithTheSubprotocol) {
    TestServer server;
    for (const char* target : {"/", "/ws", "/?from=test"}) {
        RawClient client(server.port());
        const HttpAnswer answer =
            client.http(RawClient::upgrade_request("Sec-WebSocket-Protocol: other, foorumi.v1\r\n", target));
        EXPECT_EQ(answer.status, 101);
        EXPECT_THAT(answer.head, HasSubstr("Sec-WebSocket-Protocol: foorumi.v1\r\n"));
        EXPECT_THAT(answer.head, HasSubstr("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));  // RFC 6455, 1.3
        EXPECT_THAT(answer.head, HasSubstr("Server: foorumi\r\n"));
        EXPECT_EQ(server.expect("opened").bytes, "127.0.0.1");
        client.close();
        server.expect("closed");
    }
}

TEST(Handshake, WhatTheHandlerSendsAtOnceFollowsTheAnswer) {
    TestServer server;
    RawClient client(server.port());
    client.open();
    net::Connection& connection = server.opened();
    ASSERT_TRUE(server.run([&] { return connection.send(make_item("welcome"), net::Priority::reliable); }));
    EXPECT_EQ(client.frame().payload, "welcome");
}

struct Refused {
    const char* name;
    std::string request;
    int status;
    const char* says;  // in head or body
};

std::string replaced(std::string text, std::string_view what, std::string_view by) {
    return text.replace(text.find(what), what.size(), by);
}

std::vector<Refused> refused_requests() {
    const std::string good = RawClient::upgrade_request();
    return {
        {"NoSubprotocol", RawClient::upgrade_request(""), 400, "subprotocol foorumi.v1 is required"},
        {"OtherSubprotocol", RawClient::upgrade_request("Sec-WebSocket-Protocol: foorumi.v2\r\n"), 400, "foorumi.v1"},
        {"OtherPath", RawClient::upgrade_request("Sec-WebSocket-Protocol: foorumi.v1\r\n", "/wss"), 404, "nothing"},
        {"NotAnUpgrade", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 426, "Upgrade: websocket"},
        {"OldHttp", replaced(good, "HTTP/1.1", "HTTP/1.0"), 426, "Upgrade: websocket"},
        {"OldVersion", replaced(good, "Version: 13", "Version: 8"), 426, "Sec-WebSocket-Version: 13"},
        {"Post", replaced(good, "GET", "POST"), 405, "Allow: GET"},
        {"NoHost", replaced(good, "Host: localhost\r\n", ""), 400, "Host"},
        {"ShortKey", replaced(good, "dGhlIHNhbXBsZSBub25jZQ==", "dGhl"), 400, "Sec-WebSocket-Key"},
        {"KeyNotBase64", replaced(good, "dGhlIHNhbXBsZSBub25jZQ==", "dGhl!HNhbXBsZSBub25jZQ=="), 400,
         "Sec-WebSocket-Key"},
        {"Garbage", "\x16\x03\x01 this is not HTTP\r\n\r\n", 400, "malformed HTTP"},
        {"HeadersTooLarge", RawClient::upgrade_request("X: " + std::string(8 * 1024, 'x') + "\r\n"), 431, "too large"},
        {"DataTooEarly", good + encode(binary, "too early"), 400, "before the WebSocket handshake"},
        {"HealthByPost", "POST /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 405, "Allow: GET"},
    };
}

class RefusedHandshake : public testing::TestWithParam<Refused> {};

TEST_P(RefusedHandshake, GetsAnAnswerThatSaysWhy) {
    TestServer server;
    RawClient client(server.port());
    const HttpAnswer answer = client.http(GetParam().request);
    EXPECT_EQ(answer.status, GetParam().status);
    EXPECT_THAT(answer.head + answer.body, HasSubstr(GetParam().says));
    EXPECT_THAT(answer.head, HasSubstr("Server: foorumi\r\n"));
    EXPECT_EQ(server.run([&] { return server.net().statistics().refused; }), 1U);
}

INSTANTIATE_TEST_SUITE_P(Table, RefusedHandshake, testing::ValuesIn(refused_requests()),
                         [](const auto& row) { return row.param.name; });

TEST(Handshake, HeadersJustWithinTheLimitAreAccepted) {
    TestServer server;
    const std::size_t rest =
        8 * 1024 - RawClient::upgrade_request("Sec-WebSocket-Protocol: foorumi.v1\r\nX: \r\n").size();
    RawClient client(server.port());
    const auto answer = client.http(
        RawClient::upgrade_request("Sec-WebSocket-Protocol: foorumi.v1\r\nX: " + std::string(rest, 'x') + "\r\n"));
    EXPECT_EQ(answer.status, 101);
}

TEST(Handshake, HealthCheckIsAnswered) {
    TestServer server;
    RawClient client(server.port());
    const HttpAnswer answer = client.http("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "ok");
}

TEST(Handshake, SilentSocketIsEndedAtTheTimeout) {
    net::Options options = test_options();
    options.handshake_timeout_ms = 1000;
    TestServer server(options);
    server.stop_clock();
    RawClient client(server.port());
    client.send("GET / HTT");
    while (server.run([&] { return server.net().connections(); }) == 0) std::this_thread::yield();
    server.advance(std::chrono::milliseconds(999));
    EXPECT_EQ(server.run([&] { return server.net().connections(); }), 1U);
    server.advance(std::chrono::milliseconds(1));
    client.read_to_end();
    EXPECT_EQ(server.run([&] { return server.net().statistics().handshake_timeouts; }), 1U);
    EXPECT_EQ(server.run([&] { return server.net().connections(); }), 0U);
}

TEST(Handshake, TimeoutWorksByTheWorkersOwnTimer) {
    net::Options options = test_options();
    options.handshake_timeout_ms = 30;
    TestServer server(options);
    RawClient client(server.port());
    client.read_to_end();
    EXPECT_EQ(server.run([&] { return server.net().statistics().handshake_timeouts; }), 1U);
}

}  // namespace
}  // namespace foorumi::test
