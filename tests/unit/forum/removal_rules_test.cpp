#include "rules_fixture.hpp"

namespace foorumi::forum::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A message with a history: written with a mention, edited once, with a reaction.
class RemovalTest : public ThreadTest {
   protected:
    static constexpr const char* text = "Sopimatonta, @biret-ahkku";

    Id id = run(Town::veikko, PostMessage{Town::square, thread, "Ensimmäinen", 0});
    Version edited = run(Town::veikko, EditMessage{Town::square, id, text});
    Version reacted = run(Town::aino, React{Town::square, id, "👍", false});
    std::map<std::string, Versioned> moderation;  // what has followed from acts

    RemoveMessage removal(std::string reason = "Asiatonta") { return {Town::square, id, std::move(reason)}; }
    PurgeMessage purge(std::string reason = "Lainvastaista") { return {Town::square, id, std::move(reason)}; }
    // As the dispatcher does: with what the moderation channel has.
    RestoreMessage restoration() {
        RestoreMessage command{Town::square, id};
        command.removal = message(id).removals;
        command.removed = moderation[removed_key(Town::square, id, command.removal)];
        return command;
    }
    template <class Command>
    void act(Id member, const Command& command) {
        now += 1000;
        run(member, command);
        for (const auto& effect : effects) {
            if (effect.channel != moderation_channel(Town::strategy)) continue;
            moderation[effect.key] = {1, effect.value};
            for (const auto& key : effect.takes) moderation[key] = {2, std::monostate{}};
        }
    }
    void remove() { act(Town::johtaja, removal()); }
    void restore() { act(Town::johtaja, restoration()); }

    // What the author is told; null: nothing.
    [[nodiscard]] const InboxEntry* told() const {
        for (const auto& effect : effects)
            if (effect.channel == member_channel(Town::veikko)) return std::get_if<InboxEntry>(&effect.value);
        return nullptr;
    }
};

class Removing : public RemovalTest {};
class Restoring : public RemovalTest {};
class Purging : public RemovalTest {};
class ReadingEarlierTexts : public RemovalTest {};

TEST_F(Removing, LeavesATombstoneWithTheReason) {
    const Message before = message(id);
    remove();
    Message expected = before;
    expected.text.clear();
    expected.mentions.clear();
    expected.deleted = expected.removed = now;
    expected.reason = "Asiatonta";
    expected.removals = 1;
    EXPECT_EQ(message(id), expected);
    EXPECT_EQ(channel.find<Reactions>(reactions_key(id)), nullptr);
    EXPECT_EQ(channel.index(thread_index(thread)).at(thread_index_member(id, 0)), id);
}

TEST_F(Removing, KeepsTheTextForTheModerators) {
    remove();
    ASSERT_EQ(effects.size(), 2U);
    EXPECT_EQ(effects[0].channel, moderation_channel(Town::strategy));
    EXPECT_EQ(effects[0].key, removed_key(Town::square, id, 1));
    EXPECT_EQ(effects[0].index, earlier_index);
    const EarlierText expected{Town::square,  thread,        id,          Town::veikko,
                               text,          now,           true,        now + limits.earlier_text_ms,
                               {Town::biret}, Town::johtaja, "Asiatonta", false};
    EXPECT_EQ(effects[0].value, Entity{expected});
}

TEST_F(Removing, TellsTheAuthorWhyAndNotWhat) {
    remove();
    const InboxEntry expected{InboxKind::removed, Town::square, thread, id, 0, now, false, "Asiatonta"};
    EXPECT_EQ(effects[1].channel, member_channel(Town::veikko));
    EXPECT_EQ(effects[1].key, new_act_inbox_key(Town::square, id));
    EXPECT_EQ(effects[1].value, Entity{expected});
}

TEST_F(Removing, OnesOwnMessageTellsNobody) {
    const Id own = run(Town::johtaja, PostMessage{Town::square, thread, "Oma", 0});
    run(Town::johtaja, RemoveMessage{Town::square, own, "Erehdys"});
    EXPECT_EQ(effects.size(), 1U);
}

TEST_F(Removing, IsAnAct) {
    const auto decision = decided(Town::yllapito, removal());
    ASSERT_TRUE(decision);
    EXPECT_EQ(decision->act, (Act{"", Town::strategy, Town::square, thread, id, Town::veikko, "Asiatonta"}));
    EXPECT_THAT(decision->expectations,
                ElementsAre(Expectation{"room", 1}, Expectation{thread_key(thread), thread},
                            Expectation{message_key(id), edited}, Expectation{reactions_key(id), reacted}));
}

