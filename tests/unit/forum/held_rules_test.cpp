// Messages that wait to be approved: `channel` is the room in some tests, the forum's moderation channel in others.
#include "forum/erasure_rules.hpp"
#include "forum/held.hpp"
#include "rules_fixture.hpp"

namespace foorumi::forum::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

HeldMessage held_message(std::uint64_t number, Id author = Town::veikko, Id thread = 12) {
    HeldMessage held;
    held.number = number;
    held.room = Town::square;
    held.thread = thread;
    held.text = "mainos @biret-ahkku";
    held.author = author;
    held.created = 1'000;
    held.filters = {"mainos"};
    return held;
}

class Held : public RulesTest {
   protected:
    Held() {
        limits.held_per_member = 2;
        limits.held_per_forum = 3;
    }
    Result<Decision> holding(const HeldMessage& held) {
        return decide_hold(actor(held.author), held, NeedsView(channel.entities(), needs_to_hold(held)));
    }
    void hold(const HeldMessage& held) {
        const auto decision = holding(held);
        ASSERT_TRUE(decision);
        channel.apply(*decision);
    }
    void give_back(const HeldMessage& held, Version approval) {
        channel.apply(decide_return(held, approval, NeedsView(channel.entities(), needs_to_return(held))));
    }
    [[nodiscard]] std::size_t waiting() const { return channel.index(std::string(held_index)).size(); }
    [[nodiscard]] std::uint32_t counted(std::string_view key) const {
        const auto* book = channel.find<PostBook>(key);
        return book == nullptr ? 0 : book->posts;
    }
    static ApproveHeld approval(std::uint64_t number) { return {Town::strategy, number}; }
    static RejectHeld rejection(std::uint64_t number) { return {Town::strategy, number, "mainontaa"}; }
    const Refusal not_there = refusal_of(ErrorCode::not_found, "held_not_found", "held");
};

TEST_F(Held, WaitsOnceHoweverOftenItIsSent) {
    hold(held_message(1));
    const auto before = channel.version();
    hold(held_message(1));
    EXPECT_EQ(channel.version(), before);
    EXPECT_EQ(waiting(), 1U);
    run(Town::johtaja, rejection(1));
    hold(held_message(1));
    EXPECT_EQ(waiting(), 0U) << "what was decided does not come back";
}

TEST_F(Held, AreBoundedForEachMemberAndForTheForum) {
    const auto too_many = refusal_of(ErrorCode::limited, "too_many_held", "room");
    hold(held_message(1));
    hold(held_message(2));
    EXPECT_EQ(holding(held_message(3)).error(), too_many);
    hold(held_message(4, Town::aino));
    EXPECT_EQ(holding(held_message(5, Town::aino)).error(), too_many) << "of the forum";
    run(Town::johtaja, approval(1));
    EXPECT_TRUE(holding(held_message(5, Town::aino)));
    EXPECT_TRUE(holding(held_message(6)));
}

TEST_F(Held, WhoMayNotWriteAnyMoreHoldsNothing) {
    auto card = town.card(Town::veikko);
    card.restraints = {{SanctionKind::mute, 0, 0}};
    town.add(card);
    EXPECT_EQ(holding(held_message(1)).error(), refusal_of(ErrorCode::forbidden, "muted", "room"));
}

TEST_F(Held, ApprovalIsAnEffectForTheRoomAndInTheAuditLog) {
    hold(held_message(1));
    run(Town::johtaja, approval(1));
    EXPECT_EQ(waiting(), 0U);
    EXPECT_EQ(channel.find<HeldMessage>(held_key(1)), nullptr);
    ASSERT_THAT(effects, SizeIs(1));
    EXPECT_EQ(effects[0].channel, room_channel(Town::square));
    EXPECT_TRUE(effects[0].post);
    EXPECT_EQ(std::get<HeldMessage>(effects[0].value), held_message(1));
    ASSERT_TRUE(act);
    EXPECT_EQ(act->held, 1U);
    EXPECT_EQ(act->member, Town::veikko);
    EXPECT_EQ(act->room, Town::square);
    EXPECT_EQ(counted(all_holds_key) + counted(holds_key(Town::veikko)), 0U);
    EXPECT_EQ(refused(Town::johtaja, approval(1)), not_there);
    EXPECT_EQ(refused(Town::johtaja, rejection(1)), not_there);
}

