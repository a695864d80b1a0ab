#include "dispatch/effects.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "codec/effects_codec.hpp"
#include "codec/entity_codec.hpp"
#include "forum/keys.hpp"
#include "worker_fixture.hpp"

namespace foorumi::dispatch {
namespace {

TEST(ConsumedPositions, StayBeforeTheFirstEffectThatIsOpen) {
    ConsumedPositions positions;
    positions.begin(1, 0);
    positions.begin(2, 2);
    positions.begin(3, 1);
    positions.begin(4, 0);
    EXPECT_EQ(positions.consumed(), 1U);
    positions.end(3);
    EXPECT_EQ(positions.consumed(), 1U);
    positions.end(2);
    EXPECT_EQ(positions.consumed(), 1U);
    positions.end(2);
    EXPECT_EQ(positions.consumed(), 4U);
}

RC_GTEST_PROP(ConsumedPositions, NeverPassAnOpenEffectAndReachTheEnd, ()) {
    ConsumedPositions positions;
    const auto effects = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 4));
    std::vector<std::uint64_t> open;
    for (std::size_t n = 0; n < effects.size(); ++n) {
        positions.begin(n + 1, effects[n]);
        open.insert(open.end(), effects[n], n + 1);
    }
    std::uint64_t before = positions.consumed();
    while (!open.empty()) {
        const auto pick = *rc::gen::inRange<std::size_t>(0, open.size());
        positions.end(open[pick]);
        open.erase(open.begin() + static_cast<std::ptrdiff_t>(pick));
        RC_ASSERT(positions.consumed() >= before);
        before = positions.consumed();
        for (auto position : open) RC_ASSERT(before < position);
    }
    RC_ASSERT(positions.consumed() == effects.size());
}

TEST(EffectId, IsTheSameForTheSameEffectAndNoOther) {
    EXPECT_EQ(effect_id("room:1", 5, 0), effect_id("room:1", 5, 0));
    EXPECT_NE(effect_id("room:1", 5, 0), effect_id("room:1", 5, 1));
    EXPECT_NE(effect_id("room:1", 5, 0), effect_id("room:1", 6, 0));
    EXPECT_NE(effect_id("room:1", 5, 0), effect_id("room:2", 5, 0));
}

TEST(EffectsConsumer, PositionIsConsumedOnlyWhenItsEffectsAreApplied) {
    std::vector<std::function<void()>> waiting;
    std::vector<std::uint64_t> consumed;
    EffectsConsumer consumer([&](const forum::Effect&, const store::ChangeId&,
                                 std::function<void()> done) { waiting.push_back(std::move(done)); },
                             [&](std::uint16_t, std::uint64_t position) { consumed.push_back(position); });
    store::Released released;
    released.channel = "room:1";
    released.version = 3;
    released.position = 10;
    const forum::Effect effect{"member:5", "inbox:1:@", forum::InboxEntry{}, "inbox"};
    released.effects = codec::encode_effects({effect});
    consumer.released(released);
    ASSERT_EQ(waiting.size(), 1U);
    EXPECT_TRUE(consumed.empty());
    released.position = 11;
    released.effects.clear();
    consumer.released(released);
    EXPECT_THAT(consumed, testing::ElementsAre(9));
    waiting.front()();
    EXPECT_EQ(consumed.back(), 11U);
}

TEST(EffectsConsumer, TellsWhenAllOfBeforeIsApplied) {
    std::vector<std::function<void()>> waiting;
    EffectsConsumer consumer([&](const forum::Effect&, const store::ChangeId&,
                                 std::function<void()> done) { waiting.push_back(std::move(done)); },
                             [](std::uint16_t, std::uint64_t) {});
    std::vector<std::string> told;
    const auto ask = [&](const std::string& name) {
        consumer.when_consumed(0, [&told, name](bool done) { told.push_back(name + (done ? " done" : " unknown")); });
    };
    ask("nothing");
    EXPECT_THAT(told, testing::ElementsAre("nothing done"));
    store::Released released;
    released.channel = "room:1";
    released.version = 3;
    released.position = 10;
    released.effects = codec::encode_effects({{"member:5", "inbox:1:@", forum::InboxEntry{}, "inbox"}});
    consumer.released(released);
    ask("first");
    released.position = 11;
    consumer.released(released);
    ask("second");
    waiting[1]();
    EXPECT_EQ(told.size(), 1U) << "what comes before it is open";
    waiting[0]();
    EXPECT_THAT(told, testing::ElementsAre("nothing done", "first done", "second done"));
    released.position = 12;
    consumer.released(released);
    ask("third");
    consumer.start_over(0);
    EXPECT_EQ(told.back(), "third unknown");
}