TEST_F(Removing, GoesInALockedThreadAndInAnArchivedRoom) {
    lock(thread);
    archive();
    remove();
    EXPECT_NE(message(id).removed, 0);
    restore();
    EXPECT_EQ(message(id).text, text);
}

TEST_F(Removing, IsForModeratorsOfTheForumAndAdministrators) {
    const auto refusal = refusal_of(ErrorCode::forbidden, "moderators_only", "room");
    EXPECT_EQ(refused(Town::aino, removal()), refusal);
    EXPECT_EQ(refused(Town::veikko, removal()), refusal) << "authors delete";
    EXPECT_EQ(refused(Town::toinen, removal()), refusal) << "of another forum";
    EXPECT_EQ(refused(Town::aino, RestoreMessage{Town::square, id}), refusal);
    EXPECT_EQ(refused(Town::aino, purge()), refusal);
    EXPECT_TRUE(decided(Town::yllapito, removal()));
}

TEST_F(Removing, WhatIsNotSeenIsNotThere) {
    const auto hidden = refused(Town::virkamies, RemoveMessage{Town::councillors_only, id, "x"});
    EXPECT_EQ(hidden, refusal_of(ErrorCode::not_found, "room_not_found", "room"));
    EXPECT_EQ(refused(Town::virkamies, RemoveMessage{999, id, "x"}), hidden);
    EXPECT_EQ(refused(Town::johtaja, RemoveMessage{Town::square, 999, "x"}),
              refusal_of(ErrorCode::not_found, "message_not_found", "message"));
}

TEST_F(Removing, NeedsAReasonOfBoundedLength) {
    limits.reason_bytes = 10;
    EXPECT_TRUE(decided(Town::johtaja, removal(std::string(9, 'a'))));
    EXPECT_TRUE(decided(Town::johtaja, removal(std::string(10, 'a'))));
    EXPECT_EQ(refused(Town::johtaja, removal(std::string(11, 'a'))),
              refusal_of(ErrorCode::invalid, "text_too_long", "reason"));
    EXPECT_EQ(refused(Town::johtaja, removal(" ")), refusal_of(ErrorCode::invalid, "text_empty", "reason"));
    EXPECT_EQ(refused(Town::johtaja, purge(std::string(11, 'a'))),
              refusal_of(ErrorCode::invalid, "text_too_long", "reason"));
}

TEST_F(Removing, ARemovedMessageDecidesNothing) {
    remove();
    EXPECT_TRUE(decides_nothing(Town::yllapito, removal("Toinen syy")));
}

TEST_F(Removing, WhatItsAuthorDeletedIsRefused) {
    run(Town::veikko, DeleteMessage{Town::square, id});
    const auto refusal = refusal_of(ErrorCode::forbidden, "message_deleted", "message");
    EXPECT_EQ(refused(Town::johtaja, removal()), refusal);
    EXPECT_EQ(refused(Town::johtaja, restoration()), refusal) << "it was their decision";
}

TEST_F(Removing, ItsAuthorNeitherEditsNorReactsAnyMore) {
    remove();
    EXPECT_EQ(refused(Town::veikko, EditMessage{Town::square, id, "x"}).reason, "message_deleted");
    EXPECT_EQ(refused(Town::aino, React{Town::square, id, "👍", false}).reason, "message_deleted");
}

TEST_F(Restoring, BringsBackWhatWasThere) {
    const Message before = message(id);
    remove();
    restore();
    Message expected = before;
    expected.removals = 1;
    EXPECT_EQ(message(id), expected);
    EXPECT_EQ(channel.index(thread_index(thread)).at(thread_index_member(id, Town::veikko)), id);
    EXPECT_FALSE(channel.index(thread_index(thread)).contains(thread_index_member(id, 0)));
}

TEST_F(Restoring, TellsTheAuthorAndNobodyElse) {
    remove();
    const auto decision = decided(Town::johtaja, restoration());
    ASSERT_TRUE(decision);
    EXPECT_EQ(decision->act, (Act{"", Town::strategy, Town::square, thread, id, Town::veikko, ""}));
    restore();
    ASSERT_EQ(effects.size(), 1U) << "who was mentioned was told then";
    EXPECT_EQ(effects[0].value, Entity{(InboxEntry{InboxKind::restored, Town::square, thread, id, 0, now, false, ""})});
}

