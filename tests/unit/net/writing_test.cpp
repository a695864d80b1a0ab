#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "unit/net/raw_client.hpp"
#include "unit/net/test_server.hpp"

namespace foorumi::test {
namespace {

using net::CloseCode;
using net::EndReason;
using net::Priority;

constexpr int small_buffer = 4096;  // of the client's socket: the server's writes get stuck soon

std::string item_text(int i, std::size_t size = 1000) {
    std::string text = std::to_string(i) + ":";
    return text + std::string(size - text.size(), static_cast<char>('a' + i % 26));
}

// Fills the outbox of a client that does not read. Returns what was taken.
std::string fill(TestServer& server, net::Connection& connection) {
    std::string taken;
    for (int i = 0;; ++i) {
        const std::string text = item_text(i);
        if (!server.run([&] { return connection.send(make_item(text), Priority::reliable); })) return taken;
        taken += text;
    }
}

TEST(Writing, ItemsOfOneTurnGoOutAsOneFrame) {
    TestServer server;
    RawClient client(server.port());
    client.open();
    net::Connection& connection = server.opened();
    server.run([&] {
        for (const char* text : {"a", "b", "c"}) EXPECT_TRUE(connection.send(make_item(text), Priority::reliable));
    });
    const Frame frame = client.frame();
    EXPECT_EQ(frame.opcode, binary);
    EXPECT_EQ(frame.payload, "abc");
    EXPECT_EQ(server.run([&] { return connection.outbox_bytes(); }), 0U);
    const net::Statistics statistics = server.run([&] { return server.net().statistics(); });
    EXPECT_EQ(statistics.items_out, 3U);
    EXPECT_EQ(statistics.writes_whole, 2U);  // the answer to the handshake and the items
}

// More than the outbox holds, in one turn, to a client whose socket takes it.
TEST(Writing, OutboxThatIsHalfFullIsWrittenAheadOfTheTurnsEnd) {
    net::Options options = test_options();
    options.outbox_bytes = 10'000;
    TestServer server(options);
    RawClient client(server.port());
    client.open();
    net::Connection& connection = server.opened();
    std::string sent;
    server.run([&] {
        for (int i = 0; i < 100; ++i) {
            const std::string text = item_text(i);
            ASSERT_TRUE(connection.send(make_item(text), Priority::reliable)) << i;
            EXPECT_LE(connection.outbox_bytes(), 5'000U);
            sent += text;
        }
    });
    std::string got;
    while (got.size() < sent.size()) got += client.frame().payload;
    EXPECT_EQ(got, sent);
    // One that is larger than half of it by itself.
    const std::string large(9'000, 'x');
    EXPECT_TRUE(server.run([&] { return connection.send(make_item(large), Priority::reliable); }));
    EXPECT_EQ(client.frame().payload, large);
    const std::string too_large(10'001, 'x');
    EXPECT_FALSE(server.run([&] { return connection.send(make_item(too_large), Priority::reliable); }));
}

// In one turn, to a client that does not read: what was taken comes whole and in order, and no more than the outbox
// waits.
TEST(Writing, OutboxIsWrittenAheadAsFarAsTheSocketTakesIt) {
    net::Options options = test_options();
    options.outbox_bytes = 1'000'000;
    TestServer server(options);
    RawClient client(server.port(), small_buffer);
    client.open();
    net::Connection& connection = server.opened();
    std::string taken;
    server.run([&] {
        for (int i = 0;; ++i) {
            const std::string text = item_text(i, 70'000);
            if (!connection.send(make_item(text), Priority::reliable)) break;
            taken += text;
        }
        EXPECT_LE(connection.outbox_bytes(), 1'000'000U + 10U);
    });
    EXPECT_GT(taken.size(), 1'000'000U) << "the socket has taken some of it";
    std::string got;
    while (got.size() < taken.size()) got += client.frame().payload;
    EXPECT_EQ(got, taken);
}

TEST(Writing, ClientThatIsGoneIsNoticedWhereTheOutboxIsWrittenAhead) {
    net::Options options = test_options();
    options.outbox_bytes = 10'000;
    TestServer server(options);
    std::optional<RawClient> client(server.port());
    client->open();
    net::Connection& connection = server.opened();
    server.run([&] {
        client.reset();
        for (int i = 0; i < 100 && connection.send(make_item(item_text(i)), Priority::reliable); ++i) {
        }
    });
    server.expect("closed");
}

// A pong of which nothing was written gives way to a later one, so not every ping has its own.
TEST(Writing, PongsLandBetweenTheFramesOfASlowReader) {
    net::Options options = test_options();
    options.outbox_bytes = 16 * 1024 * 1024;
    TestServer server(options);
    RawClient client(server.port(), small_buffer);
    client.open();
    net::Connection& connection = server.opened();
    std::string sent;
    int pings = 0;
    for (int i = 0; i < 100; ++i) {
        const std::string text = item_text(i, 100'000);
        sent += text;
        server.run([&] { EXPECT_TRUE(connection.send(make_item(text), Priority::reliable)); });
        if (i % 10 != 0) continue;
        client.send(encode(ping, std::to_string(pings++)) + encode(binary, "sync"));
        server.expect("frame");  // so that the pong is queued between these items
    }
    std::string got;
    int latest = -1;
    while (got.size() < sent.size()) {
        const Frame frame = client.frame();
        if (frame.opcode == pong) {
            EXPECT_GT(std::stoi(frame.payload), latest);
            latest = std::stoi(frame.payload);
        } else {
            ASSERT_EQ(frame.opcode, binary);
            got += frame.payload;
        }
    }
    EXPECT_EQ(got, sent);
    EXPECT_EQ(latest, pings - 1);
    EXPECT_GT(server.run([&] { return server.net().statistics().writes_blocked; }), 0U);
}

TEST(Writing, SlowReaderOverflowsAndGetsAllThatWasTakenAndTheLastWord) {
    net::Options options = test_options();
    options.outbox_bytes = 100'000;
    TestServer server(options);
    RawClient client(server.port(), small_buffer);
    client.open();
    net::Connection& connection = server.opened();
    const std::string taken = fill(server, connection);
    EXPECT_LE(server.run([&] { return connection.outbox_bytes(); }), 100'000U + 10U);
    EXPECT_FALSE(server.run([&] { return connection.send(make_item("e"), Priority::ephemeral); }));
    server.run([&] {
        connection.close(CloseCode::policy, "too slow", make_item("last"));
        EXPECT_FALSE(connection.send(make_item("late"), Priority::reliable));
        connection.close(CloseCode::normal, "again", make_item("does nothing"));
    });
    std::string got;
    Frame frame = client.frame();
    for (; frame.opcode == binary; frame = client.frame()) got += frame.payload;
    EXPECT_EQ(got, taken + "last");
    EXPECT_EQ(frame.code(), 1008);
    EXPECT_EQ(frame.payload.substr(2), "too slow");
    client.send(encode_close(1008));
    EXPECT_FALSE(client.read_frame().has_value());
    EXPECT_EQ(server.expect("closed").reason, EndReason::closed_by_us);
}

TEST(Writing, EphemeralItemsAreRefusedWhileReliableOnesAreTaken) {
    net::Options options = test_options();
    options.outbox_bytes = 400'000;
    TestServer server(options);
    RawClient client(server.port(), small_buffer);
    client.open();
    net::Connection& connection = server.opened();
    while (server.run([&] { return connection.send(make_item(item_text(0)), Priority::ephemeral); })) {
    }
    EXPECT_TRUE(server.run([&] { return connection.send(make_item(item_text(0)), Priority::reliable); }));
    EXPECT_LT(server.run([&] { return connection.outbox_bytes(); }), 110'000U);
}

TEST(Writing, PeerWhoPingsWithAFullOutboxIsNotRead) {
    net::Options options = test_options();
    options.outbox_bytes = 50'000;
    TestServer server(options);
    RawClient client(server.port(), small_buffer);
    client.open();
    net::Connection& connection = server.opened();
    fill(server, connection);
    server.run([&] {
        while (connection.send(make_item("x"), Priority::reliable)) {
        }
    });
    const std::string flood = [] {
        std::string pings;
        for (int i = 0; i < 100; ++i) pings += encode(ping, std::string(125, 'p'));
        return pings;
    }();
    // Until the server takes no more: the client's socket and the server's are full.
    std::size_t sent = 0;
    for (int idle = 0; idle < 1000;) {
        const std::size_t some = client.send_some(std::string_view(flood).substr(sent % flood.size()));
        sent += some;
        idle = some == 0 ? idle + 1 : 0;
        EXPECT_LT(server.run([&] { return connection.outbox_bytes(); }), 50'000U + 1'000U);
    }
    EXPECT_GT(sent, 50'000U);
}

TEST(Writing, PeerWhoPingsAndDoesNotReadMakesAtMostTwoPongsWait) {
    TestServer server;
    RawClient client(server.port(), small_buffer);
    client.open();
    net::Connection& connection = server.opened();
    std::string flood;
    for (int i = 0; i < 1000; ++i) flood += encode(ping, "");
    for (int round = 0; round < 500; ++round) {
        for (std::size_t sent = 0; sent < flood.size();) sent += client.send_some(std::string_view(flood).substr(sent));
        ASSERT_LE(server.run([&] { return connection.outbox_bytes(); }), 4U);
    }
}

TEST(Closing, CloseWaitsForThePeersCloseFrame) {
    TestServer server;
    RawClient client(server.port());
    client.open();
    net::Connection& connection = server.opened();
    server.run([&] {
        EXPECT_TRUE(connection.send(make_item("one "), Priority::reliable));
        connection.close(CloseCode::going_away, "we stop", make_item("last"));
    });
    EXPECT_EQ(client.frame().payload, "one last");
    const Frame end = client.frame();
    EXPECT_EQ(end.opcode, close_frame);
    EXPECT_EQ(end.code(), 1001);
    EXPECT_EQ(end.payload.substr(2), "we stop");
    client.send(encode(binary, "not heard any more") + encode(ping, "not answered"));
    client.send(encode_close(1001));
    EXPECT_FALSE(client.read_frame().has_value());
    EXPECT_EQ(server.expect("closed").reason, EndReason::closed_by_us);
    EXPECT_EQ(server.run([&] { return server.net().connections(); }), 0U);
}

TEST(Closing, PeerWhoNeverAnswersIsEndedAtTheTimeout) {
    TestServer server;
    server.stop_clock();
    RawClient client(server.port());
    client.open();
    net::Connection& connection = server.opened();
    server.run([&] { connection.close(CloseCode::normal, ""); });
    EXPECT_EQ(client.frame().code(), 1000);
    server.advance(std::chrono::milliseconds(4999));
    EXPECT_EQ(server.run([&] { return server.net().connections(); }), 1U);
    server.advance(std::chrono::milliseconds(1));
    EXPECT_EQ(server.expect("closed").reason, EndReason::closed_by_us);
    client.read_to_end();
}

TEST(Closing, FullOutboxOfAPeerWhoDoesNotReadIsEndedAtTheTimeout) {
    net::Options options = test_options();
    options.outbox_bytes = 50'000;
    TestServer server(options);
    server.stop_clock();
    RawClient client(server.port(), small_buffer);
    client.open();
    net::Connection& connection = server.opened();
    fill(server, connection);
    server.run([&] { connection.close(CloseCode::policy, "", make_item("last")); });
    server.advance(std::chrono::milliseconds(5000));
    EXPECT_EQ(server.expect("closed").reason, EndReason::closed_by_us);
    client.read_to_end();
}

TEST(Closing, PeersCloseIsAnsweredBehindWhatWaits) {
    TestServer server;
    server.when_frame = [](net::Connection& connection, std::string_view) {
        EXPECT_TRUE(connection.send(make_item("answer"), Priority::reliable));
    };
    RawClient client(server.port());
    client.open();
    server.opened();
    client.send(encode(binary, "x") + encode_close(1000, "bye"));
    EXPECT_EQ(client.frame().payload, "answer");
    EXPECT_EQ(client.frame().code(), 1000);
    EXPECT_FALSE(client.read_frame().has_value());
    server.expect("frame");
    EXPECT_EQ(server.expect("closed").reason, EndReason::peer_closed);
}

TEST(Closing, EmptyCloseFrameIsAnswered) {
    TestServer server;
    RawClient client(server.port());
    client.open();
    server.opened();
    client.send(encode(close_frame, ""));
    EXPECT_EQ(client.frame().opcode, close_frame);
    EXPECT_EQ(server.expect("closed").reason, EndReason::peer_closed);
}

TEST(Closing, PeerWhoEndsTheStreamInsteadOfAnsweringWasClosedByUs) {
    TestServer server;
    RawClient client(server.port());
    client.open();
    net::Connection& connection = server.opened();
    server.run([&] { connection.close(CloseCode::normal, ""); });
    EXPECT_EQ(client.frame().code(), 1000);
    client.close();
    EXPECT_EQ(server.expect("closed").reason, EndReason::closed_by_us);
}

TEST(Closing, ViolationAfterOurCloseFrameSendsNoSecondOne) {
    TestServer server;
    RawClient client(server.port());
    client.open();
    net::Connection& connection = server.opened();
    server.run([&] { connection.close(CloseCode::normal, ""); });
    EXPECT_EQ(client.frame().code(), 1000);
    client.send(encode(binary, "unmasked", true, false));
    EXPECT_FALSE(client.read_frame().has_value());
    client.close();
    EXPECT_EQ(server.expect("closed").reason, EndReason::closed_by_us);
}

TEST(Closing, BothSidesAtOnce) {
    TestServer server;
    RawClient client(server.port());
    client.open();
    net::Connection& connection = server.opened();
    // In one turn of the server's loop, so that it cannot have ended the connection in between.
    server.run([&] {
        client.send(encode_close(1000));
        connection.close(CloseCode::going_away, "ours");
    });
    const Frame end = client.frame();  // whichever was first
    EXPECT_EQ(end.opcode, close_frame);
    EXPECT_FALSE(client.read_frame().has_value());
    server.expect("closed");
}

TEST(Closing, LongReasonIsCutBetweenCharacters) {
    TestServer server;
    RawClient client(server.port());
    client.open();
    net::Connection& connection = server.opened();
    std::string reason = "x";
    for (int i = 0; i < 100; ++i) reason += "\xc3\xa4";
    server.run([&] { connection.close(CloseCode::policy, reason); });
    const Frame end = client.frame();
    EXPECT_EQ(end.payload.substr(2), reason.substr(0, 123));  // 1 + 61 * 2
}

TEST(Closing, ResetByThePeerIsAnError) {
    TestServer server;
    RawClient client(server.port());
    client.open();
    server.opened();
    client.reset();
    EXPECT_EQ(server.expect("closed").reason, EndReason::error);
}

TEST(Closing, EndOfStreamWithoutACloseFrameIsThePeersClose) {
    TestServer server;
    RawClient client(server.port());
    client.open();
    server.opened();
    client.close();
    EXPECT_EQ(server.expect("closed").reason, EndReason::peer_closed);
}

TEST(Closing, ResetWhileWritesAreStuck) {
    net::Options options = test_options();
    options.outbox_bytes = 50'000;
    TestServer server(options);
    RawClient client(server.port(), small_buffer);
    client.open();
    net::Connection& connection = server.opened();
    fill(server, connection);
    client.reset();
    EXPECT_EQ(server.expect("closed").reason, EndReason::error);
    EXPECT_EQ(server.run([&] { return server.net().connections(); }), 0U);
}

}  // namespace
}  // namespace foorumi::test
