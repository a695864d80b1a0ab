// Calls over HTTP.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <utility>

#include "unit/net/call_server.hpp"

namespace foorumi::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using namespace std::string_literals;

TEST(Call, ComesToTheServiceAndItsAnswerGoesBack) {
    SecureServer server;
    server.answer = {401, R"({"no":1})", net::SetCookie{}, 3};
    const HttpAnswer answer = ask_over_tls(server, post(std::string(from_page) + cookie +
                                                            "Content-Type: Application/JSON; charset=UTF-8\r\n"
                                                            "User-Agent: tester/1\r\nAccept-Language: de, sv;q=0.5\r\n",
                                                        R"({"a":"b"})", "/auth/x/y?z=1"));
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(answer.body, R"({"no":1})");
    EXPECT_THAT(answer.head, AllOf(HasSubstr("Content-Type: application/json\r\n"), HasSubstr("Retry-After: 3\r\n"),
                                   HasSubstr("Set-Cookie: __Host-foorumi=; Max-Age=0; "),
                                   HasSubstr("Connection: close\r\n"), HasSubstr("Cache-Control: no-store\r\n")));
    ASSERT_TRUE(server.call);
    EXPECT_EQ(server.call->path, "/auth/x/y");
    EXPECT_EQ(server.call->body, R"({"a":"b"})");
    EXPECT_EQ(server.call->remote_address, "127.0.0.1");
    EXPECT_EQ(server.call->session_token, session_token);
    EXPECT_EQ(server.call->user_agent, "tester/1");
    EXPECT_EQ(server.call->language, "sv");
    EXPECT_TRUE(server.call->secure);
}

TEST(Call, OfATerminalNeedsNoOriginAndBringsNoCookie) {
    CallServer server;
    EXPECT_EQ(ask(server, json_post()).status, 200);
    ASSERT_TRUE(server.call);
    EXPECT_EQ(server.call->session_token, std::nullopt);
    EXPECT_EQ(server.call->language, "");
    EXPECT_FALSE(server.call->secure);
}

TEST(Call, CookieIsPassedOverWithoutTls) {
    CallServer server;
    EXPECT_EQ(ask(server, json_post(std::string(from_page) + cookie)).status, 200);
    EXPECT_EQ(server.call->session_token, std::nullopt);
}

TEST(Call, CookieThatIsNoTokenIsNone) {
    SecureServer server;
    EXPECT_EQ(ask_over_tls(server, json_post(std::string(from_page) + "Cookie: __Host-foorumi=short\r\n")).status, 200);
    EXPECT_EQ(server.call->session_token, std::nullopt);
}

TEST(Call, CookieTwiceIsRefused) {
    SecureServer server;
    for (const std::string& cookies :
         {cookie + cookie, cookie + "Cookie: a=b\r\n", "Cookie: __Host-foorumi=x; __Host-foorumi=y\r\n"s}) {
        const HttpAnswer answer = ask_over_tls(server, json_post(std::string(from_page) + cookies));
        EXPECT_EQ(answer.status, 400);
        EXPECT_EQ(answer.body, R"({"error":{"code":"malformed","reason":"cookie_malformed"}})");
    }
    EXPECT_FALSE(server.call);
}

struct RefusedCall {
    const char* name;
    std::string request;
    int status;
    const char* reason;
};

