#include "forum/retention_rules.hpp"

#include "forum/moves.hpp"
#include "forum/records.hpp"
#include "moderation_fixture.hpp"

namespace foorumi::forum::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class Expiring : public Moderating {
   protected:
    static constexpr Millis day = 24LL * 3600 * 1000;

    Id first = run(other, post("Ensimmäinen, @biret-ahkku"));
    Id second = run(other, post("Toinen"));

    Expiring() { town.room_card(Town::square).retention_days = 30; }

    [[nodiscard]] Expiry rules() const { return {town, Town::square, now, 7 * day}; }
    // As the dispatcher does it; how much was written.
    std::size_t expire(const std::vector<Id>& ids) {
        const auto needs = Expiry::needs_to_expire(thread, ids);
        const auto decision = rules().expire(thread, ids, NeedsView(channel.entities(), needs));
        channel.apply(decision);
        effects = decision.effects;
        return decision.writes.size();
    }
    std::size_t close() { return close(it().expired_to); }
    std::size_t close(Id behind) {
        const auto decision =
            rules().close(thread, behind, NeedsView(channel.entities(), Expiry::needs_to_close(thread)));
        channel.apply(decision);
        return decision.writes.size();
    }
    std::size_t reopen() { return reopen(it().expired_to); }
    std::size_t reopen(Id behind) {
        const auto decision =
            rules().reopen(thread, behind, NeedsView(channel.entities(), Expiry::needs_to_close(thread)));
        channel.apply(decision);
        return decision.writes.size();
    }
    [[nodiscard]] std::vector<Id> all() const { return {thread, first, second}; }
    [[nodiscard]] std::vector<std::string> taken() const {
        std::vector<std::string> keys;
        for (const auto& effect : effects) keys.insert(keys.end(), effect.takes.begin(), effect.takes.end());
        return keys;
    }
};

TEST_F(Expiring, NothingGoesBeforeItsTime) {
    now += 30 * day;
    EXPECT_EQ(expire(all()), 0U) << "as old as the retention, to the millisecond";
    now += 1;
    EXPECT_GT(expire(all()), 0U);
}

TEST_F(Expiring, LeavesATombstoneOfNothingButWhoseItWas) {
    run(moderator, MarkSecrecy{Town::square, first, true, "Peruste"});
    run(Town::aino, React{Town::square, first, "👍", false});
    const Message before = message(first);
    now += 31 * day;
    expire(all());
    Message expected = before;
    expected.text.clear();
    expected.mentions.clear();
    expected.secrecy.reset();
    expected.deleted = now;
    expected.expired_days = 30;
    EXPECT_EQ(message(first), expected);
    EXPECT_EQ(channel.find<Reactions>(reactions_key(first)), nullptr);
    EXPECT_EQ(it().expired_to, second);
    EXPECT_EQ(it().title, "Lähijunien vuorovälit") << "as long as it may be posted to";
}

TEST_F(Expiring, TakesWhatModeratorsKeepOfItAndTellsThem) {
    run(other, EditMessage{Town::square, first, "Muutettu"});
    run(moderator, RemoveMessage{Town::square, second, "Asiatonta"});
    now += 31 * day;
    expire(all());
    EXPECT_THAT(taken(), testing::UnorderedElementsAre(earlier_key(Town::square, first, 1),
                                                       removed_key(Town::square, second, 1)));
    ASSERT_THAT(effects, SizeIs(1));
    EXPECT_EQ(effects.front().index, purges_index) << "it leaves Redis' feeds and file, too";
    const auto& mark = std::get<EarlierText>(effects.front().value);
    EXPECT_EQ(std::tuple(mark.room, mark.thread, mark.message, mark.purged, mark.text, mark.keep_until),
              std::tuple(Town::square, thread, Id{0}, true, "", now + 7 * day));
    EXPECT_EQ(message(second).purged, now) << "nobody restores it";
    EXPECT_EQ(message(second).reason, "");
}

