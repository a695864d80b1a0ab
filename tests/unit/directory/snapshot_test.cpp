#include "directory/snapshot.hpp"

#include <gmock/gmock.h>

#include <thread>

#include "directory/codec.hpp"
#include "directory/holder.hpp"

namespace foorumi::directory {
namespace {

using forum::Role;

struct Change {
    std::string key;
    std::string bytes;
};

std::shared_ptr<const Snapshot> after(const Snapshot& before, const std::vector<Change>& changes) {
    std::vector<EntityChange> views;
    const auto version = before.version() + 1;
    for (const auto& change : changes) views.push_back({change.key, version, change.bytes});
    return before.with(views, version);
}

forum::MemberCard aino() {
    return {0, "aino.metsala", "Aino Metsälä", "297", {Role::councillor, Role::moderator}, {3}};
}

TEST(Snapshot, MemberIsFoundByIdHandleAndToken) {
    auto directory = after(*after({}, {{"member:1", encode(aino())}}), {{"token:abc", encode_token(1, 5)}});
    ASSERT_NE(directory->member(1), nullptr);
    EXPECT_EQ(directory->member(1)->name, "Aino Metsälä");
    EXPECT_EQ(directory->member(1)->roles, (forum::Roles{Role::councillor, Role::moderator}));
    EXPECT_EQ(directory->member_by_handle("aino.metsala"), directory->member(1));
    EXPECT_EQ(directory->member_by_token("abc"), directory->member(1));
    EXPECT_EQ(directory->member_by_token("abd"), nullptr);
    EXPECT_EQ(directory->version(), 2U);
}

TEST(Snapshot, RevokedTokenAndRemovedMemberOpenNothing) {
    auto directory = after({}, {{"member:1", encode(aino())}, {"token:abc", encode_token(1, 5)}});
    EXPECT_EQ(after(*directory, {{"token:abc", ""}})->member_by_token("abc"), nullptr);
    auto without = after(*directory, {{"member:1", ""}});
    EXPECT_EQ(without->member_by_token("abc"), nullptr);
    EXPECT_EQ(without->member_by_handle("aino.metsala"), nullptr);
    EXPECT_NE(directory->member_by_token("abc"), nullptr) << "a snapshot never changes";
}

TEST(Snapshot, NewHandleReplacesTheOld) {
    auto directory = after({}, {{"member:1", encode(aino())}});
    auto renamed = aino();
    renamed.handle = "aino.m";
    directory = after(*directory, {{"member:1", encode(renamed)}});
    EXPECT_EQ(directory->member_by_handle("aino.metsala"), nullptr);
    EXPECT_NE(directory->member_by_handle("aino.m"), nullptr);
}

TEST(Snapshot, ForumsAndRoomsComeInTheirOrder) {
    forum::ForumCard first{0, "b", "B", "", 1, {}};
    forum::ForumCard second{0, "a", "A", "", 2, {{Role::councillor}, {}}};
    forum::RoomCard room{0, 1, "huone", "Huone", "kuvaus", 0, forum::Audience{{}, {Role::expert}}};
    auto directory = after({}, {{"forum:2", encode(first)}, {"forum:1", encode(second)}, {"room:5", encode(room)}});
    ASSERT_EQ(directory->forums().size(), 2U);
    EXPECT_EQ(directory->forums().front()->slug, "b");
    EXPECT_EQ(directory->forum_by_slug("a")->audience.read, forum::Roles{Role::councillor});
    ASSERT_NE(directory->room_by_slug("huone"), nullptr);
    EXPECT_EQ(directory->room_by_slug("huone")->audience->write, forum::Roles{Role::expert});
}

TEST(Snapshot, EntityThatCannotBeReadLeavesTheRest) {
    auto directory = after({}, {{"member:1", encode(aino())}});
    directory = after(*directory, {{"member:1", "\xff\xff"}, {"marker:demo", encode_marker(1)}});
    EXPECT_NE(directory->member(1), nullptr);
    EXPECT_TRUE(directory->has_marker("demo"));
}

TEST(Snapshot, FenceIsTheVersionThatPutIt) {
    auto directory = after({}, {{"fence", encode_fence()}});
    EXPECT_EQ(directory->fence(), 1U);
    EXPECT_EQ(after(*directory, {{"marker:x", encode_marker(1)}})->fence(), 1U);
}

TEST(Holder, ViewsTakeWhatWasPublishedByAnotherThread) {
    Holder holder;
    View view(holder);
    EXPECT_FALSE(view.refresh());
    std::thread([&] { holder.publish(after({}, {{"member:1", encode(aino())}})); }).join();
    EXPECT_TRUE(view.refresh());
    EXPECT_NE(view.get().member(1), nullptr);
    EXPECT_FALSE(view.refresh());
}

}  // namespace
}  // namespace foorumi::directory
