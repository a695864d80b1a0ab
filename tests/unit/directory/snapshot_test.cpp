#include "directory/snapshot.hpp"

#include <gmock/gmock.h>

#include <optional>
#include <thread>
#include <utility>

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

std::string room(forum::Id forum, const std::string& slug, std::uint32_t position) {
    return encode(forum::RoomCard{0, forum, slug, slug, "", position, std::nullopt});
}

std::vector<std::string> slugs(const Snapshot& directory, forum::Id forum, forum::Id after = 0) {
    std::vector<std::string> found;
    EXPECT_TRUE(directory.each_room(forum, after == 0 ? nullptr : directory.room(after), [&](const auto& card) {
        found.push_back(card.slug);
        return true;
    }));
    return found;
}

TEST(Snapshot, RoomsOfAForumComeByPositionThenId) {
    auto directory = after({}, {{"room:9", room(1, "c", 0)},
                                {"room:4", room(1, "b", 0)},
                                {"room:5", room(2, "other", 0)},
                                {"room:2", room(1, "last", 7)}});
    EXPECT_EQ(slugs(*directory, 1), (std::vector<std::string>{"b", "c", "last"}));
    EXPECT_EQ(slugs(*directory, 1, 9), (std::vector<std::string>{"last"}));
    EXPECT_EQ(slugs(*directory, 1, 2), (std::vector<std::string>{}));
    EXPECT_EQ(slugs(*directory, 3), (std::vector<std::string>{}));
    EXPECT_FALSE(directory->each_room(1, nullptr, [](const auto&) { return false; }));
}

TEST(Snapshot, MovedAndRenamedRoomLeavesNothingBehind) {
    const auto before = after({}, {{"room:4", room(1, "a", 0)}, {"room:5", room(1, "b", 1)}});
    const auto moved = after(*before, {{"room:4", room(2, "x", 3)}});
    EXPECT_EQ(slugs(*moved, 1), (std::vector<std::string>{"b"}));
    EXPECT_EQ(slugs(*moved, 2), (std::vector<std::string>{"x"}));
    EXPECT_EQ(moved->room_by_slug("a"), nullptr);
    EXPECT_EQ(moved->room_by_slug("x"), moved->room(4));
    const auto gone = after(*moved, {{"room:4", ""}});
    EXPECT_EQ(gone->room_by_slug("x"), nullptr);
    EXPECT_EQ(gone->room(4), nullptr);
    EXPECT_TRUE(slugs(*gone, 2).empty());
    EXPECT_EQ(gone->rooms(), 1U);
    EXPECT_EQ(slugs(*before, 1), (std::vector<std::string>{"a", "b"})) << "a snapshot never changes";
    EXPECT_EQ(before->room_by_slug("a"), before->room(4));
}

TEST(Snapshot, OfSeveralRoomsWithOneSlugTheFirstIsFound) {
    auto directory = after({}, {{"room:9", room(1, "a", 0)}, {"room:4", room(1, "a", 1)}});
    EXPECT_EQ(directory->room_by_slug("a")->id, 4U);
    EXPECT_EQ(after(*directory, {{"room:4", ""}})->room_by_slug("a")->id, 9U);
}

TEST(Snapshot, IsTheSameOnAnotherThreadWhileOthersFollow) {
    auto directory = after({}, {{"forum:1", encode(forum::ForumCard{0, "f", "F", "", 0, {}})}});
    for (int n = 0; n < 500; ++n)
        directory = after(*directory, {{"room:" + std::to_string(n + 10), room(1, "r" + std::to_string(n), 0)}});
    const auto before = slugs(*directory, 1);
    std::thread reader([old = directory, &before] {
        for (int round = 0; round < 20; ++round) {
            EXPECT_EQ(slugs(*old, 1), before);
            EXPECT_EQ(old->room_by_slug("r7")->id, 17U);
            EXPECT_EQ(old->room(17)->slug, "r7");
        }
    });
    auto later = std::exchange(directory, nullptr);
    for (int n = 0; n < 500; ++n) {
        const auto key = "room:" + std::to_string(n + 10);
        later = after(*later, {{key, n % 2 == 0 ? "" : room(2, "s" + std::to_string(n), 1)}});
    }
    reader.join();
    EXPECT_TRUE(slugs(*later, 1).empty());
    EXPECT_EQ(slugs(*later, 2).size(), 250U);
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

TEST(Holder, AnotherDirectoryOfTheSameVersionIsTaken) {
    Holder holder;
    View view(holder);
    holder.publish(Snapshot().with({}, 5));
    EXPECT_TRUE(view.refresh());
    const auto before = view.generation();
    holder.doubt();
    EXPECT_EQ(holder.version(), 0u);
    EXPECT_FALSE(view.refresh()) << "there is no other yet";
    const auto another = Snapshot().with({}, 5);
    holder.replace(another);
    EXPECT_EQ(holder.version(), 5u);
    EXPECT_TRUE(view.refresh());
    EXPECT_EQ(view.shared(), another);
    EXPECT_NE(view.generation(), before);
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
