#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/net/raw_client.hpp"
#include "unit/net/test_server.hpp"

namespace foorumi::test {
namespace {

using net::EndReason;

constexpr std::size_t limit = 4096;

net::Options small_frames() {
    net::Options options = test_options();
    options.frame_bytes = limit;
    return options;
}

std::string bytes_of(std::size_t size) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 7 + i / 256);
    return bytes;
}

TEST(Reading, MessagesOfAllSizesUpToTheLimitArriveWhole) {
    TestServer server(small_frames());
    RawClient client(server.port());
    client.open();
    server.opened();
    for (const std::size_t size : {0U, 1U, 125U, 126U, 255U, 256U, 257U, 1535U, 1536U, 1537U, 4095U, 4096U}) {
        client.send(encode(binary, bytes_of(size)));
        EXPECT_EQ(server.expect("frame").bytes, bytes_of(size)) << size;
    }
}

TEST(Reading, MessagesInOnePacketArriveInOrder) {
    TestServer server;
    RawClient client(server.port());
    client.open();
    server.opened();
    std::string packet;
    for (int i = 0; i < 100; ++i) packet += encode(binary, std::to_string(i));
    client.send(packet);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(server.expect("frame").bytes, std::to_string(i));
}

TEST(Reading, MessageComesByteByByte) {
    TestServer server;
    RawClient client(server.port());
    client.open();
    server.opened();
    for (const char c : encode(binary, bytes_of(600))) client.send({&c, 1});
    EXPECT_EQ(server.expect("frame").bytes, bytes_of(600));
}

TEST(Reading, FragmentsWithAPingBetweenMakeOneMessage) {
    TestServer server;
    RawClient client(server.port());
    client.open();
    server.opened();
    client.send(encode(binary, bytes_of(300), false));
    client.send(encode(continuation, "", false));
    client.send(encode(ping, "hei"));
    client.send(encode(continuation, "middle", false));
    client.send(encode(continuation, "end"));
    EXPECT_EQ(server.expect("frame").bytes, bytes_of(300) + "middleend");
    const Frame answer = client.frame();
    EXPECT_EQ(answer.opcode, pong);
    EXPECT_EQ(answer.payload, "hei");
}

void expect_too_big(const std::vector<std::string>& frames) {
    TestServer server(small_frames());
    server.when_too_big = [](net::Connection& connection) {
        EXPECT_TRUE(connection.send(make_item("too big, "), net::Priority::reliable));
        connection.close(net::CloseCode::too_big, "the limit is 4096", make_item("sorry"));
    };
    RawClient client(server.port());
    client.open();
    server.opened();
    for (const auto& frame : frames) client.send(frame);
    EXPECT_EQ(client.frame().payload, "too big, sorry");  // before the close frame
    const Frame end = client.frame();
    EXPECT_EQ(end.opcode, close_frame);
    EXPECT_EQ(end.code(), 1009);
    EXPECT_FALSE(client.read_frame().has_value());
    client.close();
    server.expect("too big");
    EXPECT_EQ(server.expect("closed").reason, EndReason::frame_too_big);
}

TEST(Reading, MessageOverTheLimitEndsWith1009BehindWhatTheHandlerSays) {
    expect_too_big({encode(binary, bytes_of(limit + 1))});
}

TEST(Reading, FragmentsOverTheLimitTogetherEndWith1009) {
    expect_too_big({encode(binary, bytes_of(limit), false), encode(continuation, "x")});
}

