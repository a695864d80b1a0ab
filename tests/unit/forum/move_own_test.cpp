// What goes with a thread besides its messages: what members keep for themselves, and what moderators keep.
#include <gtest/gtest.h>

#include "forum/move_steps.hpp"
#include "model_channel.hpp"
#include "town.hpp"

namespace foorumi::forum::test {
namespace {

class OwnTest : public testing::Test {
   protected:
    static constexpr Id thread = 5, there = 40;
    const Arrived arrived{{5, 40}, {7, 41}, {9, 43}};
    Town town;
    Move move{MoveKind::move, Town::square, thread, Town::reading_room, 0, {}, "", 0, 1};
    ModelChannel own;

    void follow() {
        const MoveSteps steps{move, "nimi", town, 1};
        own.apply(steps.move_own(arrived, there, NeedsView(own.entities(), steps.needs_to_move_own(there))));
        const auto stands = own.entities();
        const auto again = steps.move_own(arrived, there, NeedsView(own.entities(), steps.needs_to_move_own(there)));
        own.apply(again);
        for (const auto& [key, entity] : stands) EXPECT_EQ(own.entities().at(key).value, entity.value) << key;
    }
    [[nodiscard]] Id mark() const {
        const auto* found = own.find<ReadMark>(read_key(move.to_room, there));
        return found == nullptr ? 0 : found->to;
    }
    [[nodiscard]] bool is_gone(const std::string& key) const {
        const auto found = own.entities().find(key);
        return found == own.entities().end() || std::holds_alternative<std::monostate>(found->second.value);
    }
    const std::string old_mark = read_key(Town::square, thread);
};

TEST_F(OwnTest, AMarkIsAtTheSameMessage) {
    for (const auto& [old, now_is] : Arrived{{5, 40}, {6, 40}, {7, 41}, {8, 41}, {9, 43}, {99, 43}}) {
        own = ModelChannel();
        own.put(old_mark, ReadMark{old});
        follow();
        EXPECT_EQ(mark(), now_is) << old;
        EXPECT_TRUE(is_gone(old_mark));
    }
}

TEST_F(OwnTest, WatchAndDraftGoAlong) {
    own.put(watch_key(Town::square, thread), Watch{WatchLevel::mute});
    own.put(draft_key(Town::square, thread), Draft{"kesken", "", 1});
    follow();
    EXPECT_EQ(own.find<Watch>(watch_key(Town::reading_room, there))->level, WatchLevel::mute);
    EXPECT_EQ(own.find<Draft>(draft_key(Town::reading_room, there))->text, "kesken");
    EXPECT_TRUE(is_gone(watch_key(Town::square, thread)));
    EXPECT_TRUE(is_gone(draft_key(Town::square, thread)));
}

TEST_F(OwnTest, WhatIsThereAlreadyStays) {
    own.put(old_mark, ReadMark{9});
    own.put(read_key(Town::reading_room, there), ReadMark{40});
    follow();
    EXPECT_EQ(mark(), 40U) << "they have marked it there meanwhile";
}

TEST_F(OwnTest, ASplitKeepsBoth) {
    move.kind = MoveKind::split;
    move.to_room = Town::square;
    own.put(old_mark, ReadMark{7});
    own.put(watch_key(Town::square, thread), Watch{WatchLevel::follow});
    own.put(draft_key(Town::square, thread), Draft{"kesken", "", 1});
    follow();
    EXPECT_EQ(mark(), 7U);
    EXPECT_EQ(own.find<ReadMark>(old_mark)->to, 7U);
    EXPECT_EQ(own.find<Watch>(watch_key(Town::square, there))->level, WatchLevel::follow);
    EXPECT_NE(own.find<Draft>(draft_key(Town::square, thread)), nullptr);
}

TEST_F(OwnTest, AMergeHidesNothingUnread) {
    move.kind = MoveKind::merge;
    move.to_room = Town::square;
    own.put(old_mark, ReadMark{7});
    own.put(read_key(Town::square, there), ReadMark{45});
    own.put(watch_key(Town::square, thread), Watch{WatchLevel::mute});
    follow();
    EXPECT_EQ(mark(), 7U);
    EXPECT_TRUE(is_gone(watch_key(Town::square, there))) << "the other thread was not muted";
}

// What moderators keep.
TEST(MovedTexts, AreWithTheModeratorsOfTheOtherForumAloneAndOnce) {
    const Town town;
    const Move move{MoveKind::move, Town::square, 5, Town::officers, 0, {}, "", 0, 1};
    const MoveSteps steps{move, "nimi", town, 1};
    Message message;
    message.edits = 1;
    message.removals = 1;
    message.deleted = message.removed = 9;
    const auto old_keys = MoveSteps::text_keys(Town::square, 7, message);
    const auto keys = MoveSteps::text_keys(Town::officers, 41, message);
    EXPECT_EQ(old_keys, (std::vector<std::string>{"earlier:31:7:1", "removed:31:7:1", ".appealed:31:7:1"}));
    ModelChannel before, after;
    EarlierText text;
    text.text = "alkuperäinen";
    text.keep_until = 77;
    before.put(old_keys[1], text);
    ReportBook appealed;
    appealed.report = 5;
    before.put(old_keys[2], appealed);
    const std::vector<Entity> texts{std::monostate{}, text, appealed};
    for (int n = 0; n < 2; ++n) {
        after.apply(steps.bring_texts(keys, texts, 40, 41, NeedsView(after.entities(), keys)));
        const auto* brought = after.find<EarlierText>(keys[1]);
        ASSERT_NE(brought, nullptr);
        EXPECT_EQ(brought->room, Town::officers);
        EXPECT_EQ(brought->message, 41U);
        EXPECT_EQ(brought->keep_until, 77) << "as long as it would have been kept";
        EXPECT_EQ(after.index(std::string(moved_earlier_index)), (Index{{keys[1], 77}}));
        before.apply(MoveSteps::take_texts(old_keys, NeedsView(before.entities(), old_keys)));
        EXPECT_EQ(before.find<EarlierText>(old_keys[1]), nullptr);
        EXPECT_NE(after.find<ReportBook>(keys[2]), nullptr) << "it is not appealed again";
        EXPECT_NE(before.find<ReportBook>(old_keys[2]), nullptr);
    }
    EXPECT_EQ(after.version(), 1U);
}

}  // namespace
}  // namespace foorumi::forum::test
