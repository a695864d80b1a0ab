// WebSockets over TLS.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "unit/net/raw_client.hpp"
#include "unit/net/test_server.hpp"
#include "unit/net/tls_client.hpp"
#include "unit/net/tls_files.hpp"

namespace foorumi::test {
namespace {

using net::CloseCode;
using net::EndReason;
using net::Priority;
using testing::HasSubstr;

constexpr int small_window = 4096;

net::Options large_frames() {
    net::Options options = test_options();
    options.frame_bytes = 128 * 1024;
    options.outbox_bytes = 16 * 1024 * 1024;
    return options;
}

struct TlsServer : TestCertificate, TestServer {
    explicit TlsServer(const net::Options& options = large_frames()) : TestServer(options, 1, context) {}
    net::Statistics statistics() {
        return run([this] { return net().statistics(); });
    }
    void send(net::Connection& connection, std::string_view text) {
        run([&] { EXPECT_TRUE(connection.send(make_item(std::string(text)), Priority::reliable)); });
    }
};

std::string text_of(std::size_t size, int seed = 0) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        text[i] = static_cast<char>('a' + (i / 7 + static_cast<std::size_t>(seed)) % 26);
    return text;
}

class TlsVersions : public testing::TestWithParam<int> {};

TEST_P(TlsVersions, MessagesOfAllSizesGoBothWays) {
    TlsServer server;
    server.when_frame = [](net::Connection& connection, std::string_view bytes) {
        EXPECT_TRUE(connection.send(make_item(std::string(bytes)), Priority::reliable));
    };
    TlsClient client(server.port(), GetParam());
    EXPECT_THAT(client.cipher(), HasSubstr("GCM"));
    EXPECT_FALSE(client.resumable()) << "no ticket, and no session that is kept";
    client.open();
    server.opened();
    for (const std::size_t size : {1U, 125U, 300U, 16'383U, 16'384U, 16'385U, 32'768U, 65'535U, 65'536U, 70'000U}) {
        client.send(encode(binary, text_of(size)));
        EXPECT_EQ(server.expect("frame").bytes, text_of(size)) << size;
        EXPECT_EQ(client.frame().payload, text_of(size)) << size;
    }
}

TEST_P(TlsVersions, MessageComesInARecordForEachByte) {
    TlsServer server;
    TlsClient client(server.port(), GetParam());
    client.open();
    server.opened();
    for (const char c : encode(binary, text_of(600))) client.send({&c, 1});
    EXPECT_EQ(server.expect("frame").bytes, text_of(600));
}

TEST_P(TlsVersions, SlowReaderGetsEverythingInOrder) {
    TlsServer server;
    TlsClient client(server.port(), GetParam(), small_window);
    client.open();
    net::Connection& connection = server.opened();
    std::string sent, got;
    for (int i = 0; i < 100; ++i) {
        sent += text_of(100'000, i);
        server.send(connection, text_of(100'000, i));
        if (i % 10 == 0) client.send(encode(ping, std::to_string(i)));
    }
    while (got.size() < sent.size()) {
        const Frame frame = client.frame();
        if (frame.opcode == binary) got += frame.payload;
    }
    EXPECT_EQ(got, sent);
    EXPECT_GT(server.statistics().writes_blocked, 0U);
    EXPECT_EQ(server.run([&] { return connection.outbox_bytes(); }), 0U);
}

TEST_P(TlsVersions, CloseFrameComesBeforeTheEnd) {
    TlsServer server;
    TlsClient client(server.port(), GetParam(), small_window);
    client.open();
    net::Connection& connection = server.opened();
    server.send(connection, text_of(1'000'000));
    server.run([&] { connection.close(CloseCode::going_away, "we stop", make_item("last")); });
    EXPECT_EQ(client.frame().payload, text_of(1'000'000));
    EXPECT_EQ(client.frame().payload, "last");
    EXPECT_EQ(client.frame().code(), 1001);
    client.send(encode_close(1001));
    EXPECT_FALSE(client.read_frame().has_value());
    EXPECT_TRUE(client.was_notified());
    client.close();
    EXPECT_EQ(server.expect("closed").reason, EndReason::closed_by_us);
}

// What the peer still sends would reset the connection, if nobody read it.
TEST_P(TlsVersions, PeersCloseIsAnsweredAlthoughItsEndFollowsAtOnce) {
    TlsServer server;
    TlsClient client(server.port(), GetParam());
    client.open();
    server.opened();
    client.send(encode_close(1000, "bye"));
    client.close_notify();
    EXPECT_EQ(client.frame().code(), 1000);
    EXPECT_FALSE(client.read_frame().has_value());
    EXPECT_TRUE(client.was_notified());
    EXPECT_EQ(server.expect("closed").reason, EndReason::peer_closed);
}

// Its end over TLS and TCP is still awaited then, but no longer by the session.
TEST_P(TlsVersions, PeersCloseIsToldBeforeItsEndFollows) {
    TlsServer server;
    TlsClient client(server.port(), GetParam());
    client.open();
    server.opened();
    client.send(encode_close(1000, "bye"));
    EXPECT_EQ(server.expect("closed").reason, EndReason::peer_closed);
    EXPECT_EQ(server.run([&] { return server.net().connections(); }), 1U);
    EXPECT_EQ(client.frame().code(), 1000);
    client.close();
    EXPECT_EQ(server.statistics().ended, 1U);
}

TEST_P(TlsVersions, EndWithoutACloseFrameIsThePeersClose) {
    TlsServer server;
    for (const bool notified : {true, false}) {
        TlsClient client(server.port(), GetParam());
        client.open();
        server.opened();
        if (notified)
            client.close_notify();
        else
            client.shutdown_send();
        EXPECT_EQ(server.expect("closed").reason, EndReason::peer_closed);
        EXPECT_TRUE(client.read_to_end());
        EXPECT_TRUE(client.was_notified());
    }
}

TEST_P(TlsVersions, ResetWhileCiphertextWaits) {
    TlsServer server;
    TlsClient client(server.port(), GetParam(), small_window);
    client.open();
    net::Connection& connection = server.opened();
    for (int i = 0; i < 50; ++i) server.send(connection, text_of(100'000, i));
    client.reset();
    EXPECT_EQ(server.expect("closed").reason, EndReason::error);
    EXPECT_EQ(server.run([&] { return server.net().connections(); }), 0U);
}

TEST_P(TlsVersions, HealthCheckAndRefusalsAreAnswered) {
    TlsServer server;
    EXPECT_EQ(TlsClient(server.port(), GetParam()).http("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").body, "ok");
    EXPECT_EQ(TlsClient(server.port(), GetParam()).http("GET /none HTTP/1.1\r\nHost: x\r\n\r\n").status, 404);
}

TEST_P(TlsVersions, ConnectionsThatAreAbandonedLeaveNothing) {
    std::optional<TlsServer> server(std::in_place);
    TlsClient client(server->port(), GetParam());
    client.open();
    server->opened();
    server.reset();
    client.read_to_end();
}

INSTANTIATE_TEST_SUITE_P(Versions, TlsVersions, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& version) { return version.param == TLS1_2_VERSION ? "Tls12" : "Tls13"; });

TEST(Tls, OlderVersionIsRefused) {
    TlsServer server;
    try {
        TlsClient client(server.port(), TLS1_1_VERSION);
        FAIL() << client.version();
    } catch (const std::runtime_error& error) {
        EXPECT_THAT(error.what(), HasSubstr("protocol version"));
    }
    server.until([&] { return server.net().connections() == 0; });
    EXPECT_EQ(server.statistics().tls_failures, 1U);
    EXPECT_EQ(server.statistics().handshake_timeouts, 0U);
}

bool tls12_works_with(const TlsServer& server, const char* suites) {
    RawClient socket(server.port());
    return SSL_connect(client_ssl(socket.fd(), TLS1_2_VERSION, suites).get()) == 1;
}

TEST(Tls, SuitesWithoutForwardSecrecyOrAuthenticatedEncryptionAreRefused) {
    TlsServer server;
    EXPECT_TRUE(tls12_works_with(server, "ECDHE-ECDSA-AES128-GCM-SHA256"));
    EXPECT_TRUE(tls12_works_with(server, "ECDHE-ECDSA-CHACHA20-POLY1305"));
    for (const char* weak : {"ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "ECDHE-ECDSA-AES128-CCM"}) {
        EXPECT_FALSE(tls12_works_with(server, weak)) << weak;
    }
    server.until([&] { return server.net().connections() == 0; });
    EXPECT_EQ(server.statistics().tls_failures, 3U);
}

TEST(Tls, PeerWhoAsksForNewKeysAllTheTimeIsServed) {
    TlsServer server;
    TlsClient client(server.port());
    client.open();
    net::Connection& connection = server.opened();
    for (int i = 0; i < 5'000; ++i) client.update_keys();
    client.send(encode(binary, "still there"));
    EXPECT_EQ(server.expect("frame").bytes, "still there");
    server.send(connection, "so are we");
    EXPECT_EQ(client.frame().payload, "so are we");
}

TEST(Tls, HttpWithoutTlsIsAnsweredWithASentence) {
    TlsServer server;
    RawClient client(server.port());
    const HttpAnswer answer = client.http("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(answer.status, 400);
    EXPECT_THAT(answer.body, HasSubstr("TLS"));
    EXPECT_EQ(server.statistics().refused, 1U);
    EXPECT_EQ(server.statistics().tls_failures, 0U);
}

TEST(Tls, GarbageEndsTheConnectionAndIsCounted) {
    TlsServer server;
    for (const std::string_view garbage :
         {std::string_view("\x17\x03\x03\x00\x02hi", 7), std::string_view("\0\0\0\0\0\0\0\0\0\0\0\0", 12),
          std::string_view("SSH-2.0-OpenSSH_9.2p1\r\n")}) {
        const auto before = server.statistics().tls_failures;
        RawClient client(server.port());
        client.send(garbage);
        client.read_to_end();
        client.close();
        server.until([&] { return server.net().connections() == 0; });
        EXPECT_EQ(server.statistics().tls_failures, before + 1);
    }
}

TEST(Tls, HalfAHandshakeIsEndedAtTheTimeout) {
    net::Options options = test_options();
    options.handshake_timeout_ms = 1000;
    TlsServer server(options);
    server.stop_clock();
    RawClient client(server.port());
    client.send(std::string_view("\x16\x03\x01\x01\x00\x01", 6));
    server.until([&] { return server.net().connections() == 1; });
    server.advance(std::chrono::milliseconds(1000));
    client.read_to_end();
    EXPECT_EQ(server.statistics().handshake_timeouts, 1U);
    EXPECT_EQ(server.statistics().tls_failures, 0U);
    EXPECT_EQ(server.run([&] { return server.net().connections(); }), 0U);
}

TEST(Tls, SilenceAfterTheHandshakeIsEndedAtTheTimeoutToo) {
    net::Options options = test_options();
    options.handshake_timeout_ms = 1000;
    TlsServer server(options);
    server.stop_clock();
    TlsClient client(server.port());
    server.advance(std::chrono::milliseconds(1000));
    client.read_to_end();
    EXPECT_EQ(server.statistics().handshake_timeouts, 1U);
}

TEST(Tls, NewCertificateIsForNewConnectionsAndOldOnesLiveOn) {
    TlsServer server;
    TlsClient old(server.port());
    old.open();
    net::Connection& connection = server.opened();
    EXPECT_EQ(old.server_name(), "first");
    write_certificate(server.files, "second");
    ASSERT_EQ(server.context->load(), "");
    TlsClient fresh(server.port());
    fresh.open();
    server.opened();
    EXPECT_EQ(fresh.server_name(), "second");
    write_text(server.files.key, "no key");
    EXPECT_NE(server.context->load(), "");
    EXPECT_EQ(TlsClient(server.port()).server_name(), "second");
    server.send(connection, "as before");
    EXPECT_EQ(old.frame().payload, "as before");
}

}  // namespace
}  // namespace foorumi::test