TEST_F(Expiring, TakesManyTextsInPieces) {
    limits.edits = 1000;
    for (int n = 0; n < 501; ++n) run(other, EditMessage{Town::square, first, std::to_string(n)});
    now += 31 * day;
    expire(all());
    ASSERT_THAT(effects, SizeIs(2));
    EXPECT_THAT(effects[0].takes, SizeIs(500));
    EXPECT_THAT(effects[1].takes, SizeIs(1));
    EXPECT_NE(effects[0].key, effects[1].key);
}

TEST_F(Expiring, GoesUpToTheFirstThatIsYoungEnough) {
    now += 31 * day;
    const Id young = run(other, post("Uusi"));
    expire({thread, first, second, young});
    EXPECT_EQ(message(young).text, "Uusi");
    EXPECT_EQ(it().expired_to, second);
}

TEST_F(Expiring, IsDoneOnceWhoeverDoesIt) {
    now += 31 * day;
    expire({thread, first});
    const Message once = message(first);
    now += 1000;
    EXPECT_EQ(expire({thread, first}), 0U);
    EXPECT_EQ(message(first), once);
    // Another node that is behind looks at all of them.
    expire(all());
    EXPECT_EQ(message(first), once);
    EXPECT_NE(message(second).expired_days, 0U);
    EXPECT_EQ(expire(all()), 0U);
}

TEST_F(Expiring, WaitsWhileALegalHoldStands) {
    now += 31 * day;
    auto& holds = town.room_card(Town::square).holds;
    for (const Id held : {Id{0}, thread}) {
        holds = {held};
        EXPECT_EQ(expire(all()), 0U);
        EXPECT_EQ(close(), 0U);
    }
    holds = {thread + 1};
    EXPECT_GT(expire(all()), 0U) << "that of another thread is none of this";
}

TEST_F(Expiring, IsNothingWithoutARetentionOrWhileTheThreadIsOnItsWay) {
    now += 31 * day;
    town.room_card(Town::square).retention_days = 0;
    EXPECT_EQ(expire(all()), 0U);
    town.room_card(Town::square).retention_days = 30;
    auto moving = it();
    moving.moving = now;
    channel.put(thread_key(thread), moving);
    EXPECT_EQ(expire(all()), 0U);
    EXPECT_EQ(close(), 0U);
}

TEST_F(Expiring, OfAThreadOfWhichNothingIsLeftTheTitleGoesBehindALock) {
    run(moderator, pinning());
    run(moderator, tagging({"junat"}));
    now += 31 * day;
    expire(all());
    EXPECT_EQ(close(), 1U);
    EXPECT_TRUE(is_closed_by_age(it()));
    EXPECT_EQ(it().title, "Lähijunien vuorovälit") << "a post may have come before the lock";
    EXPECT_EQ(refused(other, post()), locked);
    EXPECT_GT(close(), 0U);
    EXPECT_EQ(std::tuple(it().title, it().tags.size(), it().pin.has_value()), std::tuple("", 0U, false));
    EXPECT_THAT(pinned(), IsEmpty());
    EXPECT_EQ(close(), 0U) << "done";
}

TEST_F(Expiring, AThreadThatSomebodyHasPostedToBeforeTheLockIsOpenedAgain) {
    now += 31 * day;
    expire(all());
    run(other, post("Vielä yksi"));
    close();
    ASSERT_TRUE(is_closed_by_age(it()));
    EXPECT_EQ(reopen(), 1U);
    EXPECT_FALSE(it().locked);
    EXPECT_EQ(reopen(), 0U);
    run(moderator, locking());
    EXPECT_EQ(reopen(), 0U) << "the moderators' lock is theirs";
}

TEST_F(Expiring, AThreadThatNothingHasExpiredOfIsNotClosed) {
    EXPECT_EQ(close(), 0U);
    EXPECT_FALSE(it().locked);
}

