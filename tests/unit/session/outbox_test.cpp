#include "session/outbox.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

namespace foorumi::session {
namespace {

using net::Priority;

// Takes up to `limit` bytes out of what one write would offer.
std::string write_some(Outbox& outbox, std::size_t limit, std::size_t vectors = 64) {
    if (const std::string_view frame = outbox.lone_frame(); !frame.empty()) {
        const std::string written(frame.substr(0, limit));
        outbox.consume_lone_frame(written.size());
        return written;
    }
    std::vector<iovec> out(vectors);
    const std::size_t count = outbox.gather(out);
    std::string written;
    for (std::size_t i = 0; i < count && written.size() < limit; ++i) {
        const std::size_t size = std::min(out[i].iov_len, limit - written.size());
        written.append(static_cast<const char*>(out[i].iov_base), size);
    }
    outbox.consume(written.size());
    return written;
}

std::string write_all(Outbox& outbox) {
    std::string written;
    while (!outbox.empty()) written += write_some(outbox, static_cast<std::size_t>(-1));
    return written;
}

struct Frame {
    bool raw = false;
    std::string bytes;  // payload of a binary frame, the whole of a raw one
    friend bool operator==(const Frame&, const Frame&) = default;
};

// Reads binary frames and, as raw entries of these tests, pongs of less than 126 bytes. Written from RFC 6455.
std::vector<Frame> parse(const std::string& stream) {
    std::vector<Frame> frames;
    std::size_t at = 0;
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(stream.at(i)); };
    while (at < stream.size()) {
        const std::uint8_t first = byte(at);
        if (first != 0x82 && first != 0x8a) throw std::runtime_error("no frame begins here");
        std::uint64_t size = byte(at + 1);
        std::size_t header = 2;
        const std::size_t length_bytes = size == 126 ? 2 : size == 127 ? 8 : 0;
        if (size > 127) throw std::runtime_error("masked");
        if (length_bytes > 0) {
            size = 0;
            for (std::size_t i = 0; i < length_bytes; ++i) size = size << 8 | byte(at + 2 + i);
            if (size < (length_bytes == 2 ? 126U : 65536U)) throw std::runtime_error("length not minimal");
            header += length_bytes;
        }
        if (at + header + size > stream.size()) throw std::runtime_error("cut frame");
        const bool raw = first == 0x8a;
        frames.push_back({raw, raw ? stream.substr(at, header + size) : stream.substr(at + header, size)});
        at += header + size;
    }
    return frames;
}

std::string pong(std::size_t payload) {
    return std::string{static_cast<char>(0x8a), static_cast<char>(payload)} + std::string(payload, 'p');
}

TEST(Outbox, WaitingItemsGoOutAsOneFrame) {
    Outbox outbox(1000);
    ASSERT_TRUE(outbox.push_item(make_item("abc"), Priority::reliable));
    ASSERT_TRUE(outbox.push_item(make_item("de"), Priority::reliable));
    EXPECT_EQ(write_all(outbox),
              "\x82\x05"
              "abcde");
    EXPECT_TRUE(outbox.empty());
    EXPECT_EQ(outbox.bytes(), 0U);
}

TEST(Outbox, HeaderHasTheThreeLengthsOfTheRfc) {
    for (const std::size_t size : {125U, 126U, 65535U, 65536U}) {
        Outbox outbox(1'000'000);
        ASSERT_TRUE(outbox.push_item(make_item(std::string(size, 'x')), Priority::reliable));
        const std::string stream = write_all(outbox);
        EXPECT_EQ(stream.size() - size, size < 126 ? 2U : size < 65536 ? 4U : 10U);
        EXPECT_EQ(parse(stream), (std::vector<Frame>{{false, std::string(size, 'x')}}));
    }
}

TEST(Outbox, OnlyAnItemThatWaitsAloneIsALoneFrame) {
    for (const std::size_t size : {125U, 126U, 65535U, 65536U}) {
        Outbox outbox(1'000'000);
        const std::string text(size, 'x');
        ASSERT_TRUE(outbox.push_item(make_framed_item(text), Priority::reliable));
        EXPECT_EQ(parse(std::string(outbox.lone_frame())), (std::vector<Frame>{{false, text}}));
        ASSERT_TRUE(outbox.push_item(make_framed_item("second"), Priority::reliable));
        EXPECT_TRUE(outbox.lone_frame().empty());
        EXPECT_EQ(parse(write_all(outbox)), (std::vector<Frame>{{false, text + "second"}}));
        EXPECT_EQ(outbox.bytes(), 0U);
    }
    Outbox without_header(100);
    ASSERT_TRUE(without_header.push_item(make_item("x"), Priority::reliable));
    EXPECT_TRUE(without_header.lone_frame().empty());
}

TEST(Outbox, LoneFrameThatIsCutGoesOnAsItWas) {
    for (std::size_t cut = 0; cut < 8; ++cut) {
        Outbox outbox(100);
        ASSERT_TRUE(outbox.push_item(make_framed_item("item"), Priority::reliable));
        std::string stream = write_some(outbox, cut);
        ASSERT_TRUE(outbox.push_item(make_framed_item("next"), Priority::reliable));
        stream += write_all(outbox);
        const auto frames = parse(stream);
        std::string payload;
        for (const Frame& frame : frames) payload += frame.bytes;
        EXPECT_EQ(payload, "itemnext") << cut;
        EXPECT_EQ(outbox.bytes(), 0U);
    }
}

TEST(Outbox, RawEntryKeepsItsPlaceBetweenFrames) {
    Outbox outbox(1000);
    ASSERT_TRUE(outbox.push_item(make_item("before"), Priority::reliable));
    outbox.push_raw(pong(3));
    ASSERT_TRUE(outbox.push_item(make_item("after"), Priority::reliable));
    EXPECT_EQ(parse(write_all(outbox)), (std::vector<Frame>{{false, "before"}, {true, pong(3)}, {false, "after"}}));
}

TEST(Outbox, PongGivesWayToALaterOneWhileNothingOfItIsWritten) {
    Outbox outbox(1000);
    outbox.push_pong(pong(3));
    ASSERT_TRUE(outbox.push_item(make_item("item"), Priority::reliable));
    for (int i = 0; i < 1000; ++i) outbox.push_pong(pong(5));
    EXPECT_EQ(outbox.bytes(), 4 + pong(5).size());
    EXPECT_EQ(outbox.capacity(), 2U);
    EXPECT_EQ(parse(write_all(outbox)), (std::vector<Frame>{{true, pong(5)}, {false, "item"}}));
    EXPECT_EQ(outbox.bytes(), 0U);
}

TEST(Outbox, PongBegunIsEndedBeforeTheNext) {
    Outbox outbox(1000);
    outbox.push_pong(pong(3));
    std::string stream = write_some(outbox, 1);
    outbox.push_pong(pong(5));
    outbox.push_pong(pong(7));
    stream += write_all(outbox);
    EXPECT_EQ(parse(stream), (std::vector<Frame>{{true, pong(3)}, {true, pong(7)}}));
}

TEST(Outbox, ItemPushedBehindABegunFrameGoesIntoTheNext) {
    Outbox outbox(1000);
    ASSERT_TRUE(outbox.push_item(make_item("first"), Priority::reliable));
    std::string stream = write_some(outbox, 1);  // half of the header
    ASSERT_TRUE(outbox.push_item(make_item("second"), Priority::reliable));
    stream += write_all(outbox);
    EXPECT_EQ(parse(stream), (std::vector<Frame>{{false, "first"}, {false, "second"}}));
}

TEST(Outbox, FrameIsSplitBetweenItemsAtItsLargestPayload) {
    Outbox outbox(1000, 10);
    for (const char* text : {"123456", "7890", "a", "a larger one than fits", "b"}) {
        ASSERT_TRUE(outbox.push_item(make_item(text), Priority::reliable));
    }
    EXPECT_EQ(
        parse(write_all(outbox)),
        (std::vector<Frame>{{false, "1234567890"}, {false, "a"}, {false, "a larger one than fits"}, {false, "b"}}));
}

TEST(Outbox, ReliableItemIsRefusedOverTheLimitOnly) {
    Outbox outbox(10);
    EXPECT_TRUE(outbox.push_item(make_item("123456"), Priority::reliable));
    EXPECT_FALSE(outbox.push_item(make_item("78901"), Priority::reliable));
    EXPECT_TRUE(outbox.push_item(make_item("7890"), Priority::reliable));
    EXPECT_FALSE(outbox.push_item(make_item("x"), Priority::reliable));
    EXPECT_EQ(outbox.bytes(), 10U);
}

TEST(Outbox, ItemOfWhichAPartIsWrittenCountsWhole) {
    Outbox outbox(10);
    ASSERT_TRUE(outbox.push_item(make_item("123456"), Priority::reliable));
    std::array<iovec, 4> out{};
    ASSERT_EQ(outbox.gather(out), 2U);
    outbox.consume(2 + 5);  // the header, too
    EXPECT_FALSE(outbox.push_item(make_item("78901"), Priority::reliable));
    EXPECT_TRUE(outbox.push_item(make_item("7890"), Priority::reliable));
    outbox.consume(1);
    EXPECT_TRUE(outbox.push_item(make_item("123456"), Priority::reliable));
}

TEST(Outbox, EphemeralItemIsRefusedOverAQuarter) {
    Outbox outbox(100);
    EXPECT_TRUE(outbox.push_item(make_item(std::string(25, 'e')), Priority::ephemeral));
    EXPECT_FALSE(outbox.push_item(make_item("e"), Priority::ephemeral));
    EXPECT_TRUE(outbox.push_item(make_item("r"), Priority::reliable));
}

TEST(Outbox, LastItemIsTakenByAFullOutbox) {
    Outbox outbox(4);
    ASSERT_TRUE(outbox.push_item(make_item("full"), Priority::reliable));
    outbox.push_last(make_item("last"));
    EXPECT_EQ(parse(write_all(outbox)), (std::vector<Frame>{{false, "fulllast"}}));
}

TEST(Outbox, EmptyOutboxHoldsLittleMemory) {
    Outbox outbox(1'000'000);
    EXPECT_EQ(outbox.capacity(), 2U);
    for (int i = 0; i < 1000; ++i) ASSERT_TRUE(outbox.push_item(make_item("x"), Priority::reliable));
    EXPECT_GE(outbox.capacity(), 1000U);
    write_all(outbox);
    EXPECT_LE(outbox.capacity(), 16U);
}

TEST(Outbox, WrittenItemIsLetGo) {
    Outbox outbox(100);
    const ItemRef item = make_item("shared");
    ASSERT_TRUE(outbox.push_item(item, Priority::reliable));
    EXPECT_EQ(item->use_count(), 2U);
    write_all(outbox);
    EXPECT_EQ(item->use_count(), 1U);
}

TEST(Outbox, ClearDropsABegunFrame) {
    Outbox outbox(100);
    ASSERT_TRUE(outbox.push_item(make_item("dropped"), Priority::reliable));
    write_some(outbox, 4);
    outbox.clear();
    EXPECT_EQ(outbox.bytes(), 0U);
    ASSERT_TRUE(outbox.push_item(make_item("kept"), Priority::reliable));
    EXPECT_EQ(parse(write_all(outbox)), (std::vector<Frame>{{false, "kept"}}));
}

// Whatever is pushed and however little the socket takes: whole frames, items in order, raw entries in their places.
TEST(Outbox, AnyPushesAndPartialWritesGiveWholeFramesInOrder) {
    ASSERT_TRUE(rc::check([] {
        const auto frame_payload = *rc::gen::inRange<std::size_t>(1, 300);
        Outbox outbox(*rc::gen::inRange<std::size_t>(50, 3000), frame_payload);
        std::string stream;
        std::vector<Frame> pushed;  // items one by one
        const auto steps = *rc::gen::inRange(1, 200);
        for (int step = 0; step < steps; ++step) {
            const auto what = *rc::gen::inRange(0, 10);
            if (what < 5) {
                const auto size = *rc::gen::inRange<std::size_t>(1, 200);
                const std::string text(size, static_cast<char>('a' + step % 26));
                const auto priority = what == 0 ? Priority::ephemeral : Priority::reliable;
                const std::size_t before = outbox.held();
                const auto item = *rc::gen::arbitrary<bool>() ? make_framed_item(text) : make_item(text);
                const bool taken = outbox.push_item(item, priority);
                RC_ASSERT(taken == (before + size <= outbox.limit() / (what == 0 ? 4 : 1)));
                if (taken) pushed.push_back({false, text});
            } else if (what < 6) {
                const std::string raw = pong(*rc::gen::inRange<std::size_t>(0, 126));
                outbox.push_raw(raw);
                pushed.push_back({true, raw});
            } else {
                const std::size_t before = outbox.bytes();
                const std::string written =
                    write_some(outbox, *rc::gen::inRange<std::size_t>(0, 400), *rc::gen::inRange<std::size_t>(2, 6));
                RC_ASSERT(outbox.bytes() + written.size() >= before);  // a frame's header may have been added
                stream += written;
            }
        }
        stream += write_all(outbox);
        RC_ASSERT(outbox.bytes() == 0U);

        // Each frame takes the next items, not more than fit, and nothing is left.
        std::size_t next = 0;
        for (const Frame& frame : parse(stream)) {
            std::string payload;
            std::size_t items = 0;
            while (next < pushed.size() && pushed[next].raw == frame.raw && payload.size() < frame.bytes.size()) {
                payload += pushed[next++].bytes;
                ++items;
            }
            RC_ASSERT(payload == frame.bytes);
            RC_ASSERT((items == 1 || (!frame.raw && payload.size() <= frame_payload)));
        }
        RC_ASSERT(next == pushed.size());
    }));
}

}  // namespace
}  // namespace foorumi::session