class ApplyEffectTest : public WorkerTest {
   protected:
    // What is committed, decided after `meanwhile`.
    std::optional<store::Commit> applied(forum::Id room, forum::Id member, const std::function<void()>& meanwhile) {
        const forum::InboxEntry entry{forum::InboxKind::mention, room, 6, 7, aino, 1, false};
        const forum::Effect effect{forum::member_channel(member), forum::inbox_key(room, 7), entry, "inbox"};
        apply_effect(*store, effect, {}, [this] { return shared.directory.current(); }, 0, [](auto) {});
        meanwhile();
        FakeView view;
        view.strict = false;
        store::Version decided_on = 0;
        auto commit = store->changes.back().decide(view, decided_on);
        EXPECT_EQ(decided_on, shared.directory.version());
        return commit;
    }
};

TEST_F(ApplyEffectTest, EntryComesToTheInboxOfWhoMayReadTheRoom) {
    const auto commit = applied(cabinet, aino, [] {});
    ASSERT_TRUE(commit);
    ASSERT_EQ(commit->puts.size(), 1U);
    EXPECT_EQ(commit->puts.front().key, "inbox:3:7");
    EXPECT_EQ(commit->indexes.size(), 1U);
}

TEST_F(ApplyEffectTest, AMutedThreadHidesMentionsAndNotWhatModeratorsDid) {
    const auto needs = [&](forum::InboxKind kind) {
        const forum::InboxEntry entry{kind, square, 6, 7, 0, 1, false};
        const forum::Effect effect{forum::member_channel(aino), "inbox:2:7:9", entry, "inbox"};
        apply_effect(*store, effect, {}, [this] { return shared.directory.current(); }, 0, [](auto) {});
        return store->changes.back().request.needs;
    };
    EXPECT_THAT(needs(forum::InboxKind::mention), testing::Contains(forum::watch_key(square, 6)));
    EXPECT_THAT(needs(forum::InboxKind::removed), testing::Not(testing::Contains(forum::watch_key(square, 6))));
}

// Of the forum they are shut out from nothing comes; that they are, does.
TEST_F(ApplyEffectTest, OfWhoIsSuspendedOnlyTheSanctionComesToTheInbox) {
    v1::DirectoryEntity entity;
    auto& record = *entity.mutable_sanctions()->add_records();
    record.set_number(1);
    record.set_kind(v1::SANCTION_KIND_SUSPEND);
    record.set_forum(theme);
    record.set_until_ms(1);
    write({{"sanctions:4", entity.SerializeAsString()}});
    EXPECT_TRUE(applied(cabinet, aino, [] {})->puts.empty());
    forum::InboxEntry entry{forum::InboxKind::sanctioned, 0, 0, 0, 0, 1, false, "Asiatonta", 0, forum::Sanctioned{1}};
    apply_effect(
        *store, {forum::member_channel(aino), "inbox:0:1:1", entry, "inbox"}, {},
        [this] { return shared.directory.current(); }, 0, [](auto) {});
    FakeView view;
    view.strict = false;
    store::Version decided_on = 0;
    EXPECT_EQ(store->changes.back().decide(view, decided_on)->puts.front().key, "inbox:0:1:1");
}

TEST_F(ApplyEffectTest, WhatIsOfNoRoomComesToWhoIsThere) {
    const auto told = [&](forum::Id member) {
        forum::InboxEntry entry;
        entry.kind = forum::InboxKind::report_resolved;
        entry.member = aino;
        const forum::Effect effect{forum::member_channel(member), "inbox:0:0:9", entry, "inbox"};
        apply_effect(*store, effect, {}, [this] { return shared.directory.current(); }, 0, [](auto) {});
        FakeView view;
        view.strict = false;
        store::Version decided_on = 0;
        return store->changes.back().decide(view, decided_on)->puts.size();
    };
    EXPECT_EQ(told(officer), 1U);
    EXPECT_EQ(told(99), 0U);
}