// What was looked for behind another place may be there.
TEST_F(Expiring, WhatWasLookedAtBehindAnotherPlaceClosesNothing) {
    now += 31 * day;
    expire({thread, first});
    EXPECT_EQ(close(second), 0U);
    EXPECT_EQ(close(thread), 0U);
    EXPECT_FALSE(it().locked);
    EXPECT_EQ(close(first), 1U);
    EXPECT_EQ(close(second), 0U) << "nor does it end";
    EXPECT_NE(it().title, "");
    EXPECT_EQ(reopen(second), 0U);
    EXPECT_EQ(reopen(first), 1U);
}

// --- what a hold forbids

class UnderAHold : public Moderating {
   protected:
    Id id = run(other, post("Todiste"));
    void hold(Id place) { town.room_card(Town::square).holds = {place}; }
    const Refusal held_here = refusal_of(ErrorCode::forbidden, "place_held", "thread");
};

TEST_F(UnderAHold, NothingIsPurgedAndEverythingElseGoesOn) {
    for (const Id place : {Id{0}, thread}) {
        hold(place);
        const Id mine = run(other, post("Todiste"));
        run(moderator, RemoveMessage{Town::square, mine, "Asiatonta"});
        EXPECT_EQ(refused(moderator, PurgeMessage{Town::square, mine, "Pois"}),
                  refusal_of(ErrorCode::forbidden, "place_held", "message"));
        town.room_card(Town::square).holds.clear();
        run(moderator, PurgeMessage{Town::square, mine, "Pois"});
    }
    hold(0);
    run(other, EditMessage{Town::square, id, "Muutettu"});
    EXPECT_EQ(std::get<EarlierText>(effects.front().value).text, "Todiste") << "kept for the moderators";
    run(other, DeleteMessage{Town::square, id});
    EXPECT_EQ(std::get<EarlierText>(effects.front().value).text, "Muutettu");
}

TEST_F(UnderAHold, NothingLeavesTheHeldPlace) {
    const Id elsewhere = another_thread();
    const MoveThread move{Town::square, thread, Town::councillors_only, true};
    const SplitThread split{Town::square, thread, {id}, "Toinen", 2};
    const MergeThreads merge{Town::square, thread, elsewhere};
    town.room_card(Town::councillors_only).audience.reset();
    hold(thread);
    EXPECT_EQ(refused(moderator, move), held_here);
    EXPECT_EQ(refused(moderator, split), held_here);
    EXPECT_EQ(refused(moderator, merge), held_here);
    run(moderator, MergeThreads{Town::square, elsewhere, thread});
    hold(0);
    EXPECT_EQ(refused(moderator, MoveThread{Town::square, another_thread(), Town::councillors_only, true}), held_here);
    town.room_card(Town::square).holds.clear();
}

TEST_F(UnderAHold, WithinAHeldRoomThreadsAreSplitAndMerged) {
    hold(0);
    run(moderator, SplitThread{Town::square, thread, {id}, "Toinen", 2});
    EXPECT_NE(it().moving, 0);
}

// When the room's is lifted, the thread's would stand where nothing is any more.
TEST_F(UnderAHold, AThreadWithAHoldOfItsOwnStaysWholeInAHeldRoomToo) {
    const Id elsewhere = another_thread();
    const SplitThread split{Town::square, thread, {id}, "Toinen", 2};
    for (const auto& holds : {std::vector<Id>{0, thread}, {thread}, {0, thread, elsewhere}}) {
        town.room_card(Town::square).holds = holds;
        EXPECT_EQ(refused(moderator, split), held_here);
        EXPECT_EQ(refused(moderator, MergeThreads{Town::square, thread, elsewhere}), held_here);
    }
    town.room_card(Town::square).holds = {0, thread};
    run(moderator, MergeThreads{Town::square, elsewhere, thread});
}

}  // namespace
}  // namespace foorumi::forum::test
