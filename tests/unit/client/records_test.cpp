#include "client/records.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "client/audience_words.hpp"

namespace foorumi::client {
namespace {

using foorumi::v1::Entity;
using foorumi::v1::RecordsPage;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* hostile = "<script>alert(1)</script> \x1b[2J \u202e & \"'";

class RecordsTest : public testing::Test {
   protected:
    RecordsTest() {
        foorumi::v1::Member member;
        member.set_id(7);
        member.set_handle("maija");
        member.set_name(std::string("Maija ") + hostile);
        members.put(member);
        auto& room = put(page, "room");
        room.mutable_room()->set_title("Tori");
        put_thread(12, "Otsikko");
        put_message(12, 12, "Avaus");
        put_message(13, 12, "Toinen");
    }

    Entity& put(RecordsPage& on, const std::string& key) {
        auto& entity = *on.add_entities();
        entity.set_key(key);
        entity.set_version(++version);
        on.set_version(version);
        return entity;
    }
    void put_thread(std::uint64_t id, const std::string& title) {
        put(page, "thread:" + std::to_string(id)).mutable_thread()->set_title(title);
    }
    foorumi::v1::Message& put_message(std::uint64_t id, std::uint64_t thread, const std::string& text) {
        auto& message = *put(page, "message:" + std::to_string(id)).mutable_message();
        message.set_thread(thread);
        message.set_author(7);
        message.set_text(text);
        return message;
    }
    void put_reaction(std::uint64_t id, std::uint64_t member) {
        auto& reaction = *put(page, "reactions:" + std::to_string(id)).mutable_reactions()->add_reactions();
        reaction.set_emoji("+");
        reaction.add_members(member);
    }
    Records records(std::uint64_t thread = 0, bool public_copy = false) {
        Records all(thread, public_copy);
        all.add(page);
        all.complete();
        return all;
    }
    static std::vector<std::uint64_t> messages_of(const Records& records) {
        std::vector<std::uint64_t> ids;
        for (const auto& chapter : records.chapters())
            for (const auto& [message, reactions] : chapter.messages)
                ids.push_back(std::stoull(message->key().substr(std::string("message:").size())));
        return ids;
    }