TEST(Reading, AnnouncedSizeAloneIsEnough) { expect_too_big({encode(binary, bytes_of(70'000)).substr(0, 14)}); }

TEST(Reading, TooBigMessageIsAnsweredAlsoIfTheHandlerSaysNothing) {
    TestServer server(small_frames());
    RawClient client(server.port());
    client.open();
    server.opened();
    client.send(encode(binary, bytes_of(limit + 1)));
    EXPECT_EQ(client.frame().code(), 1009);
    client.close();
    server.expect("too big");
    EXPECT_EQ(server.expect("closed").reason, EndReason::frame_too_big);
}

TEST(Reading, TextFrameIsToldAndTheConnectionStays) {
    TestServer server;
    RawClient client(server.port());
    client.open();
    server.opened();
    client.send(encode(text, std::string(1000, 'a')));
    client.send(encode(text, "p\xc3\xa4\xc3\xa4t\xc3\xb6s"));
    client.send(encode(binary, "binary"));
    server.expect("text");
    server.expect("text");
    EXPECT_EQ(server.expect("frame").bytes, "binary");
}

std::string replace_first_byte(std::string frame, std::uint8_t byte) {
    frame[0] = static_cast<char>(byte);
    return frame;
}

struct Violation {
    const char* name;
    std::string bytes;
    std::uint16_t code;
};

class ProtocolViolation : public testing::TestWithParam<Violation> {};

TEST_P(ProtocolViolation, EndsWithItsCode) {
    TestServer server;
    RawClient client(server.port());
    client.open();
    server.opened();
    client.send(GetParam().bytes);
    const Frame end = client.frame();
    EXPECT_EQ(end.opcode, close_frame);
    EXPECT_EQ(end.code(), GetParam().code);
    EXPECT_FALSE(client.read_frame().has_value());
    client.close();
    EXPECT_EQ(server.expect("closed").reason, EndReason::error);
}

INSTANTIATE_TEST_SUITE_P(Table, ProtocolViolation,
                         testing::Values(Violation{"Unmasked", encode(binary, "x", true, false), 1002},
                                         Violation{"TextNotUtf8", encode(text, "\xc3\x28"), 1007},
                                         Violation{"TextCutWithinACharacter", encode(text, "\xc3"), 1007},
                                         Violation{"ReservedOpcode", encode(0x3, "x"), 1002},
                                         Violation{"ReservedBit", replace_first_byte(encode(binary, "x"), 0xc2), 1002},
                                         Violation{"ContinuationOfNothing", encode(continuation, "x"), 1002},
                                         Violation{"NewMessageWithinAMessage",
                                                   encode(binary, "x", false) + encode(binary, "y"), 1002},
                                         Violation{"FragmentedPing", encode(ping, "x", false), 1002},
                                         Violation{"LongPing", encode(ping, std::string(126, 'x')), 1002},
                                         Violation{"CloseOfOneByte", encode(close_frame, "x"), 1002},
                                         Violation{"CloseReasonNotUtf8", encode_close(1000, "\xff"), 1002}),
                         [](const auto& row) { return row.param.name; });

TEST(Reading, PausedConnectionReadsAgainAfterResume) {
    TestServer server;
    server.when_frame = [](net::Connection& connection, std::string_view bytes) {
        if (bytes == "pause") connection.pause_reading();
    };
    RawClient client(server.port());
    client.open();
    net::Connection& connection = server.opened();
    client.send(encode(binary, "pause"));
    server.expect("frame");
    client.send(encode(binary, "one") + encode(binary, "two"));
    client.send(encode(ping, "p"));
    server.run([&] { connection.resume_reading(); });
    EXPECT_EQ(server.expect("frame").bytes, "one");
    EXPECT_EQ(server.expect("frame").bytes, "two");
    EXPECT_EQ(client.frame().opcode, pong);
}

TEST(Reading, PausedConnectionHandsNothingOverAndStillCloses) {
    net::Options options = test_options();
    TestServer server(options);
    int frames = 0;
    server.when_frame = [&](net::Connection& connection, std::string_view) {
        ++frames;
        connection.pause_reading();
    };
    RawClient client(server.port());
    client.open();
    net::Connection& connection = server.opened();
    client.send(encode(binary, "one") + encode(binary, "two") + encode(binary, "three"));
    server.expect("frame");
    server.run([&] { connection.close(net::CloseCode::going_away, "stop"); });
    EXPECT_EQ(client.frame().code(), 1001);
    client.send(encode_close(1001));
    EXPECT_EQ(server.expect("closed").reason, EndReason::closed_by_us);
    EXPECT_EQ(frames, 1);
}

}  // namespace
}  // namespace foorumi::test
