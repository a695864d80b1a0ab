#include "rules_fixture.hpp"

namespace foorumi::forum::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Here `channel` is the member's own.
class MemberTest : public RulesTest {
   protected:
    static constexpr Id thread = 5;
    MemberTest() { channel = ModelChannel{}; }
    template <class T>
    T at(const std::string& key) {
        const auto* found = channel.find<T>(key);
        return found == nullptr ? T{} : *found;
    }
    bool gone(const std::string& key) { return channel.entities().at(key).value == Entity{}; }
};

class ReadMarks : public MemberTest {};
class Drafting : public MemberTest {};
class Watching : public MemberTest {};
class InboxMarks : public MemberTest {};

const Refusal no_room = refusal_of(ErrorCode::not_found, "room_not_found", "room");
const Refusal no_thread = refusal_of(ErrorCode::not_found, "thread_not_found", "thread");

TEST_F(ReadMarks, MoveInBothDirections) {
    const auto key = read_key(Town::square, thread);
    run(Town::aino, MarkRead{Town::square, thread, 40});
    EXPECT_EQ(at<ReadMark>(key).to, 40u);
    run(Town::aino, MarkRead{Town::square, thread, 20});
    EXPECT_EQ(at<ReadMark>(key).to, 20u);
    EXPECT_TRUE(decides_nothing(Town::aino, MarkRead{Town::square, thread, 20}));
}

TEST_F(ReadMarks, OfZeroAreNone) {
    EXPECT_TRUE(decides_nothing(Town::aino, MarkRead{Town::square, thread, 0}));
    run(Town::aino, MarkRead{Town::square, thread, 40});
    run(Town::aino, MarkRead{Town::square, thread, 0});
    EXPECT_TRUE(gone(read_key(Town::square, thread)));
}

TEST_F(ReadMarks, OfTwoDevicesDoNotOverwriteEachOtherUnseen) {
    const auto first = decided(Town::aino, MarkRead{Town::square, thread, 40});
    const auto second = decided(Town::aino, MarkRead{Town::square, thread, 30});
    ASSERT_TRUE(first && second);
    EXPECT_THAT(first->expectations, ElementsAre(Expectation{"read:31:5", 0}));
    channel.apply(*first);
    EXPECT_THAT(channel.stale(*second), ElementsAre("read:31:5"));
}

TEST_F(ReadMarks, NeedSightOfTheRoomAndAThread) {
    EXPECT_EQ(refused(Town::virkamies, MarkRead{Town::councillors_only, thread, 1}), no_room);
    EXPECT_EQ(refused(Town::virkamies, MarkRead{999, thread, 1}), no_room);
    EXPECT_EQ(refused(Town::aino, MarkRead{Town::square, 0, 1}), no_thread);
    EXPECT_TRUE(decided(Town::aino, MarkRead{Town::reading_room, thread, 1})) << "readers mark what they read";
}

TEST_F(ReadMarks, AreNotAheadOfTheRoom) {
    EXPECT_TRUE(check_mark({Town::square, thread, 39}, 40));
    EXPECT_TRUE(check_mark({Town::square, thread, 40}, 40));
    const auto ahead = check_mark({Town::square, thread, 41}, 40);
    ASSERT_FALSE(ahead);
    EXPECT_EQ(ahead.error(), refusal_of(ErrorCode::invalid, "read_mark_in_future", "to"));
}

TEST_F(ReadMarks, AreOfThreadsThatExist) {
    EXPECT_TRUE(check_thread({3, Thread{}}));
    for (const auto& other : {Versioned{}, Versioned{3, {}}, Versioned{3, Message{}}}) {
        const auto checked = check_thread(other);
        ASSERT_FALSE(checked);
        EXPECT_EQ(checked.error(), no_thread);
    }
}

TEST_F(Drafting, KeepsWhatWasWritten) {
    run(Town::aino, SaveDraft{Town::square, thread, "Keskeneräinen aja", ""});
    const Draft expected{"Keskeneräinen aja", "", now};
    EXPECT_EQ(at<Draft>(draft_key(Town::square, thread)), expected);
    run(Town::aino, SaveDraft{Town::square, 0, "", "Uusi ketju"});
    EXPECT_EQ(at<Draft>(draft_key(Town::square, 0)).title, "Uusi ketju");
}

TEST_F(Drafting, OfTheSameTextDecidesNothing) {
    const SaveDraft draft{Town::square, thread, "Sama", ""};
    run(Town::aino, draft);
    now += 1000;
    EXPECT_TRUE(decides_nothing(Town::aino, draft));
}

TEST_F(Drafting, OfNothingDiscards) {
    EXPECT_TRUE(decides_nothing(Town::aino, SaveDraft{Town::square, thread, "", ""}));
    run(Town::aino, SaveDraft{Town::square, thread, "Luonnos", ""});
    run(Town::aino, SaveDraft{Town::square, thread, "", ""});
    EXPECT_TRUE(gone(draft_key(Town::square, thread)));
}

TEST_F(Drafting, OnTwoDevicesDoesNotOverwriteUnseen) {
    run(Town::aino, SaveDraft{Town::square, thread, "Eka", ""});
    const auto phone = decided(Town::aino, SaveDraft{Town::square, thread, "Puhelin", ""});
    const auto laptop = decided(Town::aino, SaveDraft{Town::square, thread, "Kannettava", ""});
    channel.apply(*phone);
    EXPECT_THAT(channel.stale(*laptop), ElementsAre(draft_key(Town::square, thread)));
}

