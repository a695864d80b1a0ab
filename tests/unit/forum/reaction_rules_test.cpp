#include "rules_fixture.hpp"

namespace foorumi::forum::test {
namespace {

using testing::ElementsAre;

class Reacting : public ThreadTest {
   protected:
    React react(std::string emoji = "👍", bool remove = false) {
        return {Town::square, thread, std::move(emoji), remove};
    }
    React unreact(std::string emoji = "👍") { return react(std::move(emoji), true); }
    [[nodiscard]] std::vector<Reaction> reactions() const {
        const auto* found = channel.find<Reactions>(reactions_key(thread));
        return found == nullptr ? std::vector<Reaction>{} : found->reactions;
    }
};

TEST_F(Reacting, GathersMembersBehindEachEmoji) {
    run(Town::aino, react());
    run(Town::veikko, react("❤️"));
    run(Town::biret, react());
    EXPECT_THAT(reactions(), ElementsAre(Reaction{"👍", {Town::aino, Town::biret}}, Reaction{"❤️", {Town::veikko}}));
}

TEST_F(Reacting, TwiceDecidesNothing) {
    run(Town::aino, react());
    EXPECT_TRUE(decides_nothing(Town::aino, react()));
}

TEST_F(Reacting, TakenBackLeavesTheOthers) {
    run(Town::aino, react());
    run(Town::biret, react());
    run(Town::aino, unreact());
    EXPECT_THAT(reactions(), ElementsAre(Reaction{"👍", {Town::biret}}));
}

TEST_F(Reacting, AnEmojiThatNobodyIsBehindDisappears) {
    run(Town::aino, react());
    run(Town::aino, react("❤️"));
    run(Town::aino, unreact());
    EXPECT_THAT(reactions(), ElementsAre(Reaction{"❤️", {Town::aino}}));
}

TEST_F(Reacting, TheLastOneTakenBackRemovesTheEntity) {
    run(Town::aino, react());
    run(Town::aino, unreact());
    EXPECT_EQ(channel.entities().at(reactions_key(thread)).value, Entity{});
    run(Town::aino, react());
    EXPECT_THAT(reactions(), ElementsAre(Reaction{"👍", {Town::aino}}));
}

TEST_F(Reacting, TakingBackWhatIsNotThereDecidesNothing) {
    EXPECT_TRUE(decides_nothing(Town::aino, unreact()));
    run(Town::aino, react());
    EXPECT_TRUE(decides_nothing(Town::veikko, unreact()));
    EXPECT_TRUE(decides_nothing(Town::aino, unreact("❤️")));
}

TEST_F(Reacting, AtOnceDoesNotLoseOne) {
    const auto first = decided(Town::aino, react());
    const auto second = decided(Town::veikko, react());
    ASSERT_TRUE(first && second);
    channel.apply(*first);
    EXPECT_THAT(channel.stale(*second), ElementsAre(reactions_key(thread)));
}

TEST_F(Reacting, NeedsAnEmoji) {
    limits.emoji_bytes = 4;
    EXPECT_TRUE(decided(Town::aino, react("👍")));
    EXPECT_EQ(refused(Town::aino, react("👍x")), refusal_of(ErrorCode::invalid, "emoji_too_long", "emoji"));
    EXPECT_EQ(refused(Town::aino, react("")), refusal_of(ErrorCode::invalid, "emoji_empty", "emoji"));
    EXPECT_EQ(refused(Town::aino, react("a b")), refusal_of(ErrorCode::invalid, "emoji_invalid", "emoji"));
}

TEST_F(Reacting, KeepsToTheLimitOfDifferentEmoji) {
    limits.reactions = 2;
    run(Town::aino, react("👍"));
    run(Town::aino, react("❤️"));
    EXPECT_EQ(refused(Town::aino, react("🎉")), refusal_of(ErrorCode::limited, "too_many_reactions", "emoji"));
    run(Town::veikko, react("❤️"));
    run(Town::aino, unreact("👍"));
    run(Town::aino, react("🎉"));
}

TEST_F(Reacting, KeepsToTheLimitOfMembers) {
    limits.reaction_members = 2;
    run(Town::aino, react("👍"));
    run(Town::veikko, react("❤️"));
    const auto expected = refusal_of(ErrorCode::limited, "too_many_reaction_members", "emoji");
    EXPECT_EQ(refused(Town::biret, react("👍")), expected);
    EXPECT_EQ(refused(Town::biret, react("🎉")), expected);
    EXPECT_TRUE(decides_nothing(Town::aino, react("👍")));
    run(Town::aino, unreact("👍"));
    run(Town::biret, react("👍"));
}

TEST_F(Reacting, ToWhatIsNotThereOrGoneIsRefused) {
    const auto missing = refusal_of(ErrorCode::not_found, "message_not_found", "message");
    EXPECT_EQ(refused(Town::aino, React{Town::square, 999, "👍", false}), missing);
    EXPECT_EQ(refused(Town::aino, React{Town::square, 999, "👍", false, thread}), missing);
    run(Town::aino, DeleteMessage{Town::square, thread});
    EXPECT_EQ(refused(Town::aino, react()), refusal_of(ErrorCode::forbidden, "message_deleted", "message"));
}

TEST_F(Reacting, InAnotherThreadThanTheMessagesIsRefused) {
    const Id other = run(Town::aino, StartThread{Town::square, "Toinen", "aihe"});
    EXPECT_EQ(refused(Town::aino, React{Town::square, thread, "👍", false, other}).reason, "message_not_found");
}

TEST_F(Reacting, NeedsSightAndTheRightToWrite) {
    EXPECT_EQ(refused(Town::virkamies, React{Town::councillors_only, thread, "👍"}),
              refused(Town::virkamies, React{999, thread, "👍"}));
    EXPECT_EQ(refused(Town::aino, React{Town::reading_room, thread, "👍"}).reason, "may_not_write");
}

TEST_F(Reacting, InALockedThreadOrAnArchivedRoomIsRefused) {
    lock(thread);
    EXPECT_EQ(refused(Town::aino, react()), refusal_of(ErrorCode::forbidden, "thread_locked", "thread"));
    archive();
    EXPECT_EQ(refused(Town::aino, react()), refusal_of(ErrorCode::forbidden, "room_archived", "room"));
}

}  // namespace
}  // namespace foorumi::forum::test
