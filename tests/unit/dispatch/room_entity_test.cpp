// What a room's channel is told of the room: always what the newest directory has, by whomever and however often it is
// told.
#include "dispatch/room_entity.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "codec/effects_codec.hpp"
#include "codec/entity_codec.hpp"
#include "dispatch/effects.hpp"
#include "dispatch/membership_job.hpp"
#include "foorumi/v1/protocol.pb.h"
#include "worker_fixture.hpp"

namespace foorumi::dispatch {
namespace {

using Directory = std::shared_ptr<const directory::Snapshot>;

forum::RoomCard card_of(std::string title) { return {0, 1, "tori", std::move(title), "", 1, {}}; }

Directory next_of(const Directory& directory, const std::string& key, const std::string& bytes) {
    const auto version = directory->version() + 1;
    const std::vector<directory::EntityChange> changes{{key, version, bytes}};
    return directory->with(changes, version);
}

// The room's channel, as far as it is told of the room.
struct RoomChannel {
    AskedStore store;
    FakeView view;
    std::size_t commits = 0;

    RoomChannel() { view.values["room"] = {}; }

    // By a node whose directory is this one.
    void told(const Directory& directory) {
        tell_room(store, 2, {}, [directory] { return directory; }, [](auto) {});
        store.decide(view);
        ASSERT_TRUE(store.decided);
        EXPECT_EQ(store.decided_on, directory->version());
        if (store.decided->puts.empty()) return;
        EXPECT_EQ(store.decided->expectations.front().version, view.values["room"].version);
        view.values["room"] = {++commits, store.decided->puts.front().value};
    }
    [[nodiscard]] forum::Room room() const {
        return std::get<forum::Room>(*codec::decode_value(view.values.at("room").bytes));
    }
};

TEST(RoomEntity, IsPutOnceForEachChange) {
    RoomChannel channel;
    auto directory = next_of(std::make_shared<directory::Snapshot>(), "forum:1", directory::encode(forum::ForumCard()));
    directory = next_of(directory, "room:2", directory::encode(card_of("Tori")));
    channel.told(directory);
    channel.told(directory);
    EXPECT_EQ(channel.commits, 1U);
    EXPECT_EQ(channel.room().title, "Tori");
    EXPECT_EQ(channel.room().as_of, 2U);
    forum::ForumCard archived;
    archived.archived = true;
    channel.told(next_of(directory, "forum:1", directory::encode(archived)));
    EXPECT_TRUE(channel.room().archived);
    EXPECT_EQ(channel.room().as_of, 3U);
}

TEST(RoomEntity, WhatADirectoryBehindSaysIsNotPut) {
    RoomChannel channel;
    const auto before = next_of(std::make_shared<directory::Snapshot>(), "room:2", directory::encode(card_of("Tori")));
    const auto after = next_of(before, "room:2", directory::encode(card_of("Tori")));
    channel.told(after);
    channel.told(before);
    EXPECT_EQ(channel.room().as_of, after->version()) << "also where it says the same";
    EXPECT_EQ(channel.commits, 1U);
}

TEST(RoomEntity, ARoomThatIsNotThereIsNotToldOf) {
    RoomChannel channel;
    channel.told(std::make_shared<directory::Snapshot>());
    EXPECT_EQ(channel.commits, 0U);
}

TEST(RoomEntity, WhatCannotBeReadIsPutAnew) {
    RoomChannel channel;
    channel.view.values["room"] = {5, "\xff"};
    channel.told(next_of(std::make_shared<directory::Snapshot>(), "room:2", directory::encode(card_of("Tori"))));
    EXPECT_EQ(channel.room().title, "Tori");
}

// Effects are applied by any node whose directory is as new as their commit, in any order, once at least.
RC_GTEST_PROP(RoomEntityOf, InTheEndTellsTheNewestDirectory, ()) {
    std::vector<Directory> directories{std::make_shared<directory::Snapshot>()};
    const auto titles = *rc::gen::nonEmpty(
        rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>("Tori", "Halli", "Sali")));
    for (const auto& title : titles)
        directories.push_back(next_of(directories.back(), "room:2", directory::encode(card_of(title))));
    std::vector<std::size_t> effects;  // each as often as it is applied
    for (std::size_t n = 1; n < directories.size(); ++n)
        effects.insert(effects.end(), *rc::gen::inRange<std::size_t>(1, 3), n);
    RoomChannel channel;
    while (!effects.empty()) {
        const auto pick = *rc::gen::inRange<std::size_t>(0, effects.size());
        const auto known = *rc::gen::inRange(effects[pick], directories.size());
        channel.told(directories[known]);
        effects.erase(effects.begin() + static_cast<std::ptrdiff_t>(pick));
    }
    const auto newest = directories.back();
    RC_ASSERT(channel.room() == forum::told_of(*newest, *newest->room(2)));
}

class PlacesHomeTest : public WorkerTest {
   protected:
    // What the store gets for it; the answers come into `answers`.
    store::Commit decided(MembershipCommand command) {
        auto job = own_job(std::move(command));
        job->done = [this](const ChangeResult& result) {
            answers.push_back(result.has_value() ? "ok" : result.error().reason);
        };
        worker.home().change_membership(job);
        FakeView view;
        view.values["fence"] = {};
        view.values["room:2"] = {1, directory::encode(card_of("Tori"))};
        store->decide(view, {9, false});
        return store->decided.value_or(store::Commit());
    }
    std::vector<std::string> answers;
};

TEST_F(PlacesHomeTest, AnArchivingBringsWhatFollowsItsFenceAndItsRecord) {
    const auto commit = decided(membership::ArchivePlace{0, square, true, "Hiljaista"});
    ASSERT_EQ(commit.puts.size(), 2U);
    EXPECT_EQ(commit.puts.front().key, "room:2");
    EXPECT_EQ(commit.puts.back().key, "fence");
    const auto effects = codec::decode_effects(commit.effects, 9);
    ASSERT_TRUE(effects);
    ASSERT_EQ(effects->size(), 1U);
    EXPECT_EQ(effects->front().room, square);
    EXPECT_EQ(effects->front().channel, "room:2");
    v1::AuditRecord record;
    ASSERT_TRUE(record.ParseFromString(commit.audit));
    EXPECT_EQ(record.act(), "archive_place");
    EXPECT_EQ(record.room(), square);
    EXPECT_EQ(record.reason_digest().size(), 32U);
    EXPECT_TRUE(answers.empty()) << "not before the fence stands";
    run();
    store->answer_fence();
    run();
    EXPECT_THAT(answers, testing::ElementsAre("ok"));
}

TEST_F(PlacesHomeTest, WhatIsSoAlreadyBringsNothing) {
    const auto commit = decided(membership::ArchivePlace{0, square, false, ""});
    EXPECT_TRUE(commit.puts.empty());
    EXPECT_EQ(commit.effects, "");
    EXPECT_EQ(commit.audit, "");
}

TEST_F(PlacesHomeTest, AnEffectOfARoomTellsItsChannel) {
    forum::Effect effect;
    effect.channel = "room:2";
    effect.room = square;
    apply_effect(*store, effect, {}, [this] { return shared.directory.current(); }, 0, [](auto) {});
    EXPECT_EQ(store->changes.back().request.channel, "room:2");
    EXPECT_TRUE(store->changes.back().request.from_feed);
    FakeView view;
    view.values["room"] = {};
    store->decide(view);
    ASSERT_EQ(store->decided->puts.size(), 1U);
    EXPECT_EQ(store->decided->puts.front().key, "room");
}

}  // namespace
}  // namespace foorumi::dispatch
