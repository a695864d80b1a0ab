#include "rules_fixture.hpp"

namespace foorumi::forum::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class Posting : public ThreadTest {
   protected:
    PostMessage post(std::string text = "Meillä lähijuna kulkee tunnin välein.", Id reply_to = 0) {
        return {Town::square, thread, std::move(text), reply_to};
    }
};

TEST_F(Posting, PutsAMessageAndNothingElse) {
    const Id id = run(Town::veikko, post());
    const Message& put = message(id);
    EXPECT_EQ(put.thread, thread);
    EXPECT_EQ(put.author, Town::veikko);
    EXPECT_EQ(put.badge.municipality, "049");
    EXPECT_EQ(put.created, now);
    EXPECT_EQ(put.edits, 0u);
    EXPECT_EQ(put.deleted, 0);
    EXPECT_EQ(channel.sync(id - 1).size(), 1u) << "neither room nor thread change";
    EXPECT_THAT(effects, IsEmpty());
}

TEST_F(Posting, MovesTheThreadToTheFront) {
    const Id other = run(Town::aino, StartThread{Town::square, "Toinen", "aihe"});
    const Id id = run(Town::veikko, post());
    EXPECT_THAT(channel.index("threads"),
                UnorderedElementsAre(std::pair(std::to_string(thread), id), std::pair(std::to_string(other), other)));
    EXPECT_EQ(channel.index(thread_index(thread)).at(thread_index_member(id, Town::veikko)), id);
}

TEST_F(Posting, OfManyAtOnceDoesNotCollide) {
    const auto first = decided(Town::aino, post());
    const auto second = decided(Town::veikko, post());
    ASSERT_TRUE(first && second);
    channel.apply(*first);
    EXPECT_THAT(channel.stale(*second), IsEmpty());
}

TEST_F(Posting, DecidedBeforeTheLockDoesNotLandAfterIt) {
    const auto decision = decided(Town::aino, post());
    ASSERT_TRUE(decision);
    lock(thread);
    EXPECT_THAT(channel.stale(*decision), ElementsAre(thread_key(thread)));
    EXPECT_EQ(refused(Town::aino, post()), refusal_of(ErrorCode::forbidden, "thread_locked", "thread"));
}

TEST_F(Posting, IntoAnArchivedRoomIsRefused) {
    const auto decision = decided(Town::aino, post());
    ASSERT_TRUE(decision);
    archive();
    EXPECT_THAT(channel.stale(*decision), ElementsAre("room"));
    EXPECT_EQ(refused(Town::aino, post()), refusal_of(ErrorCode::forbidden, "room_archived", "room"));
}

TEST_F(Posting, IntoAThreadThatDoesNotExistIsRefused) {
    for (const Id missing : {Id{0}, Id{999}}) {
        EXPECT_EQ(refused(Town::aino, PostMessage{Town::square, missing, "hei", 0}),
                  refusal_of(ErrorCode::not_found, "thread_not_found", "thread"));
    }
}

TEST_F(Posting, WithoutTheRightToWriteIsRefused) {
    EXPECT_EQ(refused(Town::aino, PostMessage{Town::reading_room, thread, "hei", 0}),
              refusal_of(ErrorCode::forbidden, "may_not_write", "room"));
    EXPECT_EQ(refused(Town::virkamies, PostMessage{Town::councillors_only, thread, "hei", 0}),
              refused(Town::virkamies, PostMessage{999, thread, "hei", 0}));
}

TEST_F(Posting, KeepsToTheLimitOfText) {
    limits.text_bytes = 10;
    EXPECT_TRUE(decided(Town::aino, post(std::string(9, 'a'))));
    EXPECT_TRUE(decided(Town::aino, post("äääää")));
    EXPECT_EQ(refused(Town::aino, post("äääääa")), refusal_of(ErrorCode::invalid, "text_too_long", "text"));
    EXPECT_EQ(refused(Town::aino, post("")), refusal_of(ErrorCode::invalid, "text_empty", "text"));
    EXPECT_EQ(refused(Town::aino, post("\xC3(")), refusal_of(ErrorCode::invalid, "text_not_utf8", "text"));
    EXPECT_EQ(refused(Town::aino, post("a\x1B[2J")), refusal_of(ErrorCode::invalid, "text_control_character", "text"));
}