class PurgingEffectTest : public WorkerTest {
   protected:
    store::Commit applied() {
        forum::EarlierText mark;
        mark.purged = true;
        const forum::Effect effect{
            "moderation:1", "purged:2:7:1", mark, "purges", {"earlier:2:7:1", "earlier:2:7:2", "removed:2:7:1"}};
        apply_effect(*store, effect, {}, [this] { return shared.directory.current(); }, 0, [](auto) {});
        store::Version decided_on = 0;
        return *store->changes.back().decide(view, decided_on);
    }
    static std::vector<std::string> puts(const store::Commit& commit) {
        std::vector<std::string> keys;
        for (const auto& put : commit.puts) keys.push_back(put.key + (put.value.empty() ? "" : " is there"));
        return keys;
    }
    FakeView view;
};

TEST_F(PurgingEffectTest, EmptiesWhatIsThereAndWhatMayStillCome) {
    view.values = {
        {"purged:2:7:1", {}}, {"earlier:2:7:1", {5, "text"}}, {"earlier:2:7:2", {6, ""}}, {"removed:2:7:1", {}}};
    const auto commit = applied();
    EXPECT_THAT(puts(commit), testing::ElementsAre("purged:2:7:1 is there", "earlier:2:7:1", "removed:2:7:1"));
    std::vector<std::pair<std::string, store::Version>> expected;
    for (const auto& one : commit.expectations) expected.emplace_back(one.key, one.version);
    EXPECT_THAT(expected, testing::ElementsAre(testing::Pair("purged:2:7:1", 0), testing::Pair("earlier:2:7:1", 5),
                                               testing::Pair("removed:2:7:1", 0)));
    ASSERT_EQ(commit.indexes.size(), 3U);
    EXPECT_EQ(commit.indexes[0].index, "purges");
    EXPECT_TRUE(commit.indexes[1].remove && commit.indexes[2].remove);
}

TEST_F(PurgingEffectTest, TextsGoAlsoWhereAnEarlierReleaseHasPutTheMark) {
    view.values = {{"purged:2:7:1", {9, "mark"}},
                   {"earlier:2:7:1", {5, "text"}},
                   {"earlier:2:7:2", {6, ""}},
                   {"removed:2:7:1", {}}};
    const auto commit = applied();
    EXPECT_THAT(puts(commit), testing::ElementsAre("earlier:2:7:1", "removed:2:7:1"));
    ASSERT_EQ(commit.indexes.size(), 2U);
    EXPECT_TRUE(commit.indexes[0].remove && commit.indexes[1].remove);
}

TEST_F(PurgingEffectTest, DoneOnceItIsNotDoneAgain) {
    view.values = {{"purged:2:7:1", {9, "mark"}},
                   {"earlier:2:7:1", {9, ""}},
                   {"earlier:2:7:2", {6, ""}},
                   {"removed:2:7:1", {9, ""}}};
    EXPECT_TRUE(applied().puts.empty());
    view.values["purged:2:7:1"] = {10, ""};
    EXPECT_TRUE(applied().puts.empty()) << "nor when the mark's retention is over";
}

// The order of effects is not that of their commits.
TEST_F(PurgingEffectTest, ATextThatComesLaterIsNotPut) {
    view.values = {{"removed:2:7:1", {9, ""}}};
    const forum::Effect effect{"moderation:1", "removed:2:7:1", forum::EarlierText{}, "earlier"};
    apply_effect(*store, effect, {}, [this] { return shared.directory.current(); }, 0, [](auto) {});
    store::Version decided_on = 0;
    EXPECT_TRUE(store->changes.back().decide(view, decided_on)->puts.empty());
}

TEST_F(ApplyEffectTest, NothingComesToWhoHasLostTheRoomMeanwhile) {
    const auto commit =
        applied(cabinet, aino, [this] { write({{"room:3", cabinet_of({forum::Role::office_holder})}}); });
    ASSERT_TRUE(commit) << "done, with nothing to do";
    EXPECT_TRUE(commit->puts.empty());
}

TEST_F(ApplyEffectTest, NothingComesToWhoIsGone) {
    const auto commit = applied(square, officer, [this] { write({{"member:5", ""}}); });
    ASSERT_TRUE(commit);
    EXPECT_TRUE(commit->puts.empty());
}

}  // namespace
}  // namespace foorumi::dispatch
