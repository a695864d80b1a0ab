#include <gtest/gtest.h>

#include "client/chat_command.hpp"
#include "client/chat_room.hpp"
#include "client/entity_key.hpp"
#include "client/line_log.hpp"

namespace foorumi::client {
namespace {

using Kind = ChatCommand::Kind;

TEST(ChatCommand, EveryLineMeansSomething) {
    const std::vector<std::pair<std::string, ChatCommand>> table{
        {"", {Kind::nothing, 0, ""}},
        {"   \t", {Kind::nothing, 0, ""}},
        {" Hei kaikki ", {Kind::say, 0, "Hei kaikki"}},
        {"//etc", {Kind::say, 0, "/etc"}},
        {"/threads", {Kind::threads, 0, ""}},
        {"/open 12", {Kind::open, 12, ""}},
        {"/open #12", {Kind::open, 12, ""}},
        {"/start  Uusi ketju", {Kind::start, 0, "Uusi ketju"}},
        {"/start Otsikko | Eka viesti", {Kind::start, 0, "Otsikko", "Eka viesti"}},
        {"/start Otsikko|a | b", {Kind::start, 0, "Otsikko", "a | b"}},
        {"/start Otsikko |  ", {Kind::start, 0, "Otsikko"}},
        {"/start | teksti", {Kind::incomplete, 0, "/start"}},
        {"/reply 57 Hyvä  ajatus", {Kind::reply, 57, "Hyvä  ajatus"}},
        {"/react 57 👍", {Kind::react, 57, "👍"}},
        {"/unreact 57 👍", {Kind::unreact, 57, "👍"}},
        {"/edit 57 korjattu", {Kind::edit, 57, "korjattu"}},
        {"/delete 57", {Kind::remove, 57, ""}},
        {"/read", {Kind::read, 0, ""}},
        {"/who", {Kind::who, 0, ""}},
        {"/help", {Kind::help, 0, ""}},
        {"/quit", {Kind::quit, 0, ""}},
        {"/dance now", {Kind::unknown, 0, "/dance"}},
        {"/", {Kind::unknown, 0, "/"}},
        {"/open", {Kind::incomplete, 0, "/open"}},
        {"/open 0", {Kind::incomplete, 0, "/open"}},
        {"/open x", {Kind::incomplete, 0, "/open"}},
        {"/start", {Kind::incomplete, 0, "/start"}},
        {"/reply 57", {Kind::incomplete, 0, "/reply"}},
        {"/react 57  ", {Kind::incomplete, 0, "/react"}},
    };
    for (const auto& [line, command] : table) {
        const ChatCommand parsed = parse_chat_command(line);
        EXPECT_TRUE(parsed == command) << line << " -> " << static_cast<int>(parsed.kind) << ' ' << parsed.text;
    }
}

TEST(EntityKeys, AreTakenApart) {
    EXPECT_EQ(parse_entity_key("room").kind, "room");
    EXPECT_EQ(parse_entity_key("room").id(), 0U);
    EXPECT_EQ(parse_entity_key("message:57").id(), 57U);
    EXPECT_EQ(parse_entity_key("read:3:12").numbers, (std::vector<std::uint64_t>{3, 12}));
    EXPECT_EQ(parse_entity_key("x:y:1").numbers, (std::vector<std::uint64_t>{0, 1}));
    EXPECT_EQ(parse_id(""), std::nullopt);
    EXPECT_EQ(parse_id("01"), std::nullopt);
    EXPECT_EQ(parse_id("-1"), std::nullopt);
    EXPECT_EQ(parse_id("18446744073709551616"), std::nullopt);
}

foorumi::v1::Synced snapshot() {
    foorumi::v1::Synced synced;
    synced.mutable_room()->set_title("Huone");
    for (const auto& [id, activity] : {std::pair{3, 40}, {5, 90}, {7, 60}}) {
        auto& summary = *synced.mutable_threads()->add_threads();
        summary.mutable_thread()->set_key("thread:" + std::to_string(id));
        summary.mutable_thread()->mutable_thread()->set_title("ketju " + std::to_string(id));
        summary.set_last_activity(static_cast<std::uint64_t>(activity));
    }
    return synced;
}

foorumi::v1::Entity message(std::uint64_t id, std::uint64_t thread) {
    foorumi::v1::Entity entity;
    entity.set_key("message:" + std::to_string(id));
    entity.mutable_message()->set_thread(thread);
    return entity;
}

TEST(ChatRoom, TheLatestThreadFollowsTheMessages) {
    ChatRoom room;
    EXPECT_EQ(room.latest_thread(), 0U);
    room.on_snapshot(snapshot());
    EXPECT_EQ(room.title(), "Huone");
    EXPECT_EQ(room.latest_thread(), 5U);
    room.on_entity(message(91, 7));
    EXPECT_EQ(room.latest_thread(), 7U);
    room.on_entity(message(41, 3));
    EXPECT_EQ(room.latest_thread(), 7U) << "an edit of an old message is no activity";
    EXPECT_EQ(room.thread(7).title, "ketju 7");
}

TEST(ChatRoom, ATitleThatWasRemovedIsKnownToBeEmpty) {
    ChatRoom room;
    room.on_snapshot(snapshot());
    room.on_entity(message(92, 9));
    EXPECT_FALSE(room.thread(9).known) << "of a thread whose messages alone were seen";
    EXPECT_FALSE(room.thread(11).known);
    foorumi::v1::Entity removed;
    removed.set_key("thread:7");
    removed.mutable_thread();
    room.on_entity(removed);
    EXPECT_TRUE(room.thread(7).known);
    EXPECT_EQ(room.thread(7).title, "");
    EXPECT_TRUE(room.thread(5).known);
}

TEST(ChatRoom, PresenceIsKeptUpToDate) {
    ChatRoom room;
    foorumi::v1::Presence full;
    full.set_full(true);
    full.add_joined(1);
    full.add_joined(2);
    EXPECT_TRUE(room.on_presence(full).joined.empty()) << "who was there already did not come now";
    foorumi::v1::Presence moved;
    moved.add_joined(3);
    moved.add_joined(1);
    moved.add_left(2);
    moved.add_left(9);
    const auto movement = room.on_presence(moved);
    EXPECT_EQ(movement.joined, std::vector<std::uint64_t>{3});
    EXPECT_EQ(movement.left, std::vector<std::uint64_t>{2});
    EXPECT_EQ(room.present(), (std::set<std::uint64_t>{1, 3}));
}

TEST(ChatRoom, WhatWasSaidHereIsRecognisedOnce) {
    ChatRoom room;
    room.said(3, "hei");
    EXPECT_FALSE(room.take_said(5, "hei"));
    EXPECT_TRUE(room.take_said(3, "hei"));
    EXPECT_FALSE(room.take_said(3, "hei"));
}

TEST(ChatRoom, AMutedThreadIsKnown) {
    ChatRoom room;
    room.on_snapshot(snapshot());
    room.on_watch(5, foorumi::v1::Watch::LEVEL_MUTE);
    EXPECT_TRUE(room.thread(5).muted);
    room.on_watch(5, foorumi::v1::Watch::LEVEL_FOLLOW);
    EXPECT_FALSE(room.thread(5).muted);
}

TEST(LineLog, OutcomesAreToldInTheOrderOfTheLines) {
    LineLog log;
    log.posted(1, "a");
    log.posted(3, "b");
    log.posted(4, "c");
    EXPECT_TRUE(log.answered(3, {}).empty());
    const auto told = log.answered(1, {});
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(told[0].line, 1U);
    EXPECT_EQ(told[1].change_id, "b");
    ASSERT_EQ(log.open().size(), 1U);
    EXPECT_EQ(log.answered(4, {}).size(), 1U);
    EXPECT_TRUE(log.open().empty());
}

}  // namespace
}  // namespace foorumi::client