TEST_F(Restoring, AndRemovingAgainHasKeysOfItsOwn) {
    remove();
    restore();
    now += 1000;
    run(Town::johtaja, removal("Sittenkin"));
    EXPECT_EQ(effects[0].key, removed_key(Town::square, id, 2));
    ASSERT_NE(told(), nullptr);
    EXPECT_EQ(told()->reason, "Sittenkin");
}

TEST_F(Restoring, AMessageThatIsThereDecidesNothing) { EXPECT_TRUE(decides_nothing(Town::johtaja, restoration())); }

TEST_F(Restoring, WaitsForTheTextToCome) {
    remove();
    auto early = restoration();
    early.removed = {};
    EXPECT_EQ(refused(Town::johtaja, early).reason, "contended");
    EXPECT_GT(refused(Town::johtaja, early).retry_after_ms, 0U);
}

TEST_F(Restoring, WhatItsAuthorDeletedMeanwhileIsRefused) {
    remove();
    Message expected = message(id);
    now += 1000;
    run(Town::veikko, DeleteMessage{Town::square, id});
    expected.author_deleted = now;
    EXPECT_EQ(message(id), expected) << "removed still, and why";
    EXPECT_THAT(effects, IsEmpty());
    EXPECT_EQ(refused(Town::johtaja, restoration()), refusal_of(ErrorCode::forbidden, "message_deleted", "message"));
    EXPECT_TRUE(decides_nothing(Town::veikko, DeleteMessage{Town::square, id})) << "once";
    EXPECT_TRUE(decides_nothing(Town::yllapito, removal("Toinen syy")));
}

TEST_F(Restoring, WithTheTextOfAnotherRemovalIsContended) {
    remove();
    auto late = restoration();
    restore();
    remove();
    EXPECT_EQ(refused(Town::johtaja, late).reason, "contended");
}

TEST_F(Restoring, WhatIsNotKeptAnyMoreIsRefused) {
    remove();
    moderation[removed_key(Town::square, id, 1)].value = std::monostate{};
    EXPECT_EQ(refused(Town::johtaja, restoration()), refusal_of(ErrorCode::forbidden, "earlier_text_gone", "message"));
}

TEST_F(Restoring, KeepsToTheLimit) {
    limits.edits = 2;
    for (int n = 1; n <= 2; ++n) {
        remove();
        restore();
    }
    EXPECT_EQ(message(id).removals, 2U);
    remove();
    EXPECT_EQ(refused(Town::johtaja, restoration()), refusal_of(ErrorCode::limited, "too_many_edits", "message"));
    EXPECT_NE(message(id).removed, 0) << "it can still be removed";
}

TEST_F(Restoring, IsPossibleOnceWhereNothingMayBeEdited) {
    limits.edits = 0;
    remove();
    restore();
    EXPECT_EQ(message(id).text, text);
}

TEST_F(Restoring, OfAModeratorsOwnMessageIsForTheOthersUnlessTheyHaveRemovedItThemselves) {
    id = run(Town::johtaja, PostMessage{Town::square, thread, "Oma", 0});
    act(Town::yllapito, removal());
    EXPECT_EQ(refused(Town::johtaja, restoration()), refusal_of(ErrorCode::forbidden, "own_message", "message"));
    act(Town::yllapito, restoration());
    EXPECT_EQ(message(id).text, "Oma");
    remove();
    restore();
    EXPECT_EQ(message(id).text, "Oma");
}

TEST_F(Purging, OfAModeratorsOwnMessageIsForTheOthers) {
    id = run(Town::johtaja, PostMessage{Town::square, thread, "Oma", 0});
    act(Town::johtaja, removal());
    EXPECT_EQ(refused(Town::johtaja, purge()), refusal_of(ErrorCode::forbidden, "own_message", "message"));
    act(Town::yllapito, purge());
    EXPECT_NE(message(id).purged, 0);
}

TEST_F(Purging, TakesAllThatWasKept) {
    remove();
    const Message before = message(id);
    act(Town::johtaja, purge());
    Message expected = before;
    expected.purged = now;
    EXPECT_EQ(message(id), expected);
    ASSERT_EQ(effects.size(), 1U);
    EXPECT_EQ(effects[0].key, purged_key(Town::square, id, 1));
    EXPECT_EQ(effects[0].index, purges_index);
    EXPECT_THAT(effects[0].takes, ElementsAre(earlier_key(Town::square, id, 1), removed_key(Town::square, id, 1)));
    const auto& mark = std::get<EarlierText>(effects[0].value);
    EXPECT_TRUE(mark.purged && mark.text.empty() && mark.mentions.empty());
    EXPECT_EQ(mark.by, Town::johtaja);
    EXPECT_EQ(mark.reason, "Lainvastaista");
}