    RecordsPage page;
    std::uint64_t version = 0;
    MemberCache members;
    Catalogue texts{"en"};
    const Heading heading{"Tori", "Toinen rivi"};
};

TEST_F(RecordsTest, TheLastOfEachEntityCountsAndWhatIsGoneIsNotThere) {
    put_message(13, 12, "Muutettu");
    put_message(14, 12, "Kolmas");
    put(page, "message:14");
    const auto all = records();
    EXPECT_THAT(messages_of(all), ElementsAre(12, 13));
    EXPECT_THAT(records_json(all, members), AllOf(HasSubstr("Muutettu"), Not(HasSubstr("Toinen"))));
    EXPECT_EQ(all.version(), version);
}

TEST_F(RecordsTest, APageOfARestoredBackupBeginsAnew) {
    Records all(0, false);
    all.add(page);
    RecordsPage anew;
    anew.set_begin_anew(true);
    all.add(anew);
    page.Clear();
    put(page, "room").mutable_room()->set_title("Tori");
    put_thread(12, "Otsikko");
    put_message(12, 12, "Avaus");
    all.add(page);
    all.complete();
    EXPECT_THAT(messages_of(all), ElementsAre(12));
}

TEST_F(RecordsTest, ThreadsAndMessagesAreInTheOrderOfTheirNumbers) {
    put_thread(9, "Vanha");
    put_message(30, 9, "a");
    put_message(10, 9, "b");
    EXPECT_THAT(messages_of(records()), ElementsAre(10, 30, 12, 13));
    const auto json = records_json(records(), members);
    EXPECT_EQ(json, records_json(records(), members));
    EXPECT_EQ(std::ranges::count(json, '\n'), 1 + 1 + 2 + 4);
}

TEST_F(RecordsTest, OfOneThreadHaveNothingOfOthers) {
    put_reaction(13, 300);
    put_reaction(99, 301);  // of another thread
    put_thread(9, "Toisaalla");
    const auto all = records(12);
    EXPECT_EQ(all.counts().threads, 1U);
    EXPECT_EQ(all.counts().messages, 2U);
    EXPECT_THAT(all.members(), ElementsAre(7, 300));
    EXPECT_THAT(records_json(all, members),
                AllOf(HasSubstr("300"), Not(HasSubstr("301")), Not(HasSubstr("Toisaalla"))));
}

TEST_F(RecordsTest, APublicCopyTellsWhatWasLeftOut) {
    auto& marked = put_message(14, 12, "");
    marked.mutable_secrecy()->set_ground("24 § 25 kohta");
    auto& removed = put_message(15, 12, "");
    removed.set_deleted_ms(1);
    removed.mutable_secrecy()->set_ground("24 § 25 kohta");
    const auto all = records(0, true);
    EXPECT_EQ(all.counts().marked, 2U);
    EXPECT_EQ(all.counts().blanked, 1U) << "of what was deleted nothing was left out";
    EXPECT_EQ(all.counts().deleted, 1U);
    const auto text = records_text(all, members, texts, heading);
    EXPECT_THAT(text, AllOf(HasSubstr("(left out: marked as secret)"), HasSubstr("24 § 25 kohta")));
    EXPECT_THAT(records_json(all, members), HasSubstr(R"("blanked":true)"));
    EXPECT_EQ(records(0, false).counts().blanked, 0U);
}

// Messages come before and behind the first one by merges, and what is deleted was read when the title was chosen.
TEST_F(RecordsTest, APublicCopyLeavesTheTitleOutWhereAnyMessageIsMarked) {
    auto& marked = put_message(13, 12, "");
    marked.mutable_secrecy()->set_ground("Peruste");
    marked.set_deleted_ms(1);
    const auto all = records(0, true);
    for (const auto& file : {records_json(all, members), records_text(all, members, texts, heading),
                             records_html(all, members, texts, heading)})
        EXPECT_THAT(file, Not(HasSubstr("Otsikko")));
    EXPECT_THAT(records_json(records(), members), HasSubstr("Otsikko")) << "a search that would find nothing";
}

TEST_F(RecordsTest, HostileTextsAreTextWhereverTheyStand) {
    put_thread(20, hostile);
    auto& message = put_message(20, 20, std::string(hostile) + "\n</pre></article><img src=x onerror=y>");
    message.mutable_secrecy()->set_ground(hostile);
    auto& removed = put_message(21, 20, "");
    removed.set_deleted_ms(1);
    removed.set_removed_ms(1);
    removed.set_reason(hostile);
    put(page, "reactions:20").mutable_reactions()->add_reactions()->set_emoji("<b>");
    const auto all = records();
    // A heading is fit for a terminal already.
    const auto html = records_html(all, members, texts, {"<script>alert(1)</script>", "<b>&\"'"});
    // Every tag is one of ours: what is left without them has no angle bracket.
    for (const auto* tag : {"<script", "<img", "<b>", "onerror=y>"}) EXPECT_THAT(html, Not(HasSubstr(tag))) << tag;
    EXPECT_EQ(html.find("</pre></article><"), std::string::npos);
    EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;"));
    EXPECT_THAT(html, HasSubstr("default-src 'none'"));
    for (const auto& file : {html, records_text(all, members, texts, heading), records_json(all, members)}) {
        EXPECT_EQ(file.find('\x1b'), std::string::npos);
        EXPECT_EQ(file.find("\u202e"), std::string::npos);
    }
}

TEST_F(RecordsTest, HtmlIsWholeInItselfAndBalanced) {
    const auto html = records_html(records(), members, texts, heading);
    const auto count = [&html](std::string_view part) {
        std::size_t found = 0;
        for (auto at = html.find(part); at != std::string::npos; at = html.find(part, at + 1)) ++found;
        return found;
    };
    EXPECT_EQ(count("<article"), 2U);
    for (const auto* element : {"article", "section", "pre", "h1", "h2", "h3", "p", "html", "body"})
        EXPECT_EQ(count(std::string("<") + element + ">") + count(std::string("<") + element + " "),
                  count(std::string("</") + element + ">"))
            << element;
    for (const auto* outside : {"http://", "https://", "src=", "href=", "<link", "<script"})
        EXPECT_EQ(count(outside), 0U) << outside;
    EXPECT_THAT(html, HasSubstr("<html lang=\"en\">"));
}

TEST(HtmlEscaped, HasNothingThatEndsTextOrAttributes) {
    EXPECT_EQ(html_escaped("<a href='x' b=\"y\">&amp;"), "&lt;a href=&#39;x&#39; b=&quot;y&quot;&gt;&amp;amp;");
}

TEST(AudienceWords, TellAllThatTheForumAndTheRoomAskFor) {
    const Catalogue texts("en");
    const Registers registers;
    foorumi::v1::Rooms::Room room;
    EXPECT_EQ(readers_of(room, registers, texts), "every member of the service");
    room.add_audiences();
    EXPECT_EQ(readers_of(room, registers, texts), "every member of the service");
    room.mutable_audiences(0)->add_read(foorumi::v1::ROLE_COUNCILLOR);
    auto& own = *room.add_audiences();
    own.add_municipalities("837");
    own.add_sizes(foorumi::v1::SIZE_CLASS_UNDER_2000);
    own.add_terms(3);
    EXPECT_EQ(readers_of(room, registers, texts),
              "members who fit all of this, and the moderators of the forum: role: councillor; municipality: 837; size "
              "of the municipality: under_2000; council term: #3");
}

}  // namespace
}  // namespace foorumi::client
