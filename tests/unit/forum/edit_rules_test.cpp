#include "rules_fixture.hpp"

namespace foorumi::forum::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Changing : public ThreadTest {
   protected:
    Id id = run(Town::veikko, PostMessage{Town::square, thread, "Alkuperäinen teksti", 0});
    EditMessage edit(std::string text, Id of = 0) { return {Town::square, of == 0 ? id : of, std::move(text)}; }
    DeleteMessage remove(Id of = 0) { return {Town::square, of == 0 ? id : of}; }
};

class Editing : public Changing {};
class Deleting : public Changing {};

TEST_F(Editing, ReplacesTheTextAndSaysSo) {
    const Message before = message(id);
    now += 1000;
    run(Town::veikko, edit("Korjattu teksti, @aino.korhonen"));
    Message expected = before;
    expected.text = "Korjattu teksti, @aino.korhonen";
    expected.mentions = {Town::aino};
    expected.edited = now;
    expected.edits = 1;
    EXPECT_EQ(message(id), expected);
}

TEST_F(Editing, KeepsEarlierTextsForTheModerators) {
    now += 1000;
    run(Town::veikko, edit("Toinen"));
    ASSERT_EQ(effects.size(), 1u);
    EXPECT_EQ(effects[0].channel, moderation_channel(Town::strategy));
    EXPECT_EQ(effects[0].key, earlier_key(Town::square, id, 1));
    EXPECT_EQ(effects[0].index, "earlier");
    const EarlierText expected{Town::square,          thread, id,    Town::veikko,
                               "Alkuperäinen teksti", now,    false, now + limits.earlier_text_ms};
    EXPECT_EQ(effects[0].value, Entity{expected});
    run(Town::veikko, edit("Kolmas"));
    EXPECT_EQ(effects[0].key, earlier_key(Town::square, id, 2));
    EXPECT_EQ(std::get<EarlierText>(effects[0].value).text, "Toinen");
}

TEST_F(Editing, ExpectsRoomThreadAndMessage) {
    const auto decision = decided(Town::veikko, edit("Toinen"));
    ASSERT_TRUE(decision);
    EXPECT_THAT(decision->expectations, ElementsAre(Expectation{"room", 1}, Expectation{thread_key(thread), thread},
                                                    Expectation{message_key(id), id}));
    run(Town::veikko, edit("Ensin ehtinyt"));
    EXPECT_THAT(channel.stale(*decision), ElementsAre(message_key(id)));
}

TEST_F(Editing, LeavesTheIndexesAlone) {
    const auto before = channel.indexes();
    run(Town::veikko, edit("Toinen"));
    EXPECT_EQ(channel.indexes(), before);
}

TEST_F(Editing, TellsOnlyThoseNewlyMentioned) {
    run(Town::veikko, edit("@aino.korhonen"));
    run(Town::veikko, edit("@aino.korhonen @biret-ahkku @veikko"));
    ASSERT_EQ(effects.size(), 2u);
    EXPECT_EQ(effects[1].channel, member_channel(Town::biret));
    EXPECT_EQ(effects[1].key, inbox_key(Town::square, id));
    const InboxEntry expected{InboxKind::mention, Town::square, thread, id, Town::veikko, now, false};
    EXPECT_EQ(effects[1].value, Entity{expected});
}

TEST_F(Editing, ToTheSameTextDecidesNothing) {
    EXPECT_TRUE(decides_nothing(Town::veikko, edit("Alkuperäinen teksti")));
}

TEST_F(Editing, ForeignMessagesIsRefused) {
    EXPECT_EQ(refused(Town::aino, edit("x")), refusal_of(ErrorCode::forbidden, "not_author", "message"));
    EXPECT_EQ(refused(Town::johtaja, edit("x")).reason, "not_author") << "moderators do not write in others' names";
}

TEST_F(Editing, DeletedMessagesIsRefused) {
    run(Town::veikko, remove());
    EXPECT_EQ(refused(Town::veikko, edit("x")), refusal_of(ErrorCode::forbidden, "message_deleted", "message"));
}

TEST_F(Editing, WhatDoesNotExistIsRefused) {
    const auto expected = refusal_of(ErrorCode::not_found, "message_not_found", "message");
    EXPECT_EQ(refused(Town::veikko, edit("x", 999)), expected);
    EXPECT_EQ(refused(Town::veikko, EditMessage{Town::square, 999, "x", thread}), expected);
    const Id other = run(Town::veikko, StartThread{Town::square, "Toinen", "aihe"});
    EXPECT_EQ(refused(Town::veikko, EditMessage{Town::square, id, "x", other}), expected) << "not the message's thread";
}

TEST_F(Editing, InALockedThreadOrAnArchivedRoomIsRefused) {
    lock(thread);
    EXPECT_EQ(refused(Town::veikko, edit("x")), refusal_of(ErrorCode::forbidden, "thread_locked", "thread"));
    archive();
    EXPECT_EQ(refused(Town::veikko, edit("x")), refusal_of(ErrorCode::forbidden, "room_archived", "room"));
}

TEST_F(Editing, NeedsSightAndTheRightToWrite) {
    EXPECT_EQ(refused(Town::virkamies, EditMessage{Town::councillors_only, id, "x"}),
              refused(Town::virkamies, EditMessage{999, id, "x"}));
    EXPECT_EQ(refused(Town::aino, EditMessage{Town::reading_room, id, "x"}).reason, "may_not_write");
}