TEST_F(Posting, AReplyTellsTheAuthorOfTheMessage) {
    const Id question = run(Town::veikko, post("Mistä rahat?"));
    const Id answer = run(Town::biret, post("Valtionosuuksista.", question));
    EXPECT_EQ(message(answer).reply_to, question);
    ASSERT_EQ(effects.size(), 1u);
    EXPECT_EQ(effects[0].channel, member_channel(Town::veikko));
    EXPECT_EQ(effects[0].key, "inbox:31:@");
    const InboxEntry expected{InboxKind::reply, Town::square, thread, 0, Town::biret, now, false};
    EXPECT_EQ(effects[0].value, Entity{expected});
}

TEST_F(Posting, AReplyThatMentionsTheAuthorTellsOnce) {
    const Id question = run(Town::veikko, post("Mistä rahat?"));
    run(Town::biret, post("@veikko, valtiolta", question));
    ASSERT_EQ(effects.size(), 1u);
    EXPECT_EQ(std::get<InboxEntry>(effects[0].value).kind, InboxKind::mention);
}

TEST_F(Posting, NobodyIsToldOfTheirOwnMessage) {
    const Id own = run(Town::veikko, post("Eka"));
    const Id id = run(Town::veikko, post("@veikko vastaa itselleen", own));
    EXPECT_THAT(effects, IsEmpty());
    EXPECT_THAT(message(id).mentions, ElementsAre(Town::veikko));
}

TEST_F(Posting, AReplyTellsNobodyWhoMayNoLongerRead) {
    const Id question = run(Town::virkamies, post("Virkamiehen kysymys"));
    town.room_card(Town::square).audience = Audience{{Role::councillor}, {}};
    run(Town::aino, post("Vastaus", question));
    EXPECT_THAT(effects, IsEmpty());
}

TEST_F(Posting, AReplyToWhatIsNotInTheThreadIsRefused) {
    const Id other = run(Town::aino, StartThread{Town::square, "Toinen", "aihe"});
    const auto expected = refusal_of(ErrorCode::not_found, "message_not_found", "reply_to");
    EXPECT_EQ(refused(Town::aino, post("a", other)), expected);
    EXPECT_EQ(refused(Town::aino, post("a", 999)), expected);
}

TEST_F(Posting, AReplyToATombstoneIsRefused) {
    const Id gone = run(Town::veikko, post());
    const auto decision = decided(Town::aino, post("Vastaus", gone));
    ASSERT_TRUE(decision);
    run(Town::veikko, DeleteMessage{Town::square, gone});
    EXPECT_THAT(channel.stale(*decision), ElementsAre(message_key(gone))) << "nor does one decided before it land";
    EXPECT_EQ(refused(Town::aino, post("a", gone)), refusal_of(ErrorCode::forbidden, "reply_to_deleted", "reply_to"));
}

TEST_F(Posting, MentionsAreOfThoseWhoMayReadTheRoom) {
    town.room_card(Town::square).audience = Audience{{Role::councillor}, {}};
    const Id id = run(Town::aino, post("@veikko @virkamies @olematon @johtaja @yllapito"));
    EXPECT_THAT(message(id).mentions, ElementsAre(Town::veikko, Town::johtaja));
    EXPECT_EQ(message(id).text, "@veikko @virkamies @olematon @johtaja @yllapito");
    EXPECT_EQ(effects.size(), 2u);
}

TEST_F(Posting, KeepsToTheLimitOfMentions) {
    limits.mentions = 2;
    EXPECT_TRUE(decided(Town::aino, post("@veikko")));
    EXPECT_TRUE(decided(Town::aino, post("@veikko @biret-ahkku @olematon @veikko")));
    EXPECT_EQ(refused(Town::aino, post("@veikko @biret-ahkku @virkamies")),
              refusal_of(ErrorCode::limited, "too_many_mentions", "text"));
}

}  // namespace
}  // namespace foorumi::forum::test
