// Behind a proxy: the PROXY protocol and Forwarded on real sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/net/proxy_headers.hpp"
#include "unit/net/raw_client.hpp"
#include "unit/net/test_server.hpp"
#include "unit/net/tls_client.hpp"
#include "unit/net/tls_files.hpp"

namespace foorumi::test {
namespace {

using testing::HasSubstr;

constexpr std::string_view proxy_line = "PROXY TCP4 192.0.2.1 127.0.0.1 1000 8080\r\n";
constexpr std::string_view health_check = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

net::Options behind(const char* proxy, std::string_view protocol = net::proxy_protocol_off) {
    net::Options options = test_options();
    options.http.trusted_proxies = {proxy};
    options.http.origins = {"https://foorumi.fi"};
    options.proxy_protocol = protocol;
    return options;
}

std::string handshake_with(std::string_view fields) {
    return RawClient::upgrade_request("Sec-WebSocket-Protocol: foorumi.v1\r\n" + std::string(fields));
}

std::uint64_t proxy_refusals(TestServer& server) {
    return server.run([&] { return server.net().statistics().proxy_refusals; });
}

TEST(Proxy, ForwardedOfATrustedProxyTellsTheClient) {
    TestServer server(behind("127.0.0.0/8"));
    RawClient client(server.port());
    ASSERT_EQ(client.http(handshake_with("Forwarded: for=6.6.6.6\r\nForwarded: for=192.0.2.1\r\n")).status, 101);
    EXPECT_EQ(server.expect("opened").bytes, "192.0.2.1");
    EXPECT_EQ(server.listener().budget().admitted_from(boost::asio::ip::make_address("192.0.2.1")), 1U);
    EXPECT_EQ(server.listener().budget().admitted_from(boost::asio::ip::make_address("127.0.0.1")), 0U);
}

TEST(Proxy, ForwardedOfOthersIsPassedOver) {
    TestServer server(behind("127.0.0.9"));
    RawClient client(server.port());
    ASSERT_EQ(client.http(handshake_with("Forwarded: for=192.0.2.1;proto=https\r\nForwarded: ;;\r\n")).status, 101);
    EXPECT_EQ(server.expect("opened").bytes, "127.0.0.1");
}

TEST(Proxy, CookieCountsWhereTheTrustedProxySaysHttps) {
    const std::string token(43, 'x');
    const std::string fields = "Origin: https://foorumi.fi\r\nCookie: __Host-foorumi=" + token + "\r\n";
    for (const auto& [proxy, forwarded, told] : {std::tuple("127.0.0.1", "for=192.0.2.1;proto=https", token),
                                                 std::tuple("127.0.0.1", "for=192.0.2.1;proto=http", std::string()),
                                                 std::tuple("127.0.0.1", "for=192.0.2.1", std::string()),
                                                 std::tuple("127.0.0.9", "for=192.0.2.1;proto=https", std::string())}) {
        TestServer server(behind(proxy));
        RawClient client(server.port());
        const auto answer = client.http(handshake_with(fields + "Forwarded: " + forwarded + "\r\n"));
        ASSERT_EQ(answer.status, 101);
        EXPECT_EQ(answer.head.find("Strict-Transport-Security") != std::string::npos, !told.empty());
        net::Connection& connection = server.opened();
        EXPECT_EQ(server.run([&] { return connection.take_cookie_token(); }), told) << proxy << ' ' << forwarded;
    }
}

TEST(Proxy, MalformedForwardedIsRefused) {
    TestServer server(behind("127.0.0.1"));
    const auto answer = RawClient(server.port()).http(handshake_with("Forwarded: for=\"x, for=192.0.2.1\r\n"));
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.body, R"({"error":{"code":"malformed","reason":"forwarded_malformed"}})");
}

TEST(Proxy, EachClientHasItsOwnLimit) {
    net::Options options = behind("127.0.0.1");
    options.max_connections_per_address = 1;
    TestServer server(options);
    const auto from = [](const char* address) {
        return handshake_with("Forwarded: for=" + std::string(address) + "\r\n");
    };
    RawClient first(server.port()), second(server.port()), other(server.port());
    EXPECT_EQ(first.http(from("192.0.2.1")).status, 101);
    EXPECT_EQ(second.http(from("192.0.2.1")).status, 503);
    EXPECT_EQ(other.http(from("192.0.2.2")).status, 101);
}

TEST(ProxyProtocol, ClientOfTheHeaderIsTheOneThatIsTold) {
    for (const std::string& header : {std::string(proxy_line), binary_header(v4_payload())}) {
        TestServer server(behind("127.0.0.1", net::proxy_protocol_on));
        RawClient client(server.port());
        ASSERT_EQ(client.http(header + handshake_with("Forwarded: for=6.6.6.6;proto=https\r\n")).status, 101);
        EXPECT_EQ(server.expect("opened").bytes, "192.0.2.1") << "whose own Forwarded is not believed";
        client.send(encode(binary, "hello"));
        EXPECT_EQ(server.expect("frame").bytes, "hello");
    }
}

TEST(ProxyProtocol, HeaderMayComeByteByByte) {
    TestServer server(behind("127.0.0.1", net::proxy_protocol_on));
    RawClient client(server.port());
    for (const char c : std::string(proxy_line)) {
        client.send({&c, 1});
        server.run([] {});  // most of them are met by the server one by one
    }
    EXPECT_EQ(client.http(health_check).body, "ok");
}

TEST(ProxyProtocol, TlsFollowsTheHeader) {
    const TestCertificate certificate;
    TestServer server(behind("127.0.0.1", net::proxy_protocol_on), 1, certificate.context);
    for (const std::string& header : {std::string(proxy_line), binary_header(v6_payload(), '\x21', '\x21')}) {
        TlsClient client(server.port(), TLS1_3_VERSION, 0, header);
        client.open();
        EXPECT_EQ(server.expect("opened").bytes, header == proxy_line ? "192.0.2.1" : "2001:db8::7");
        client.close();
        server.expect("closed");
    }
}

TEST(ProxyProtocol, PeerThatIsNotTrustedIsEnded) {
    TestServer server(behind("127.0.0.9", net::proxy_protocol_on));
    RawClient client(server.port());
    client.send(proxy_line);
    client.read_to_end();
    EXPECT_EQ(proxy_refusals(server), 1U);
    EXPECT_EQ(server.run([&] { return server.net().connections(); }), 0U);
}

TEST(ProxyProtocol, ConnectionWithoutAHeaderIsEndedWithoutAnAnswer) {
    TestServer server(behind("127.0.0.1", net::proxy_protocol_on));
    RawClient client(server.port());
    client.send(health_check);
    EXPECT_THROW(client.read_http(), std::exception);
    EXPECT_EQ(proxy_refusals(server), 1U);
}

TEST(ProxyProtocol, HeaderIsNotHttpWhereTheOptionIsOff) {
    TestServer server(behind("127.0.0.1"));
    EXPECT_EQ(RawClient(server.port()).http(std::string(proxy_line) + std::string(health_check)).status, 400);
}

TEST(ProxyProtocol, HalfAHeaderIsEndedAtTheTimeout) {
    TestServer server(behind("127.0.0.1", net::proxy_protocol_on));
    server.stop_clock();
    RawClient client(server.port());
    client.send(proxy_line.substr(0, 20));
    server.until([&] { return server.net().connections() == 1; });
    server.advance(std::chrono::milliseconds(test_options().handshake_timeout_ms));
    client.read_to_end();
    EXPECT_EQ(server.run([&] { return server.net().statistics().handshake_timeouts; }), 1U);
    EXPECT_EQ(proxy_refusals(server), 0U);
}

TEST(ProxyProtocol, ProbeThatSaysNothingIsNoRefusal) {
    TestServer server(behind("127.0.0.1", net::proxy_protocol_on));
    RawClient client(server.port());
    server.until([&] { return server.net().connections() == 1; });
    client.close();
    server.until([&] { return server.net().connections() == 0; });
    EXPECT_EQ(proxy_refusals(server), 0U);
}

TEST(ProxyProtocol, EachClientHasItsOwnLimit) {
    net::Options options = behind("127.0.0.1", net::proxy_protocol_on);
    options.max_connections_per_address = 1;
    TestServer server(options);
    RawClient first(server.port()), second(server.port()), other(server.port());
    EXPECT_EQ(first.http(std::string(proxy_line) + RawClient::upgrade_request()).status, 101);
    EXPECT_EQ(second.http(std::string(proxy_line) + RawClient::upgrade_request()).status, 503);
    EXPECT_EQ(other.http(binary_header(v6_payload(), '\x21', '\x21') + RawClient::upgrade_request()).status, 101);
}

// One client with more connections than it may have, and than can be told so.
void expect_dropped(const net::Options& options, const std::string& request) {
    TestServer server(options);
    constexpr std::size_t answered = 64;  // by default, of ConnectionBudget
    std::vector<std::unique_ptr<RawClient>> clients;
    for (std::size_t i = 0; i < 1 + answered; ++i) {
        clients.push_back(std::make_unique<RawClient>(server.port()));
        EXPECT_EQ(clients.back()->http(request).status, i == 0 ? 101 : 503);
    }
    RawClient dropped(server.port());
    dropped.send(request);
    dropped.read_to_end();
    const net::Statistics statistics = server.run([&] { return server.net().statistics(); });
    EXPECT_EQ(statistics.dropped, 1U);
    EXPECT_EQ(statistics.refused_as_too_many, answered);
    EXPECT_EQ(statistics.refused, answered);
}

TEST(Proxy, ClientWithFarTooManyConnectionsIsDroppedAndCounted) {
    net::Options options = behind("127.0.0.1");
    options.max_connections_per_address = 1;
    expect_dropped(options, handshake_with("Forwarded: for=192.0.2.1\r\n"));
    options.proxy_protocol = net::proxy_protocol_on;
    expect_dropped(options, std::string(proxy_line) + RawClient::upgrade_request());
}

TEST(ProxyProtocol, CookieCountsWhereTheHeaderSaysThatTheClientCameOverTls) {
    const std::string token(43, 'x');
    const std::string request =
        handshake_with("Origin: https://foorumi.fi\r\nCookie: __Host-foorumi=" + token + "\r\n");
    TestServer server(behind("127.0.0.1", net::proxy_protocol_on));
    for (const char flags : {'\x01', '\0'}) {
        RawClient client(server.port());
        const std::string ssl = tlv('\x20', std::string(1, flags) + std::string(4, '\0'));
        ASSERT_EQ(client.http(binary_header(v4_payload() + ssl) + request).status, 101);
        net::Connection& connection = server.opened();
        EXPECT_EQ(server.run([&] { return connection.take_cookie_token(); }), flags == '\x01' ? token : "");
        client.close();
        server.expect("closed");
    }
}

}  // namespace
}  // namespace foorumi::test
