#include "rules_fixture.hpp"

namespace foorumi::forum::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

StartThread start(std::string title = "Sote-uudistus", std::string text = "Miten hoidatte rajapinnan?",
                  Id room = Town::square) {
    return {room, std::move(title), std::move(text)};
}

TEST_F(RulesTest, StartingAThreadPutsThreadAndFirstMessageUnderOneId) {
    const Id id = run(Town::aino, start());
    const auto* thread = channel.find<Thread>(thread_key(id));
    ASSERT_NE(thread, nullptr);
    EXPECT_EQ(thread->title, "Sote-uudistus");
    EXPECT_EQ(thread->author, Town::aino);
    EXPECT_EQ(thread->badge, badge_of(town, town.card(Town::aino)));
    EXPECT_EQ(thread->created, now);
    EXPECT_FALSE(thread->locked);
    EXPECT_EQ(message(id).thread, id);
    EXPECT_EQ(message(id).author, Town::aino);
    EXPECT_EQ(message(id).text, "Miten hoidatte rajapinnan?");
    EXPECT_EQ(message(id).created, now);
}

TEST_F(RulesTest, StartingAThreadIndexesIt) {
    const Id id = run(Town::aino, start());
    EXPECT_THAT(channel.index("threads"), ElementsAre(std::pair(std::to_string(id), id)));
    EXPECT_THAT(channel.index(thread_index(id)), ElementsAre(std::pair(thread_index_member(id, Town::aino), id)));
}

TEST_F(RulesTest, StartingAThreadExpectsTheRoomAsItWasSeen) {
    const auto decision = decided(Town::aino, start());
    ASSERT_TRUE(decision);
    EXPECT_THAT(decision->expectations, ElementsAre(Expectation{"room", 1}));
    archive();
    EXPECT_THAT(channel.stale(*decision), ElementsAre("room"));
}

TEST_F(RulesTest, StartingAThreadTellsThoseMentioned) {
    run(Town::aino, start("Kysymys", "@veikko ja @biret-ahkku, @veikko?"));
    ASSERT_EQ(effects.size(), 2u);
    EXPECT_EQ(effects[0].channel, member_channel(Town::veikko));
    EXPECT_EQ(effects[0].key, "inbox:31:@");
    EXPECT_EQ(effects[0].index, "inbox");
    const InboxEntry expected{InboxKind::mention, Town::square, 0, 0, Town::aino, now, false};
    EXPECT_EQ(effects[0].value, Entity{expected});
    EXPECT_EQ(effects[1].channel, member_channel(Town::biret));
}

TEST_F(RulesTest, StartingAThreadNeedsTitleAndText) {
    EXPECT_EQ(refused(Town::aino, start("")), refusal_of(ErrorCode::invalid, "text_empty", "title"));
    EXPECT_EQ(refused(Town::aino, start("a", " ")), refusal_of(ErrorCode::invalid, "text_empty", "text"));
    EXPECT_EQ(refused(Town::aino, start("a\nb")), refusal_of(ErrorCode::invalid, "title_line_break", "title"));
}

TEST_F(RulesTest, StartingAThreadKeepsToTheLimitsOfTitleAndText) {
    limits.title_bytes = 10;
    limits.text_bytes = 20;
    EXPECT_TRUE(decided(Town::aino, start(std::string(9, 'a'), std::string(19, 'b'))));
    EXPECT_TRUE(decided(Town::aino, start(std::string(10, 'a'), std::string(20, 'b'))));
    EXPECT_EQ(refused(Town::aino, start(std::string(11, 'a'), "b")),
              refusal_of(ErrorCode::invalid, "text_too_long", "title"));
    EXPECT_EQ(refused(Town::aino, start("a", std::string(21, 'b'))),
              refusal_of(ErrorCode::invalid, "text_too_long", "text"));
}

TEST_F(RulesTest, ARoomOutOfSightIsRefusedAsOneThatDoesNotExist) {
    const auto hidden = refused(Town::virkamies, start("a", "b", Town::councillors_only));
    EXPECT_EQ(hidden, refusal_of(ErrorCode::not_found, "room_not_found", "room"));
    EXPECT_EQ(hidden, refused(Town::virkamies, start("a", "b", 999)));
    EXPECT_EQ(hidden, refused(Town::virkamies, start("a", "b", 0)));
}

TEST_F(RulesTest, AnInvalidFieldIsToldBeforeAnythingAboutTheRoom) {
    EXPECT_EQ(refused(Town::virkamies, start("", "b", Town::councillors_only)),
              refused(Town::virkamies, start("", "b", 999)));
    EXPECT_EQ(refused(Town::virkamies, start("", "b", 999)).reason, "text_empty");
}

TEST_F(RulesTest, TooManyMentionsTellNothingOfARoomOutOfSight) {
    limits.mentions = 0;
    EXPECT_EQ(refused(Town::virkamies, start("a", "@aino.korhonen", Town::councillors_only)).reason, "room_not_found");
}

TEST_F(RulesTest, StartingAThreadNeedsTheRightToWrite) {
    EXPECT_EQ(refused(Town::aino, start("a", "b", Town::reading_room)),
              refusal_of(ErrorCode::forbidden, "may_not_write", "room"));
    EXPECT_TRUE(decided(Town::virkamies, start("a", "b", Town::reading_room)));
}

TEST_F(RulesTest, NoThreadStartsInAnArchivedRoom) {
    archive();
    EXPECT_EQ(refused(Town::aino, start()), refusal_of(ErrorCode::forbidden, "room_archived", "room"));
}

TEST_F(RulesTest, AThreadStartsInANewRoomBeforeItsChannelIsToldOfIt) {
    channel = ModelChannel{};
    const auto decision = decided(Town::aino, start());
    ASSERT_TRUE(decision);
    EXPECT_THAT(decision->expectations, ElementsAre(Expectation{"room", 0}));
}

TEST_F(RulesTest, ManyThreadsMayStartAtOnce) {
    const auto first = decided(Town::aino, start("Yksi"));
    const auto second = decided(Town::veikko, start("Kaksi"));
    ASSERT_TRUE(first && second);
    channel.apply(*first);
    EXPECT_THAT(channel.stale(*second), IsEmpty());
}

}  // namespace
}  // namespace foorumi::forum::test
