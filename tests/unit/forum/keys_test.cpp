#include "forum/keys.hpp"

#include <gtest/gtest.h>

namespace foorumi::forum {
namespace {

TEST(ChannelNames, AreReadAsTheyAreWritten) {
    EXPECT_EQ(parse_channel(room_channel(12)), (ChannelName{ChannelKind::room, 12}));
    EXPECT_EQ(parse_channel(member_channel(7)), (ChannelName{ChannelKind::member, 7}));
    EXPECT_EQ(parse_channel(moderation_channel(3)), (ChannelName{ChannelKind::moderation, 3}));
    EXPECT_EQ(parse_channel("directory"), (ChannelName{ChannelKind::directory, 0}));
    EXPECT_EQ(parse_channel("room:18446744073709551615"), (ChannelName{ChannelKind::room, UINT64_MAX}));
}

class NoChannelName : public testing::TestWithParam<std::string_view> {};

TEST_P(NoChannelName, IsNotRead) { EXPECT_FALSE(parse_channel(GetParam())); }

INSTANTIATE_TEST_SUITE_P(Spellings, NoChannelName,
                         testing::Values("", "room", "room:", "room:0", "room:012", "room:+1", "room:-1", "room: 1",
                                         "room:1 ", "room:1:2", "room:0x1", "room:18446744073709551616", "huone:1",
                                         "Room:1", ":1", "directory:1", "directory ", "room:\xC3\xA4"));

TEST(Keys, NameWhatTheyAreFor) {
    EXPECT_EQ(thread_key(12), "thread:12");
    EXPECT_EQ(message_key(57), "message:57");
    EXPECT_EQ(reactions_key(57), "reactions:57");
    EXPECT_EQ(pace_key(12, 9), "pace:12:9");
    EXPECT_EQ(read_key(3, 12), "read:3:12");
    EXPECT_EQ(draft_key(3, 0), "draft:3:0");
    EXPECT_EQ(watch_key(3, 12), "watch:3:12");
    EXPECT_EQ(inbox_key(3, 57), "inbox:3:57");
    EXPECT_EQ(earlier_key(3, 57, 2), "earlier:3:57:2");
    EXPECT_EQ(removed_key(3, 57, 2), "removed:3:57:2");
    EXPECT_EQ(purged_key(3, 57, 1), "purged:3:57:1");
    EXPECT_EQ(act_inbox_key(3, 57, 90), "inbox:3:57:90");
    EXPECT_EQ(with_version(new_act_inbox_key(3, 57), 90), "inbox:3:57:90");
    EXPECT_EQ(thread_index(12), "t:12");
}

TEST(Keys, OfWhatACommitCreatesBecomeThoseOfItsVersion) {
    EXPECT_EQ(with_version(new_thread_key, 5), thread_key(5));
    EXPECT_EQ(with_version(new_message_key, 5), message_key(5));
    EXPECT_EQ(with_version(new_thread_index, 5), thread_index(5));
    EXPECT_EQ(with_version(new_thread_index_member(9), 5), thread_index_member(5, 9));
    EXPECT_EQ(with_version(new_inbox_key(3), 5), inbox_key(3, 5));
}

TEST(ThreadIndexMembers, AreReadAsTheyAreWritten) {
    const auto member = parse_thread_index_member(thread_index_member(57, 9));
    ASSERT_TRUE(member);
    EXPECT_EQ(member->message, 57u);
    EXPECT_EQ(member->author, 9u);
    const auto deleted = parse_thread_index_member("57.0");
    ASSERT_TRUE(deleted);
    EXPECT_EQ(deleted->author, 0u);
}

TEST(ThreadIndexMembers, OfAnotherFormAreNotRead) {
    for (const auto* text : {"", "57", "57.", ".9", "0.9", "057.9", "57.09", "57.9.1", "57,9"}) {
        EXPECT_FALSE(parse_thread_index_member(text)) << text;
    }
}

}  // namespace
}  // namespace foorumi::forum