TEST_F(Purging, ReachesWhatTheAuthorDeleted) {
    run(Town::veikko, DeleteMessage{Town::square, id});
    act(Town::johtaja, purge());
    EXPECT_THAT(effects[0].takes, ElementsAre(earlier_key(Town::square, id, 1), earlier_key(Town::square, id, 2)));
}

TEST_F(Purging, AMessageThatIsThereIsRefused) {
    const auto refusal = refusal_of(ErrorCode::forbidden, "message_not_removed", "message");
    EXPECT_EQ(refused(Town::johtaja, purge()), refusal);
    remove();
    restore();
    EXPECT_EQ(refused(Town::johtaja, purge()), refusal);
}

TEST_F(Purging, TwiceDecidesNothing) {
    remove();
    act(Town::johtaja, purge());
    EXPECT_TRUE(decides_nothing(Town::johtaja, purge("Toinen syy")));
}

TEST_F(Purging, EndsRestoring) {
    remove();
    const auto late = decided(Town::johtaja, restoration());
    ASSERT_TRUE(late);
    act(Town::johtaja, purge());
    EXPECT_THAT(channel.stale(*late), ElementsAre(message_key(id)));
    EXPECT_EQ(refused(Town::johtaja, restoration()), refusal_of(ErrorCode::forbidden, "message_purged", "message"));
}

// A commit has a bound.
TEST_F(Purging, ALongHistoryGoesInPieces) {
    limits.edits = 2000;
    for (std::uint32_t n = 2; n <= 499; ++n) run(Town::veikko, EditMessage{Town::square, id, std::to_string(n)});
    remove();
    const auto at = decided(Town::johtaja, purge());
    ASSERT_TRUE(at);
    ASSERT_EQ(at->effects.size(), 1U);
    EXPECT_EQ(at->effects[0].takes.size(), 500U);
    restore();
    run(Town::veikko, EditMessage{Town::square, id, "viimeinen"});
    remove();
    const auto over = decided(Town::johtaja, purge());
    ASSERT_TRUE(over);
    ASSERT_EQ(over->effects.size(), 2U);
    EXPECT_EQ(over->effects[1].key, purged_key(Town::square, id, 2));
    EXPECT_EQ(over->effects[0].takes.size() + over->effects[1].takes.size(), 502U);
}

TEST_F(ReadingEarlierTexts, NamesAllKeysThatSomethingMayBeUnder) {
    const ReadEarlierTexts read{Town::square, id};
    EXPECT_THAT(earlier_keys(read, message(id)), ElementsAre(earlier_key(Town::square, id, 1)));
    remove();
    EXPECT_THAT(earlier_keys(read, message(id)),
                ElementsAre(earlier_key(Town::square, id, 1), removed_key(Town::square, id, 1)));
    act(Town::johtaja, purge());
    EXPECT_EQ(earlier_keys(read, message(id)).back(), purged_key(Town::square, id, 1));
    const Id plain = run(Town::veikko, PostMessage{Town::square, thread, "Uusi", 0});
    EXPECT_THAT(earlier_keys({Town::square, plain}, message(plain)), IsEmpty());
}

TEST_F(ReadingEarlierTexts, IsAnActOfWhoMayModerate) {
    const ReadEarlierTexts read{Town::square, id};
    EXPECT_TRUE(check(actor(Town::johtaja), read));
    EXPECT_TRUE(check(actor(Town::yllapito), read));
    EXPECT_EQ(check(actor(Town::veikko), read).error(), refusal_of(ErrorCode::forbidden, "moderators_only", "room"));
    EXPECT_EQ(check(actor(Town::johtaja), ReadEarlierTexts{Town::officers, id}).error(),
              refusal_of(ErrorCode::not_found, "room_not_found", "room"));
    EXPECT_EQ(act_of(actor(Town::johtaja), read, message(id)),
              (Act{"", Town::strategy, Town::square, thread, id, Town::veikko, ""}));
}

}  // namespace
}  // namespace foorumi::forum::test
