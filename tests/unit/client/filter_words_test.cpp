#include "client/filter_words.hpp"

#include <gmock/gmock.h>

#include "client/catalogue.hpp"
#include "client/member_cache.hpp"
#include "client/render.hpp"

namespace foorumi::client {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(FilterWords, AreTheProtocolsNumbers) {
    EXPECT_EQ(read_filter_kind("word"), foorumi::v1::FILTER_KIND_WORD);
    EXPECT_EQ(read_filter_kind("link"), foorumi::v1::FILTER_KIND_LINK);
    EXPECT_EQ(read_filter_action("flag"), foorumi::v1::FILTER_ACTION_FLAG);
    EXPECT_EQ(read_filter_action("hold"), foorumi::v1::FILTER_ACTION_HOLD);
    EXPECT_EQ(read_filter_action("refuse"), foorumi::v1::FILTER_ACTION_REFUSE);
    EXPECT_FALSE(read_filter_kind("unspecified"));
    EXPECT_FALSE(read_filter_action("FLAG"));
}

class FilterRendering : public testing::Test {
   protected:
    Catalogue texts{"en"};
    MemberCache members;
    Renderer plain{texts, members, false};
};

TEST_F(FilterRendering, AFilterSaysWhatItFindsAndDoes) {
    foorumi::v1::FilterRecord filter;
    filter.set_number(4);
    filter.set_kind(foorumi::v1::FILTER_KIND_LINK);
    filter.set_pattern("evil.com\a");
    filter.set_action(foorumi::v1::FILTER_ACTION_HOLD);
    const auto told = plain.filter(filter);
    EXPECT_THAT(told, HasSubstr("#4  link  evil.com"));
    EXPECT_THAT(told, HasSubstr("hold"));
    EXPECT_THAT(told, Not(HasSubstr("\a")));
}

TEST_F(FilterRendering, AHeldMessageSaysWhereItIsForAndWhy) {
    foorumi::v1::HeldMessage held;
    held.set_number(77);
    held.set_room(3);
    held.set_title("Buy");
    held.set_text("now\x1b");
    held.add_filters("buy*");
    auto told = plain.held(held);
    EXPECT_THAT(told, HasSubstr("Held 77"));
    EXPECT_THAT(told, HasSubstr("a new thread in room 3: Buy"));
    EXPECT_THAT(told, HasSubstr("filters: buy*"));
    EXPECT_THAT(told, Not(HasSubstr("\x1b")));
    held.set_thread(12);
    held.set_returned("thread_locked");
    told = plain.held(held);
    EXPECT_THAT(told, HasSubstr("thread 12 of room 3"));
    EXPECT_THAT(told, HasSubstr("could not be posted"));
    foorumi::v1::Held answer;
    answer.set_held(77);
    EXPECT_EQ(plain.held_answer(answer), "held for approval, number 77");
}

TEST_F(FilterRendering, TheInboxTellsWhatBecameOfIt) {
    foorumi::v1::InboxEntry entry;
    entry.set_kind(foorumi::v1::InboxEntry::KIND_HELD_REJECTED);
    entry.set_room(3);
    entry.set_held(77);
    entry.set_reason("an advertisement");
    EXPECT_THAT(plain.inbox_entry(entry, {}), HasSubstr("77 in #3 was not approved: an advertisement"));
    entry.set_kind(foorumi::v1::InboxEntry::KIND_HELD_APPROVED);
    entry.set_message(57);
    entry.clear_reason();
    EXPECT_THAT(plain.inbox_entry(entry, {}), HasSubstr("77 was approved: #57 in #3"));
}

}  // namespace
}  // namespace foorumi::client