TEST_F(Editing, KeepsToTheLimits) {
    limits.text_bytes = 10;
    limits.mentions = 1;
    EXPECT_TRUE(decided(Town::veikko, edit(std::string(10, 'a'))));
    EXPECT_EQ(refused(Town::veikko, edit(std::string(11, 'a'))),
              refusal_of(ErrorCode::invalid, "text_too_long", "text"));
    EXPECT_EQ(refused(Town::veikko, edit("")), refusal_of(ErrorCode::invalid, "text_empty", "text"));
    limits.text_bytes = 100;
    EXPECT_EQ(refused(Town::veikko, edit("@veikko @virkamies")),
              refusal_of(ErrorCode::limited, "too_many_mentions", "text"));
}

TEST_F(Editing, KeepsToTheLimitOfEdits) {
    limits.edits = 2;
    run(Town::veikko, edit("Toinen"));
    run(Town::veikko, edit("Kolmas"));
    EXPECT_EQ(message(id).edits, 2u);
    EXPECT_EQ(refused(Town::veikko, edit("Neljäs")), refusal_of(ErrorCode::limited, "too_many_edits", "message"));
    EXPECT_TRUE(decides_nothing(Town::veikko, edit("Kolmas")));
    run(Town::veikko, remove());
    EXPECT_NE(message(id).deleted, 0) << "it can still be taken back";
}

TEST_F(Deleting, LeavesATombstoneWithoutContent) {
    run(Town::veikko, edit("Salaista, @aino.korhonen"));
    now += 5000;
    run(Town::veikko, remove());
    const Message& tombstone = message(id);
    EXPECT_EQ(tombstone.text, "");
    EXPECT_THAT(tombstone.mentions, IsEmpty());
    EXPECT_EQ(tombstone.deleted, now);
    EXPECT_EQ(tombstone.thread, thread);
    EXPECT_EQ(tombstone.author, Town::veikko);
}

TEST_F(Deleting, KeepsTheTextForTheModerators) {
    run(Town::veikko, edit("Toinen"));
    now += 5000;
    run(Town::veikko, remove());
    ASSERT_EQ(effects.size(), 1u);
    EXPECT_EQ(effects[0].channel, moderation_channel(Town::strategy));
    EXPECT_EQ(effects[0].key, earlier_key(Town::square, id, 2));
    const EarlierText expected{Town::square, thread, id,   Town::veikko,
                               "Toinen",     now,    true, now + limits.earlier_text_ms};
    EXPECT_EQ(effects[0].value, Entity{expected});
}

TEST_F(Deleting, KeepsThePlaceInTheThreadWithoutTheAuthor) {
    run(Town::veikko, remove());
    EXPECT_THAT(channel.index(thread_index(thread)),
                ElementsAre(std::pair(thread_index_member(thread, Town::aino), thread),
                            std::pair(thread_index_member(id, 0), id)));
}

TEST_F(Deleting, TakesTheReactionsAway) {
    run(Town::aino, React{Town::square, id, "👍", false});
    run(Town::veikko, remove());
    EXPECT_EQ(channel.find<Reactions>(reactions_key(id)), nullptr);
    EXPECT_EQ(channel.entities().at(reactions_key(id)).version, channel.version()) << "subscribers learn of it";
}

TEST_F(Deleting, WithoutReactionsPutsNone) {
    run(Town::veikko, remove());
    EXPECT_FALSE(channel.entities().contains(reactions_key(id)));
}

TEST_F(Deleting, NoReactionLandsOnATombstone) {
    const auto late = decided(Town::aino, React{Town::square, id, "👍", false});
    const auto removal = decided(Town::veikko, remove());
    ASSERT_TRUE(late && removal);
    channel.apply(*removal);
    EXPECT_THAT(channel.stale(*late), ElementsAre(message_key(id)));
}

TEST_F(Deleting, NoReactionIsLeftBehindThatTheDeletionDidNotSee) {
    const auto removal = decided(Town::veikko, remove());
    run(Town::aino, React{Town::square, id, "👍", false});
    EXPECT_THAT(channel.stale(*removal), ElementsAre(reactions_key(id)));
}

TEST_F(Deleting, ADeletedMessageDecidesNothing) {
    run(Town::veikko, remove());
    EXPECT_TRUE(decides_nothing(Town::veikko, remove()));
}

TEST_F(Deleting, TheFirstMessageLeavesTheThread) {
    run(Town::aino, remove(thread));
    EXPECT_NE(message(thread).deleted, 0);
    EXPECT_NE(channel.find<Thread>(thread_key(thread)), nullptr);
    run(Town::veikko, PostMessage{Town::square, thread, "Jatketaan", 0});
}

TEST_F(Deleting, IsRefusedAsEditingIs) {
    EXPECT_EQ(refused(Town::aino, remove()), refusal_of(ErrorCode::forbidden, "not_author", "message"));
    EXPECT_EQ(refused(Town::veikko, remove(999)), refusal_of(ErrorCode::not_found, "message_not_found", "message"));
    EXPECT_EQ(refused(Town::virkamies, DeleteMessage{Town::councillors_only, id}),
              refused(Town::virkamies, DeleteMessage{999, id}));
    EXPECT_EQ(refused(Town::aino, DeleteMessage{Town::reading_room, id}).reason, "may_not_write");
    lock(thread);
    EXPECT_EQ(refused(Town::veikko, remove()), refusal_of(ErrorCode::forbidden, "thread_locked", "thread"));
    archive();
    EXPECT_EQ(refused(Town::veikko, remove()), refusal_of(ErrorCode::forbidden, "room_archived", "room"));
}

}  // namespace
}  // namespace foorumi::forum::test
