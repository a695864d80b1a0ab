// Beside hiredis' own functions, which make the same reply with an allocation for each element.
#include "store/reply_reader.hpp"

#include <gtest/gtest.h>
#include <hiredis/hiredis.h>
#include <rapidcheck/gtest.h>

#include <memory>
#include <string>

namespace foorumi::store {
namespace {

using ReaderStep = ReplyReader::Step;

std::string told(const Reply& reply) {
    if (reply.is_error()) return "error(" + std::string(reply.text()) + ")";
    if (reply.is_nil()) return "nil";
    if (!reply.is_array()) return "'" + std::string(reply.text()) + "'" + std::to_string(reply.number());
    std::string all = "[";
    for (std::size_t i = 0; i < reply.size(); ++i) all += told(reply[i]) + ",";
    return all + "]";
}

std::string told_by_hiredis(const std::string& bytes) {
    const std::unique_ptr<redisReader, decltype(&redisReaderFree)> reader(redisReaderCreate(), redisReaderFree);
    redisReaderFeed(reader.get(), bytes.data(), bytes.size());
    std::string all;
    for (;;) {
        void* raw = nullptr;
        if (redisReaderGetReply(reader.get(), &raw) != REDIS_OK) return all + "malformed";
        if (raw == nullptr) return all;
        const std::unique_ptr<void, decltype(&freeReplyObject)> owner(raw, freeReplyObject);
        all += told(Reply(static_cast<redisReply*>(raw))) + "\n";
    }
}

// Fed in pieces, the next one of which is no longer than `piece`.
std::string told_by_ours(const std::string& bytes, std::size_t piece) {
    ReplyReader reader;
    std::string all;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        reader.feed(bytes.data() + at, std::min(piece, bytes.size() - at));
        ReaderStep step = reader.next();
        for (; step == ReaderStep::reply; step = reader.next()) all += told(reader.reply()) + "\n";
        if (step == ReaderStep::malformed) return all + "malformed";
    }
    return all;
}

std::string any_reply(int depth) {
    const int kind = *rc::gen::inRange(0, depth > 0 ? 7 : 5);
    const auto word = *rc::gen::container<std::string>(rc::gen::inRange('a', 'z'));
    switch (kind) {
        case 0:
            return "+" + word + "\r\n";
        case 1:
            return "-" + word + "\r\n";
        case 2:
            return ":" + std::to_string(*rc::gen::arbitrary<std::int64_t>()) + "\r\n";
        case 3:
            return "$-1\r\n";
        case 4: {
            const auto text = *rc::gen::arbitrary<std::string>();
            return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
        }
        default: {
            const int count = *rc::gen::inRange(0, 5);
            std::string all = "*" + std::to_string(count) + "\r\n";
            for (int i = 0; i < count; ++i) all += any_reply(depth - 1);
            return all;
        }
    }
}

RC_GTEST_PROP(ReplyReaderTest, SaysWhatHiredisSays, ()) {
    std::string bytes;
    const int replies = *rc::gen::inRange(1, 6);
    for (int i = 0; i < replies; ++i) bytes += any_reply(4);
    const auto piece = *rc::gen::inRange<std::size_t>(1, 40);
    RC_ASSERT(told_by_ours(bytes, piece) == told_by_hiredis(bytes));
}

RC_GTEST_PROP(ReplyReaderTest, WhatIsNoReplyIsToldAsHiredisTellsIt, ()) {
    // Room is reserved for as many elements as are announced, and Redis is trusted with that: no digit is changed, and
    // no number made a count.
    std::string bytes = any_reply(3);
    const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
    RC_PRE((bytes[at] < '0' || bytes[at] > '9') && bytes[at] != ':');
    bytes[at] = *rc::gen::elementOf(std::string("+-:$*_ x\r\n"));
    RC_PRE(bytes.size() < 4000U);
    RC_ASSERT(told_by_ours(bytes, bytes.size()) == told_by_hiredis(bytes));
}

TEST(ReplyReaderTest, ALargeReplyAndThenASmallOne) {
    std::string bytes = "*2000\r\n";
    for (int i = 0; i < 2000; ++i) bytes += "$300\r\n" + std::string(300, static_cast<char>('a' + i % 26)) + "\r\n";
    bytes += ":7\r\n";
    EXPECT_EQ(told_by_ours(bytes, 32 * 1024), told_by_hiredis(bytes));
}

TEST(ReplyReaderTest, AReplyInPartsKeepsItsParts) {
    ReplyReader reader;
    const std::string first = "+before\r\n*2\r\n$5\r\nearly\r\n";
    reader.feed(first.data(), first.size());
    ASSERT_EQ(reader.next(), ReaderStep::reply);
    EXPECT_EQ(reader.reply().text(), "before");
    ASSERT_EQ(reader.next(), ReaderStep::nothing);
    ASSERT_EQ(reader.next(), ReaderStep::nothing);
    const std::string second = "$4\r\nlate\r\n";
    reader.feed(second.data(), second.size());
    ASSERT_EQ(reader.next(), ReaderStep::reply);
    EXPECT_EQ(reader.reply()[0].text(), "early");
    EXPECT_EQ(reader.reply()[1].text(), "late");
}

}  // namespace
}  // namespace foorumi::store