std::vector<RefusedCall> refused_calls() {
    const std::string page(from_page), json(json_type);
    const std::string start = "POST /auth/x HTTP/1.1\r\nHost: x\r\n";
    const std::string chunked = start + json + "Transfer-Encoding: chunked\r\n\r\n";
    return {
        {"Get", "GET /auth/x HTTP/1.1\r\nHost: x\r\n\r\n", 405, "method_not_allowed"},
        {"Preflight", "OPTIONS /auth/x HTTP/1.1\r\nHost: x\r\n" + page + "\r\n", 405, "method_not_allowed"},
        {"NoType", post(""), 415, "content_type_not_json"},
        {"FormType", post("Content-Type: application/x-www-form-urlencoded\r\n"), 415, "content_type_not_json"},
        {"PlainType", post("Content-Type: text/plain\r\n"), 415, "content_type_not_json"},
        {"LongerType", post("Content-Type: application/jsonp\r\n"), 415, "content_type_not_json"},
        {"OtherCharset", post("Content-Type: application/json; charset=latin1\r\n"), 415, "content_type_not_json"},
        {"TwoTypes", post(json + "Content-Type: text/plain\r\n"), 415, "content_type_not_json"},
        {"ForeignOrigin", json_post("Origin: https://evil.example\r\n"), 403, "origin_not_allowed"},
        {"NullOrigin", json_post("Origin: null\r\n"), 403, "origin_not_allowed"},
        {"EmptyOrigin", json_post("Origin: \r\n"), 403, "origin_not_allowed"},
        {"TwoOrigins", json_post(page + page), 403, "origin_not_allowed"},
        {"CookieWithoutOrigin", json_post(cookie), 403, "origin_not_allowed"},
        {"AnyCookieWithoutOrigin", json_post("Cookie: a=b\r\n"), 403, "origin_not_allowed"},
        {"CrossSite", json_post("Sec-Fetch-Site: cross-site\r\n"), 403, "origin_not_allowed"},
        {"SameSite", json_post("Sec-Fetch-Site: same-site\r\n"), 403, "origin_not_allowed"},
        {"TwoSites", json_post("Sec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site\r\n"), 403, "origin_not_allowed"},
        {"NoHost", start.substr(0, start.find("Host")) + json + "\r\n", 400, "http_malformed"},
        {"TwoHosts", json_post("Host: y\r\n"), 400, "http_malformed"},
        {"Expecting", json_post("Expect: 100-continue\r\n"), 417, "expectation_not_met"},
        {"OtherCoding", start + json + "Transfer-Encoding: gzip\r\n\r\n", 400, "http_malformed"},
        {"SeveralCodings", start + json + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400, "http_malformed"},
        {"BodyOverTheLimit", json_post({}, std::string(257, 'x')), 413, "body_too_large"},
        {"AnnouncedOverTheLimit", start + json + "Content-Length: 18446744073709551615\r\n\r\n", 413, "body_too_large"},
        {"ChunkOverTheLimit", chunked + "101\r\n" + std::string(257, 'x') + "\r\n0\r\n\r\n", 413, "body_too_large"},
        {"ChunksOverTheLimit", chunked + "100\r\n" + std::string(256, 'x') + "\r\n1\r\nx\r\n0\r\n\r\n", 413,
         "body_too_large"},
        {"BadChunk", chunked + "zz\r\n", 400, "http_malformed"},
    };
}

class CallRefused : public testing::TestWithParam<RefusedCall> {};

TEST_P(CallRefused, GetsAnAnswerThatSaysWhyInJson) {
    CallServer server;
    const HttpAnswer answer = ask(server, GetParam().request);
    EXPECT_EQ(answer.status, GetParam().status);
    EXPECT_THAT(answer.body, AllOf(testing::StartsWith(R"({"error":{"code":")"),
                                   HasSubstr(R"("reason":")" + std::string(GetParam().reason) + "\"")));
    EXPECT_THAT(answer.head,
                AllOf(HasSubstr("Content-Type: application/json\r\n"), HasSubstr("Cache-Control: no-store\r\n"),
                      HasSubstr("X-Content-Type-Options: nosniff\r\n")));
    EXPECT_EQ(answer.head.find("Allow: POST\r\n") != std::string::npos, answer.status == 405);
    EXPECT_FALSE(server.run([&] { return server.call.has_value(); }));
}

INSTANTIATE_TEST_SUITE_P(Table, CallRefused, testing::ValuesIn(refused_calls()),
                         [](const auto& row) { return row.param.name; });

TEST(Call, LengthAndCodingTogetherAreRefused) {
    CallServer server;
    const HttpAnswer answer = ask(server, json_post("Transfer-Encoding: chunked\r\n", "0\r\n\r\n"));
    EXPECT_EQ(answer.status, 400);
    EXPECT_FALSE(server.call);
}

TEST(Call, MayBeCalledByTheSameSiteAndByNoSite) {
    CallServer server;
    for (const char* site : {"same-origin", "none"}) {
        EXPECT_EQ(ask(server, json_post("Sec-Fetch-Site: " + std::string(site) + "\r\n")).status, 200) << site;
    }
    EXPECT_EQ(ask(server, json_post(std::string(from_page) + "Sec-Fetch-Site: same-origin\r\n")).status, 200);
}

TEST(Call, BodyJustWithinTheLimitIsTakenWhateverItsForm) {
    CallServer server;
    const std::string body(256, 'x');
    EXPECT_EQ(ask(server, json_post({}, body)).status, 200);
    EXPECT_EQ(server.call->body, body);
    std::string chunks;
    for (const char c : body) chunks += std::string("1\r\n") + c + "\r\n";
    server.call.reset();
    EXPECT_EQ(ask(server, "POST /auth/x HTTP/1.1\r\nHost: x\r\n" + std::string(json_type) +
                              "Transfer-Encoding: chunked\r\n\r\n" + chunks + "0\r\n\r\n")
                  .status,
              200);
    EXPECT_EQ(server.call->body, body);
    server.call.reset();
    EXPECT_EQ(ask(server, json_post({}, "")).status, 200);
    EXPECT_EQ(server.call->body, "");
}

