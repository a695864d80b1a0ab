// Archived rooms: what the directory says, and what the room's channel tells of it.
#include "moderation_fixture.hpp"

namespace foorumi::forum::test {
namespace {

using testing::ElementsAre;

class Archived : public Moderating {
   protected:
    [[nodiscard]] Room told() const { return told_of(town, *town.room(Town::square)); }
    // What another node has done, and this one's directory does not know yet.
    void told_from_elsewhere(bool closed, Version as_of) {
        Room room{Town::strategy, "tori", "Tori", "", closed};
        room.as_of = as_of;
        channel.put("room", room);
    }
    // Calls f with whatever adds to a thread or changes it.
    template <class F>
    void each_addition(F f) {
        f(post()), f(StartThread{Town::square, "Toinen", "aihe"}), f(React{Town::square, thread, "👍"});
        f(EditMessage{Town::square, thread, "muutos"}), f(DeleteMessage{Town::square, thread});
    }
    const Refusal archived = refusal_of(ErrorCode::forbidden, "room_archived", "room");
};

TEST_F(Archived, ForumsTakeTheirRoomsWithThem) {
    town.forum_card(Town::strategy).archived = true;
    each_addition([&](const auto& command) { EXPECT_EQ(refused(author, command), archived); });
    each([&](const auto& command) { EXPECT_EQ(refused(moderator, command), archived); });
    EXPECT_FALSE(is_archived(town, *town.room(Town::officers))) << "of another forum";
    town.forum_card(Town::strategy).archived = false;
    EXPECT_TRUE(decided(author, post()));
}

TEST_F(Archived, RoomsAreReadOnlyForModeratorsToo) {
    archive();
    each_addition([&](const auto& command) { EXPECT_EQ(refused(author, command), archived); });
    EXPECT_EQ(refused(moderator, post()), archived);
    EXPECT_EQ(refused(Town::yllapito, post()), archived);
    EXPECT_TRUE(may_write(town, town.card(author), *town.room(Town::square), 0)) << "so that drafts are kept";
}

TEST_F(Archived, NothingLandsBehindWhatSubscribersAreTold) {
    town.room_card(Town::square).changed = 7;
    const auto before = decided(author, post());
    ASSERT_TRUE(before);
    told_from_elsewhere(true, 8);
    EXPECT_THAT(channel.stale(*before), ElementsAre("room"));
    each_addition([&](const auto& command) { EXPECT_EQ(refused(author, command), archived); });
}

TEST_F(Archived, WhatSubscribersAreToldMayBeBehind) {
    town.room_card(Town::square).changed = 7;
    told_from_elsewhere(true, 7);
    EXPECT_TRUE(decided(author, post())) << "restored";
    town.forum_card(Town::strategy).changed = 9;
    told_from_elsewhere(true, 8);
    EXPECT_TRUE(decided(author, post())) << "with its forum";
}

TEST_F(Archived, SubscribersAreToldWhyAndByWhichDirectory) {
    EXPECT_EQ(told(), (Room{Town::strategy, "tori", "Tori", "", false, "", 0}));
    auto& room = town.room_card(Town::square);
    auto& forum = town.forum_card(Town::strategy);
    room.changed = 5;
    forum.changed = 6;
    forum.archived = true;
    forum.archive_reason = "Kausi on ohi";
    EXPECT_EQ(told(), (Room{Town::strategy, "tori", "Tori", "", true, "Kausi on ohi", 6}));
    room.archived = true;
    room.archive_reason = "Hiljaista";
    room.changed = 8;
    EXPECT_EQ(told(), (Room{Town::strategy, "tori", "Tori", "", true, "Hiljaista", 8}));
    forum.archived = false;
    forum.changed = 9;
    EXPECT_EQ(told(), (Room{Town::strategy, "tori", "Tori", "", true, "Hiljaista", 9}));
}

TEST_F(Archived, PlacesAreArrangedByWhoModeratesThemAndForumsByAdministrators) {
    const auto arranges = [&](Id member, Id forum) { return may_arrange(town, town.card(member), forum, 0); };
    EXPECT_TRUE(arranges(Town::johtaja, Town::strategy));
    EXPECT_TRUE(arranges(Town::yllapito, Town::strategy));
    EXPECT_FALSE(arranges(Town::toinen, Town::strategy)) << "of another forum";
    EXPECT_FALSE(arranges(Town::aino, Town::strategy));
    EXPECT_FALSE(arranges(Town::yllapito, 999)) << "there is none";
    EXPECT_TRUE(arranges(Town::yllapito, 0));
    EXPECT_FALSE(arranges(Town::johtaja, 0));
}

}  // namespace
}  // namespace foorumi::forum::test
