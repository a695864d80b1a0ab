#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/net/raw_client.hpp"
#include "unit/net/test_server.hpp"

namespace foorumi::test {
namespace {

using std::chrono::milliseconds;

// Options of connection.hpp: ping after 30 s of silence, end after 75 s.
struct Idle : testing::Test {
    Idle() { server.stop_clock(); }

    net::Connection& connect(RawClient& client) {
        client.open();
        return server.opened();
    }
    std::size_t connections() {
        return server.run([this] { return server.net().connections(); });
    }
    // The server has read everything that the client has sent.
    void settle(RawClient& client) {
        client.send(encode(binary, "sync"));
        server.expect("frame");
    }

    TestServer server;
};

TEST_F(Idle, SilentPeerIsPingedOnceAndThenEnded) {
    RawClient client(server.port());
    connect(client);
    server.advance(milliseconds(29'999));
    server.advance(milliseconds(1));
    EXPECT_EQ(client.frame().opcode, ping);
    server.advance(milliseconds(44'999));
    EXPECT_EQ(connections(), 1U);
    server.advance(milliseconds(1));
    EXPECT_EQ(server.expect("closed").reason, net::EndReason::idle_timeout);
    EXPECT_FALSE(client.read_frame().has_value());  // no second ping
    EXPECT_EQ(server.run([this] { return server.net().statistics().idle_ended; }), 1U);
}

TEST_F(Idle, PongKeepsTheConnection) {
    RawClient client(server.port());
    connect(client);
    for (int i = 0; i < 5; ++i) {
        server.advance(milliseconds(30'000));
        EXPECT_EQ(client.frame().opcode, ping);
        client.send(encode(pong, ""));
        settle(client);
        server.advance(milliseconds(29'000));  // in which the old deadline falls due
    }
    EXPECT_EQ(connections(), 1U);
}

TEST_F(Idle, PeerWhoSpeaksIsNotPinged) {
    RawClient client(server.port());
    connect(client);
    for (int i = 0; i < 10; ++i) {
        server.advance(milliseconds(29'000));
        settle(client);
    }
    client.send(encode(ping, "mine"));
    EXPECT_EQ(client.frame().opcode, pong);  // nothing else came before
}

TEST_F(Idle, PausedConnectionIsNotTakenForSilent) {
    RawClient client(server.port());
    server.when_frame = [](net::Connection& connection, std::string_view) { connection.pause_reading(); };
    net::Connection& connection = connect(client);
    settle(client);
    for (int i = 0; i < 10; ++i) server.advance(milliseconds(30'000));
    EXPECT_EQ(connections(), 1U);
    server.run([&] { connection.resume_reading(); });
    server.advance(milliseconds(30'000));
    EXPECT_EQ(client.frame().opcode, ping);
}

TEST_F(Idle, HalfOpenConnectionWithAFullOutboxIsEnded) {
    RawClient client(server.port(), 4096);
    net::Connection& connection = connect(client);
    while (server.run([&] { return connection.send(make_item(std::string(10'000, 'x')), net::Priority::reliable); })) {
    }
    server.advance(milliseconds(30'000));
    server.advance(milliseconds(45'000));
    EXPECT_EQ(server.expect("closed").reason, net::EndReason::idle_timeout);
}

}  // namespace
}  // namespace foorumi::test
