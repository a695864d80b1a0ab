#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/arguments.hpp"

namespace foorumi::client {
namespace {

using testing::ElementsAre;

Parsed of_places(const std::vector<std::string>& words) {
    const Catalogue english("en");
    return parse_arguments(words, english);
}

Arguments good_places(const std::vector<std::string>& words) {
    const auto parsed = of_places(words);
    EXPECT_TRUE(parsed.arguments) << parsed.err;
    return parsed.arguments.value_or(Arguments());
}

TEST(PlaceArguments, ARoomIsCreatedInAForum) {
    const auto asked = good_places({"mod", "room", "create", "strategia", "sote", "Sote-uudistus", "--description",
                                    "Kuvaus", "--read", "councillor", "--change-id", std::string(32, 'a')});
    EXPECT_EQ(asked.verb, Verb::mod_room_create);
    EXPECT_EQ(asked.place.forum, "strategia");
    EXPECT_EQ(asked.place.slug, "sote");
    EXPECT_EQ(asked.place.title, "Sote-uudistus");
    EXPECT_EQ(asked.place.description, "Kuvaus");
    EXPECT_THAT(asked.admin.audience.read, ElementsAre("councillor"));
    EXPECT_EQ(asked.change_id.size(), 16U);
    EXPECT_EQ(good_places({"mod", "room", "create", "strategia", "sote", "Sote"}).admin.audience.given(), false);
    EXPECT_FALSE(of_places({"mod", "room", "create", "strategia", "sote"}).arguments);
    EXPECT_FALSE(of_places({"mod", "room", "create", "strategia", "sote", "Sote", "--read", "kuningas"}).arguments);
}

TEST(PlaceArguments, AForumIsCreatedForSomebody) {
    EXPECT_EQ(good_places({"admin", "forum", "create", "sote", "Sote", "--none"}).verb, Verb::admin_forum_create);
    EXPECT_FALSE(of_places({"admin", "forum", "create", "sote", "Sote"}).arguments) << "who reads it is said aloud";
    EXPECT_FALSE(of_places({"admin", "forum", "create", "sote", "Sote", "--none", "--read", "expert"}).arguments);
}

TEST(PlaceArguments, WhatIsNotGivenStays) {
    const auto room = good_places({"mod", "room", "describe", "tori", "--title", "Kauppatori", "--description", ""});
    EXPECT_EQ(room.verb, Verb::mod_room_describe);
    EXPECT_THAT(room.rooms, ElementsAre("tori"));
    EXPECT_EQ(room.place.slug, std::nullopt);
    EXPECT_EQ(room.place.description, "");
    EXPECT_EQ(good_places({"mod", "room", "rename", "tori", "Kauppatori"}).place.title, "Kauppatori");
    const auto forum = good_places({"admin", "forum", "rename", "strategia", "Suunta"});
    EXPECT_EQ(forum.verb, Verb::admin_forum_describe);
    EXPECT_EQ(forum.place.forum, "strategia");
    EXPECT_EQ(forum.place.title, "Suunta");
    EXPECT_FALSE(of_places({"mod", "room", "describe", "tori"}).arguments);
    EXPECT_FALSE(of_places({"admin", "forum", "describe", "strategia"}).arguments);
}

TEST(PlaceArguments, AnOrderNamesRoomsOfTheForum) {
    const auto rooms = good_places({"mod", "room", "order", "strategia", "toinen", "57", "muu/eka"});
    EXPECT_EQ(rooms.verb, Verb::mod_room_order);
    EXPECT_THAT(rooms.rooms, ElementsAre("strategia/toinen", "57", "muu/eka"));
    EXPECT_THAT(good_places({"admin", "forum", "order", "b", "a"}).place.forums, ElementsAre("b", "a"));
    EXPECT_FALSE(of_places({"mod", "room", "order", "strategia"}).arguments);
}

TEST(PlaceArguments, AnArchivingHasAReason) {
    const auto room = good_places({"mod", "room", "archive", "tori", "--reason", "Ohi", "--yes"});
    EXPECT_EQ(room.verb, Verb::mod_room_archive);
    EXPECT_EQ(room.moderation.reason, "Ohi");
    EXPECT_TRUE(room.moderation.yes);
    EXPECT_FALSE(of_places({"mod", "room", "archive", "tori"}).arguments);
    EXPECT_EQ(good_places({"mod", "room", "restore", "tori"}).verb, Verb::mod_room_restore);
    EXPECT_EQ(good_places({"admin", "forum", "archive", "strategia", "--reason", "Ohi"}).verb,
              Verb::admin_forum_archive);
    EXPECT_EQ(good_places({"admin", "forum", "restore", "strategia"}).verb, Verb::admin_forum_restore);
    EXPECT_FALSE(of_places({"mod", "room"}).arguments);
}

}  // namespace
}  // namespace foorumi::client