TEST_F(Drafting, KeepsToTheLimits) {
    limits.text_bytes = 10;
    limits.title_bytes = 5;
    EXPECT_TRUE(decided(Town::aino, SaveDraft{Town::square, 0, std::string(10, 'a'), std::string(5, 'b')}));
    EXPECT_EQ(refused(Town::aino, SaveDraft{Town::square, 0, std::string(11, 'a'), ""}),
              refusal_of(ErrorCode::invalid, "text_too_long", "text"));
    EXPECT_EQ(refused(Town::aino, SaveDraft{Town::square, 0, "", std::string(6, 'b')}),
              refusal_of(ErrorCode::invalid, "text_too_long", "title"));
    EXPECT_EQ(refused(Town::aino, SaveDraft{Town::square, 0, "a\x01", ""}).reason, "text_control_character");
    EXPECT_EQ(refused(Town::aino, SaveDraft{Town::square, 0, "", "a\nb"}).reason, "title_line_break");
}

TEST_F(Drafting, OfAReplyHasNoTitle) {
    EXPECT_EQ(refused(Town::aino, SaveDraft{Town::square, thread, "a", "b"}),
              refusal_of(ErrorCode::invalid, "title_not_allowed", "title"));
}

TEST_F(Drafting, NeedsTheRightToWriteUnlessItDiscards) {
    EXPECT_EQ(refused(Town::aino, SaveDraft{Town::reading_room, thread, "a", ""}),
              refusal_of(ErrorCode::forbidden, "may_not_write", "room"));
    EXPECT_TRUE(decided(Town::aino, SaveDraft{Town::reading_room, thread, "", ""}));
    EXPECT_EQ(refused(Town::virkamies, SaveDraft{Town::councillors_only, thread, "", ""}), no_room);
    EXPECT_EQ(refused(Town::virkamies, SaveDraft{999, thread, "a", ""}), no_room);
}

TEST_F(Watching, FollowsMutesAndForgets) {
    const auto key = watch_key(Town::square, thread);
    EXPECT_TRUE(decides_nothing(Town::aino, SetWatch{Town::square, thread, WatchLevel::normal}));
    run(Town::aino, SetWatch{Town::square, thread, WatchLevel::follow});
    EXPECT_EQ(at<Watch>(key).level, WatchLevel::follow);
    EXPECT_TRUE(decides_nothing(Town::aino, SetWatch{Town::square, thread, WatchLevel::follow}));
    run(Town::aino, SetWatch{Town::square, thread, WatchLevel::mute});
    EXPECT_EQ(at<Watch>(key).level, WatchLevel::mute);
    run(Town::aino, SetWatch{Town::square, thread, WatchLevel::normal});
    EXPECT_TRUE(gone(key));
}

TEST_F(Watching, NeedsALevelSightAndAThread) {
    EXPECT_EQ(refused(Town::aino, SetWatch{Town::square, thread, static_cast<WatchLevel>(3)}),
              refusal_of(ErrorCode::invalid, "level_unknown", "level"));
    EXPECT_EQ(refused(Town::virkamies, SetWatch{Town::councillors_only, thread, WatchLevel::follow}), no_room);
    EXPECT_EQ(refused(Town::virkamies, SetWatch{999, thread, WatchLevel::follow}), no_room);
    EXPECT_EQ(refused(Town::aino, SetWatch{Town::square, 0, WatchLevel::follow}), no_thread);
}

TEST_F(InboxMarks, SeenIsKept) {
    const auto key = inbox_key(Town::square, 7);
    channel.put(key, InboxEntry{InboxKind::mention, Town::square, thread, 7, Town::veikko, now, false});
    run(Town::aino, MarkInboxSeen{Town::square, 7});
    const InboxEntry expected{InboxKind::mention, Town::square, thread, 7, Town::veikko, now, true};
    EXPECT_EQ(at<InboxEntry>(key), expected);
    EXPECT_TRUE(decides_nothing(Town::aino, MarkInboxSeen{Town::square, 7}));
}

TEST_F(InboxMarks, TellActsOnAMessageFromEachOtherAndFromItself) {
    for (const auto& key : {inbox_key(Town::square, 7), act_inbox_key(Town::square, 7, 90)})
        channel.put(key, InboxEntry{InboxKind::removed, Town::square, thread, 7, 0, now, false});
    run(Town::aino, MarkInboxSeen{Town::square, 7, 90});
    EXPECT_TRUE(at<InboxEntry>(act_inbox_key(Town::square, 7, 90)).seen);
    EXPECT_FALSE(at<InboxEntry>(inbox_key(Town::square, 7)).seen);
    EXPECT_EQ(refused(Town::aino, MarkInboxSeen{Town::square, 7, 91}).reason, "inbox_entry_not_found");
}

TEST_F(InboxMarks, OfNoEntryAreRefusedWhateverTheRoom) {
    const auto expected = refusal_of(ErrorCode::not_found, "inbox_entry_not_found", "message");
    EXPECT_EQ(refused(Town::virkamies, MarkInboxSeen{Town::councillors_only, 7}), expected);
    EXPECT_EQ(refused(Town::virkamies, MarkInboxSeen{999, 7}), expected);
}

TEST_F(InboxMarks, MayBeSetAfterTheRoomIsOutOfSight) {
    channel.put(inbox_key(Town::councillors_only, 7),
                InboxEntry{InboxKind::mention, Town::councillors_only, 5, 7, Town::aino, now});
    run(Town::virkamies, MarkInboxSeen{Town::councillors_only, 7});
    EXPECT_TRUE(at<InboxEntry>(inbox_key(Town::councillors_only, 7)).seen);
}

}  // namespace
}  // namespace foorumi::forum::test