TEST(Call, BodyComesInPieces) {
    SecureServer server;
    TlsClient client(server.port());
    for (const char c : json_post(std::string(from_page), R"({"a":"piece by piece"})")) client.send({&c, 1});
    EXPECT_EQ(client.read_http().status, 200);
    EXPECT_EQ(server.call->body, R"({"a":"piece by piece"})");
}

TEST(Call, BodyThatDoesNotComeIsEndedAtTheTimeout) {
    CallServer server;
    server.stop_clock();
    RawClient client(server.port());
    const std::string request = json_post();
    client.send(request.substr(0, request.size() - 1));
    server.until([&] { return server.net().connections() == 1; });
    server.advance(std::chrono::milliseconds(test_options().handshake_timeout_ms));
    client.read_to_end();
    EXPECT_EQ(server.run([&] { return server.net().statistics().handshake_timeouts; }), 1U);
    EXPECT_FALSE(server.call);
}

TEST(Call, AnswerMayComeLaterAndOnlyOnce) {
    CallServer server;
    server.at_once = false;
    RawClient client(server.port());
    client.send(json_post());
    server.until([&] { return static_cast<bool>(server.done); });
    server.run([&] {
        server.done({200, R"({"n":1})", {}, 0});
        server.done({500, R"({"n":2})", {}, 0});
    });
    const HttpAnswer answer = client.read_http();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"n":1})");
    server.run([&] { server.done({500, R"({"n":3})", {}, 0}); });
}

TEST(Call, AnswerToAConnectionThatIsGoneIsNothing) {
    CallServer server;
    server.at_once = false;
    server.stop_clock();
    RawClient client(server.port());
    client.send(json_post());
    server.until([&] { return static_cast<bool>(server.done); });
    server.advance(std::chrono::milliseconds(test_options().handshake_timeout_ms));
    client.read_to_end();
    ASSERT_EQ(server.run([&] { return server.net().connections(); }), 0U);
    server.run([&] { server.done({200, "{}", {}, 0}); });
}

TEST(Call, AnswerAfterTheServerIsGoneIsNothing) {
    Service service;
    service.at_once = false;
    {
        TestServer server(with_origin(), 1, nullptr, service.function());
        RawClient client(server.port());
        client.send(json_post());
        server.until([&] { return static_cast<bool>(service.done); });
    }
    service.done({200, "{}", {}, 0});
}

TEST(Call, WayBackMayBeDroppedOnAnotherThread) {
    CallServer server;
    server.at_once = false;
    server.stop_clock();
    RawClient client(server.port());
    client.send(json_post());
    server.until([&] { return static_cast<bool>(server.done); });
    std::thread([way_back = server.run([&] { return std::exchange(server.done, {}); })] {
        EXPECT_TRUE(way_back);
    }).join();
    EXPECT_EQ(server.run([&] { return server.net().connections(); }), 1U) << "it waits for its answer all the same";
    server.advance(std::chrono::milliseconds(test_options().handshake_timeout_ms));
    client.read_to_end();
}

TEST(Call, StoppingServerEndsWhatItHasNotAnswered) {
    CallServer server;
    server.at_once = false;
    RawClient client(server.port());
    client.send(json_post());
    server.until([&] { return static_cast<bool>(server.done); });
    server.run([&] { server.net().close_all(net::CloseCode::going_away, "stopping"); });
    client.read_to_end();
    server.run([&] { server.done({200, "{}", {}, 0}); });
}

TEST(Call, LongAnswerToASlowReaderComesWhole) {
    CallServer server;
    server.answer.body = '"' + std::string(4'000'000, 'x') + '"';
    RawClient client(server.port(), 4096);
    EXPECT_EQ(client.http(json_post()).body, server.answer.body);
}

TEST(Call, WithoutAServiceIsNotFound) {
    TestServer server(with_origin());
    const HttpAnswer answer = ask(server, json_post());
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(answer.body, R"({"error":{"code":"not_found","reason":"path_not_found"}})");
}

TEST(Call, OverTheLimitOfConnectionsIsAskedToTryLater) {
    net::Options options = with_origin();
    options.max_connections = 1;
    CallServer server(options);
    RawClient first(server.port());
    first.open();
    const HttpAnswer answer = ask(server, json_post());
    EXPECT_EQ(answer.status, 503);
    EXPECT_THAT(answer.head, HasSubstr("Retry-After: 5\r\n"));
    EXPECT_EQ(answer.body, R"({"error":{"code":"unavailable","reason":"too_many_connections"}})");
    EXPECT_FALSE(server.run([&] { return server.call.has_value(); }));
}

}  // namespace
}  // namespace foorumi::test
