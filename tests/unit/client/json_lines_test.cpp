#include "client/json_lines.hpp"

#include <gtest/gtest.h>

#include "client/change_id.hpp"

namespace foorumi::client {
namespace {

using testing::Test;

foorumi::v1::Entity message(std::uint64_t id, const std::string& text) {
    foorumi::v1::Entity entity;
    entity.set_key("message:" + std::to_string(id));
    entity.set_version(id);
    entity.mutable_message()->set_text(text);
    return entity;
}

TEST(JsonLines, AChangeHasItsFieldsEvenWhereTheyAreDefaults) {
    foorumi::v1::Change change;
    change.set_channel("room:1");
    change.set_version(1);
    EXPECT_EQ(to_json(change), R"({"channel":"room:1","previousVersion":"0","version":"1","entities":[]})");
}

TEST(JsonLines, TextsAreHarmlessAndOnOneLine) {
    const std::string line = to_json(message(5, "a\n\x1b]52;c;x\a\u202e\u2066\u009b\u200b\u2028ä\"\\"));
    for (const char c : line) EXPECT_GE(static_cast<unsigned char>(c), 0x20U) << line;
    EXPECT_NE(line.find(R"(a\n\u001b]52;c;x\u0007\u202e\u2066\u009b\u200b\u2028ä\"\\)"), std::string::npos) << line;
}

TEST(JsonLines, TheLargestVersionIsKept) {
    foorumi::v1::Committed committed;
    committed.set_channel("room:1");
    committed.set_version(UINT64_MAX);
    EXPECT_EQ(to_json(committed), R"({"channel":"room:1","version":"18446744073709551615","repeated":false})");
}

TEST(JsonLines, WhatWasMissedIsOneLineLikeAChange) {
    foorumi::v1::Synced synced;
    synced.set_channel("room:1");
    synced.set_since(4);
    synced.set_version(9);
    auto* entity = synced.add_entities();
    entity->set_key("message:9");
    entity->set_version(9);
    EXPECT_EQ(
        synced_line(synced),
        R"({"channel":"room:1","previousVersion":"4","version":"9","entities":[{"key":"message:9","version":"9"}],)"
        R"("epoch":"0","synced":true})");
}

TEST(JsonLines, AFirstSnapshotTellsWhereTheChangesBegin) {
    foorumi::v1::Synced synced;
    synced.set_channel("room:1");
    synced.set_version(9);
    *synced.add_entities() = message(8, "old");
    EXPECT_EQ(synced_line(synced),
              R"({"channel":"room:1","previousVersion":"9","version":"9","entities":[],"epoch":"0","synced":true})");
}

TEST(JsonLines, AResetTellsTheNewVersion) {
    foorumi::v1::Synced synced;
    synced.set_channel("room:1");
    synced.set_since(4);
    synced.set_version(9000);
    synced.set_reset(true);
    synced.set_since(7);
    synced.set_epoch(2);
    EXPECT_EQ(reset_line(synced), R"({"channel":"room:1","reset":true,"since":"7","version":"9000","epoch":"2"})");
}

TEST(JsonLines, AnEndedChannelTellsWhy) {
    foorumi::v1::Error error;
    error.set_code(foorumi::v1::Error::CODE_NOT_FOUND);
    error.set_reason("channel_not_found");
    EXPECT_EQ(
        ended_line("room:\"1\"\n", error),
        R"({"channel":"room:\"1\"\u000a","ended":true,"error":{"code":"CODE_NOT_FOUND","reason":"channel_not_found",)"
        R"("field":"","text":"","retryAfterMs":0}})");
}

TEST(JsonLines, APostedLineTellsItsNumberAndChange) {
    EXPECT_EQ(posted_line(3, std::string("\x01\xff", 2), "committed", R"({"version":"7"})"),
              R"({"line":3,"changeId":"01ff","committed":{"version":"7"}})");
}

TEST(ChangeId, IsSixteenBytesAndReadableBack) {
    const std::string id = new_change_id();
    EXPECT_EQ(id.size(), 16U);
    EXPECT_NE(id, new_change_id());
    EXPECT_EQ(change_id_from_hex(to_hex(id)), id);
    EXPECT_EQ(change_id_from_hex(to_hex(id).substr(1)), std::nullopt);
    EXPECT_EQ(change_id_from_hex(std::string(31, '0') + "g"), std::nullopt);
}

TEST(JsonLines, ASyncedIsCutAtAVersion) {
    foorumi::v1::Synced synced;
    synced.set_since(3);
    synced.set_version(9);
    for (const std::uint64_t version : {4, 6, 9}) {
        auto& entity = *synced.add_entities();
        entity.set_key("message:" + std::to_string(version));
        entity.set_version(version);
    }
    const auto part = up_to(synced, 6);
    EXPECT_EQ(part.version(), 6U);
    ASSERT_EQ(part.entities_size(), 2);
    EXPECT_EQ(part.entities(1).key(), "message:6");
    EXPECT_EQ(up_to(synced, 9).entities_size(), 3);
    EXPECT_EQ(up_to(synced, 20).version(), 9U);
    EXPECT_EQ(up_to(synced, 3).entities_size(), 0);
}

}  // namespace
}  // namespace foorumi::client
