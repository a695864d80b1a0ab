#include "forum/access.hpp"

#include <gtest/gtest.h>

#include "town.hpp"

namespace foorumi::forum::test {
namespace {

class Access : public testing::Test {
   protected:
    bool reads(Id member, Id room) { return may_read(town, town.card(member), {ChannelKind::room, room}); }
    bool writes(Id member, Id room) { return may_write(town, town.card(member), *town.room(room)); }
    Town town;
};

TEST_F(Access, AnAudienceOfNobodyInParticularIsEverybody) {
    for (const Id member : {Town::aino, Town::virkamies, Town::johtaja, Town::yllapito, Town::toinen}) {
        EXPECT_TRUE(reads(member, Town::square)) << member;
        EXPECT_TRUE(writes(member, Town::square)) << member;
    }
}

TEST_F(Access, ARoomsAudienceNarrowsItsForums) {
    EXPECT_TRUE(reads(Town::aino, Town::councillors_only));
    EXPECT_FALSE(reads(Town::virkamies, Town::councillors_only));
    town.room_card(Town::officers).audience = Audience{{Role::councillor}, {}};
    EXPECT_FALSE(reads(Town::aino, Town::officers)) << "a room cannot widen its forum";
}

TEST_F(Access, AdministratorsReadNothingBeyondTheAudience) {
    EXPECT_FALSE(reads(Town::yllapito, Town::councillors_only));
    EXPECT_FALSE(may_read(town, town.card(Town::yllapito), {ChannelKind::moderation, Town::strategy}));
    EXPECT_FALSE(may_read(town, town.card(Town::yllapito), {ChannelKind::member, Town::aino}));
}

TEST_F(Access, ModeratorsReadAndWriteInTheirOwnForumsOnly) {
    EXPECT_TRUE(reads(Town::johtaja, Town::councillors_only));
    EXPECT_TRUE(writes(Town::johtaja, Town::councillors_only));
    EXPECT_TRUE(writes(Town::johtaja, Town::reading_room));
    EXPECT_FALSE(reads(Town::toinen, Town::councillors_only));
    EXPECT_FALSE(reads(Town::johtaja, Town::officers));
    EXPECT_TRUE(reads(Town::toinen, Town::officers));
}

TEST_F(Access, WhoMayReadNeedNotBeAllowedToWrite) {
    EXPECT_TRUE(reads(Town::aino, Town::reading_room));
    EXPECT_FALSE(writes(Town::aino, Town::reading_room));
    EXPECT_TRUE(writes(Town::virkamies, Town::reading_room));
}

TEST_F(Access, WritingNeedsReading) {
    town.room_card(Town::square).audience = Audience{{Role::councillor}, {Role::office_holder}};
    EXPECT_FALSE(writes(Town::virkamies, Town::square));
    EXPECT_FALSE(writes(Town::aino, Town::square));
}

TEST_F(Access, TheForumsWritersBoundTheRooms) {
    town.forum_card(Town::strategy).audience = Audience{{}, {Role::councillor}};
    EXPECT_TRUE(writes(Town::aino, Town::square));
    EXPECT_FALSE(writes(Town::virkamies, Town::square));
    EXPECT_FALSE(writes(Town::virkamies, Town::reading_room)) << "the room names them, the forum does not";
}

TEST_F(Access, ARoomThatDoesNotExistIsNotRead) {
    EXPECT_FALSE(reads(Town::johtaja, 999));
    town.room_card(Town::square).forum = 999;
    EXPECT_FALSE(reads(Town::johtaja, Town::square)) << "neither is one without a forum";
    EXPECT_FALSE(writes(Town::johtaja, Town::square));
}

TEST_F(Access, AMembersChannelIsTheMembersAlone) {
    EXPECT_TRUE(may_read(town, town.card(Town::aino), {ChannelKind::member, Town::aino}));
    EXPECT_FALSE(may_read(town, town.card(Town::johtaja), {ChannelKind::member, Town::aino}));
}

TEST_F(Access, AModerationChannelIsItsModeratorsAlone) {
    EXPECT_TRUE(may_read(town, town.card(Town::johtaja), {ChannelKind::moderation, Town::strategy}));
    EXPECT_FALSE(may_read(town, town.card(Town::toinen), {ChannelKind::moderation, Town::strategy}));
    EXPECT_FALSE(may_read(town, town.card(Town::aino), {ChannelKind::moderation, Town::strategy}));
    MemberCard ghost = town.card(Town::johtaja);
    ghost.moderates.push_back(999);
    EXPECT_FALSE(may_read(town, ghost, {ChannelKind::moderation, 999})) << "the forum does not exist";
}

TEST_F(Access, TheDirectoryIsNobodys) {
    for (const Id member : {Town::aino, Town::johtaja, Town::yllapito}) {
        EXPECT_FALSE(may_read(town, town.card(member), {ChannelKind::directory, 0}));
    }
}

TEST_F(Access, AForumIsSeenByItsReadersAndModerators) {
    EXPECT_TRUE(may_read_forum(town, town.card(Town::virkamies), *town.forum(Town::leadership)));
    EXPECT_TRUE(may_read_forum(town, town.card(Town::toinen), *town.forum(Town::leadership)));
    EXPECT_FALSE(may_read_forum(town, town.card(Town::aino), *town.forum(Town::leadership)));
}

TEST_F(Access, ABadgeTellsRolesAndMunicipality) {
    const Badge badge = badge_of(town.card(Town::biret));
    EXPECT_TRUE(badge.roles.has(Role::councillor));
    EXPECT_FALSE(badge.roles.has(Role::expert));
    EXPECT_EQ(badge.municipality, "890");
}

}  // namespace
}  // namespace foorumi::forum::test