TEST_F(Held, RejectionTellsTheAuthorWhyAndNotTheText) {
    hold(held_message(1));
    run(Town::johtaja, rejection(1));
    EXPECT_EQ(waiting(), 0U);
    ASSERT_THAT(effects, SizeIs(1));
    EXPECT_EQ(effects[0].channel, member_channel(Town::veikko));
    EXPECT_EQ(effects[0].key, "inbox:31:0:1");
    const auto entry = std::get<InboxEntry>(effects[0].value);
    EXPECT_EQ(entry.kind, InboxKind::held_rejected);
    EXPECT_EQ(entry.reason, "mainontaa");
    EXPECT_EQ(entry.held, 1U);
    EXPECT_EQ(entry.author, 0U) << "not by whom";
    ASSERT_TRUE(act);
    EXPECT_EQ(act->reason, "mainontaa");
    auto silent = rejection(1);
    silent.reason = " ";
    EXPECT_EQ(refused(Town::johtaja, silent), refusal_of(ErrorCode::invalid, "text_empty", "reason"));
}

TEST_F(Held, IsDecidedByWhoWorksInTheQueueAndNotByItsAuthor) {
    hold(held_message(1));
    const auto no_channel = refusal_of(ErrorCode::not_found, "channel_not_found", "forum");
    for (const Id member : {Town::veikko, Town::aino, Town::yllapito, Town::toinen}) {
        EXPECT_EQ(refused(member, approval(1)), no_channel) << member;
        EXPECT_EQ(refused(member, rejection(1)), no_channel) << member;
    }
    auto moderator = town.card(Town::veikko);
    moderator.roles.add(Role::moderator);
    moderator.moderates = {Town::strategy};
    town.add(moderator);
    const auto own = refusal_of(ErrorCode::forbidden, "own_held", "held");
    EXPECT_EQ(refused(Town::veikko, approval(1)), own);
    EXPECT_EQ(refused(Town::veikko, rejection(1)), own);
}

TEST_F(Held, IsNotApprovedWhereItsAuthorMayNotWrite) {
    hold(held_message(1));
    town.room_card(Town::square).archived = true;
    EXPECT_EQ(refused(Town::johtaja, approval(1)), refusal_of(ErrorCode::forbidden, "room_archived", "held"));
    town.room_card(Town::square).archived = false;
    auto card = town.card(Town::veikko);
    card.restraints = {{SanctionKind::ban, 0, 0}};
    town.add(card);
    EXPECT_EQ(refused(Town::johtaja, approval(1)), refusal_of(ErrorCode::forbidden, "author_may_not_write", "held"));
    EXPECT_TRUE(decided(Town::johtaja, rejection(1)));
}

TEST_F(Held, WhatComesBackWaitsAgainOnceForEachApproval) {
    hold(held_message(1));
    run(Town::johtaja, approval(1));
    auto returned = held_message(1);
    returned.returned = "thread_locked";
    give_back(returned, 50);
    EXPECT_EQ(waiting(), 1U);
    EXPECT_EQ(channel.find<HeldMessage>(held_key(1))->returned, "thread_locked");
    EXPECT_EQ(counted(all_holds_key), 1U);
    run(Town::johtaja, rejection(1));
    give_back(returned, 50);
    EXPECT_EQ(waiting(), 0U) << "it was rejected since";
    EXPECT_EQ(counted(all_holds_key), 0U);
}

TEST_F(Held, GoesWithItsAuthorAndIsNotCountedAnyMore) {
    hold(held_message(1));
    hold(held_message(2, Town::aino));
    const ErasedMember erased{Town::veikko, "veikko", false, now};
    std::vector<std::string> keys;
    for (const auto& [key, entity] : channel.entities())
        if (concerns(erased, entity.value)) keys.push_back(key);
    EXPECT_THAT(keys, testing::UnorderedElementsAre(held_key(1), holds_key(Town::veikko)));
    channel.apply(erase(erased, keys, NeedsView(channel.entities(), needs_to_erase(keys))));
    EXPECT_EQ(channel.find<HeldMessage>(held_key(1)), nullptr);
    EXPECT_EQ(waiting(), 1U);
    EXPECT_EQ(counted(all_holds_key), 1U);
    const ErasedMember mentioned{Town::biret, "biret-ahkku", false, now};
    channel.apply(erase(mentioned, {held_key(2)}, NeedsView(channel.entities(), needs_to_erase({held_key(2)}))));
    EXPECT_EQ(channel.find<HeldMessage>(held_key(2))->text, "mainos @#13");
}

// In the room.
class PostingHeld : public ThreadTest {
   protected:
    [[nodiscard]] HeldMessage held(std::uint64_t number = 1) const {
        return held_message(number, Town::veikko, thread);
    }
    Result<Decision> posting(const HeldMessage& message) {
        return decide_posting(actor(message.author), message, NeedsView(channel.entities(), needs_to_post(message)));
    }
    std::string why_returned(const HeldMessage& message) {
        const auto decision = posting(message);
        if (!decision) return decision.error().reason;
        EXPECT_THAT(decision->writes, IsEmpty());
        return decision->returned;
    }
};

TEST_F(PostingHeld, IsANewMessageOfItsAuthorAndEverybodyIsTold) {
    const auto decision = posting(held());
    ASSERT_TRUE(decision);
    const Id id = channel.apply(*decision);
    EXPECT_EQ(message(id).author, Town::veikko);
    EXPECT_EQ(message(id).text, "mainos @biret-ahkku");
    EXPECT_EQ(message(id).created, now);
    EXPECT_THAT(message(id).mentions, ElementsAre(Town::biret));
    EXPECT_EQ(channel.index(thread_index(thread)).at(thread_index_member(id, Town::veikko)), id);
    EXPECT_EQ(channel.index(std::string(threads_index)).at(std::to_string(thread)), id);
    ASSERT_THAT(decision->effects, SizeIs(2));
    EXPECT_EQ(decision->effects[0].channel, member_channel(Town::biret));
    EXPECT_EQ(decision->effects[1].channel, member_channel(Town::veikko));
    EXPECT_EQ(std::get<InboxEntry>(decision->effects[1].value).kind, InboxKind::held_approved);
}

TEST_F(PostingHeld, HappensOnceWhateverHasBecomeOfThePlace) {
    channel.apply(*posting(held()));
    const auto again = posting(held());
    ASSERT_TRUE(again);
    EXPECT_THAT(again->writes, IsEmpty());
    EXPECT_EQ(again->returned, "");
    lock(thread);
    EXPECT_EQ(why_returned(held()), "");
    EXPECT_EQ(why_returned(held(2)), "thread_locked");
}

TEST_F(PostingHeld, StartsAThreadWhereThatWasHeld) {
    auto start = held();
    start.thread = 0;
    start.title = "Uusi";
    const Id id = channel.apply(*posting(start));
    EXPECT_EQ(thread_of(id).title, "Uusi");
    EXPECT_EQ(thread_of(id).author, Town::veikko);
    EXPECT_EQ(message(id).thread, id);
}

TEST_F(PostingHeld, RepliesToWhatIsStillThere) {
    const Id there = run(Town::aino, PostMessage{Town::square, thread, "kysymys"});
    auto reply = held();
    reply.reply_to = there;
    const auto decision = posting(reply);
    ASSERT_TRUE(decision);
    EXPECT_EQ(message(channel.apply(*decision)).reply_to, there);
    EXPECT_THAT(decision->effects, SizeIs(3)) << "who is mentioned, who is replied to, the author";
    run(Town::aino, DeleteMessage{Town::square, there});
    auto late = held(2);
    late.reply_to = there;
    EXPECT_EQ(message(channel.apply(*posting(late))).reply_to, 0U);
}

TEST_F(PostingHeld, ComesBackWhereItCannotBePosted) {
    auto gone = held();
    gone.thread = 4711;
    EXPECT_EQ(why_returned(gone), "thread_not_found");
    archive();
    EXPECT_EQ(why_returned(held()), "room_archived");
    town.room_card(Town::square).archived = false;
    channel.put("room", told_of(town, *town.room(Town::square)));
    auto card = town.card(Town::veikko);
    card.restraints = {{SanctionKind::mute, Town::strategy, 0}};
    town.add(card);
    EXPECT_EQ(why_returned(held()), "author_may_not_write");
}

TEST_F(PostingHeld, DoesNotWaitForAMoveWhichMayWaitForIt) {
    Thread moving = thread_of(thread);
    moving.moving = now;
    channel.put(thread_key(thread), moving);
    EXPECT_EQ(why_returned(held()), "thread_moving");
}

TEST_F(PostingHeld, ExpectsWhatItWasDecidedOn) {
    const auto decision = posting(held());
    lock(thread);
    EXPECT_THAT(channel.stale(*decision), ElementsAre(thread_key(thread)));
}

}  // namespace
}  // namespace foorumi::forum::test
