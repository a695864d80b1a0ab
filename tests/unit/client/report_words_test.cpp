#include "client/report_words.hpp"

#include <gmock/gmock.h>

#include "client/member_cache.hpp"
#include "client/render.hpp"

namespace foorumi::client {
namespace {

using foorumi::v1::Report;
using testing::HasSubstr;
using testing::Not;

TEST(ReportWords, CategoriesAreTheProtocolsWords) {
    EXPECT_THAT(category_words(),
                testing::ElementsAre("harassment", "off_topic", "spam", "confidential", "unlawful", "other"));
    for (const auto& word : category_words()) EXPECT_EQ(category_word(*read_category(word)), word);
    EXPECT_FALSE(read_category("unspecified"));
    EXPECT_FALSE(read_category("SPAM"));
    EXPECT_EQ(category_word(99), "other") << "of a later server";
}

TEST(ReportWords, AQueueIsFollowedByItsForum) {
    EXPECT_EQ(followed_queue("moderation:strategia"), "strategia");
    EXPECT_EQ(followed_queue("moderation:2"), "2");
    EXPECT_FALSE(followed_queue("strategia/tori"));
}

TEST(ReportRequests, NameWhatTheyAreAbout) {
    Arguments asked;
    asked.verb = Verb::report;
    asked.message = 57;
    asked.reports.category = "spam";
    asked.reports.words = "Mainos";
    auto request = report_request(asked, 3, 0).file_report();
    EXPECT_EQ(request.message().room(), 3U);
    EXPECT_EQ(request.message().message(), 57U);
    EXPECT_EQ(request.category(), Report::CATEGORY_SPAM);
    EXPECT_EQ(request.words(), "Mainos");
    asked.verb = Verb::report_member;
    request = report_request(asked, 2, 9).file_report();
    EXPECT_EQ(request.member().forum(), 2U);
    EXPECT_EQ(request.member().member(), 9U);
    asked.verb = Verb::appeal;
    const auto appeal = report_request(asked, 3, 0).file_appeal();
    EXPECT_EQ(appeal.removal().room(), 3U);
    EXPECT_EQ(appeal.removal().message(), 57U);
    EXPECT_EQ(appeal.words(), "Mainos");
}

TEST(ReportRequests, OfModeratorsNameTheReport) {
    Arguments asked;
    asked.reports.report = 5;
    asked.reports.words = "Kiitos";
    asked.verb = Verb::mod_assign;
    EXPECT_EQ(report_request(asked, 2, 9).assign_report().member(), 9U);
    asked.verb = Verb::mod_note;
    EXPECT_EQ(report_request(asked, 2, 0).note_report().text(), "Kiitos");
    asked.verb = Verb::mod_reject;
    const auto rejected = report_request(asked, 2, 0).resolve_report();
    EXPECT_TRUE(rejected.rejected());
    EXPECT_EQ(rejected.forum(), 2U);
    EXPECT_EQ(rejected.report(), 5U);
    EXPECT_EQ(rejected.words(), "Kiitos");
    asked.verb = Verb::mod_resolve;
    asked.reports.to_author = "Pysy asiassa";
    EXPECT_FALSE(report_request(asked, 2, 0).resolve_report().rejected());
    EXPECT_EQ(report_request(asked, 2, 0).resolve_report().to_author(), "Pysy asiassa");
}

class RenderingReports : public testing::Test {
   protected:
    RenderingReports() {
        for (const auto& [id, name] : {std::pair{9, "Pekka"}, {15, "Marja"}}) {
            foorumi::v1::Member member;
            member.set_id(static_cast<std::uint64_t>(id));
            member.set_name(name);
            members.put(member);
        }
        entity.set_key("report:5");
        auto& report = *entity.mutable_report();
        report.set_room(3);
        report.set_message(57);
        report.set_member(9);
        report.set_state(Report::STATE_NEW);
        report.add_categories(Report::CATEGORY_SPAM);
        report.set_reporters(2);
    }
    const Catalogue texts{"en"};
    MemberCache members;
    const Renderer renderer{texts, members, false};
    foorumi::v1::Entity entity;
};

TEST_F(RenderingReports, TheQueueSaysHowFarEachHasCome) {
    EXPECT_EQ(renderer.entity(entity), "report 5  new  message #57 of Pekka, room #3  spam  2 reporters");
    entity.mutable_report()->set_state(Report::STATE_ASSIGNED);
    entity.mutable_report()->set_assigned(15);
    entity.mutable_report()->set_notes(1);
    EXPECT_THAT(renderer.entity(entity), HasSubstr("assigned to Marja"));
    EXPECT_THAT(renderer.entity(entity), HasSubstr("1 note"));
    entity.mutable_report()->set_state(Report::STATE_REJECTED);
    entity.mutable_report()->set_closed_ms(1);
    entity.mutable_report()->set_closed_by(9);
    EXPECT_THAT(renderer.entity(entity), HasSubstr("rejected by Pekka"));
    std::vector<std::uint64_t> named;
    collect_members(entity, named);
    EXPECT_THAT(named, testing::UnorderedElementsAre(9U, 15U, 9U));
}

TEST_F(RenderingReports, AppealsNameWhoRemovedAndHaveNoReporters) {
    entity.mutable_report()->set_appeal(true);
    entity.mutable_report()->set_removed_by(15);
    entity.mutable_report()->clear_categories();
    EXPECT_EQ(renderer.entity(entity), "appeal 5  new  message #57 of Pekka, room #3  removed by Marja");
}

TEST_F(RenderingReports, WhatWasSaidIsSafeOnATerminal) {
    foorumi::v1::ReportWords words;
    words.set_reporter(9);
    words.set_category(Report::CATEGORY_OTHER);
    words.set_text("Katsokaa\x1b[2J");
    EXPECT_THAT(renderer.report_words(words), HasSubstr("Pekka  something else\n    Katsokaa<U+001B>[2J"));
    words.set_reporter(0);
    EXPECT_THAT(renderer.report_words(words), HasSubstr("a former member"));
    foorumi::v1::ReportNote note;
    note.set_by(15);
    note.set_text("Kiitos\x1b");
    note.set_to(foorumi::v1::ReportNote::TO_REPORTERS);
    EXPECT_THAT(renderer.report_note(note), HasSubstr("Marja to those who reported or appealed"));
    EXPECT_THAT(renderer.report_note(note), Not(HasSubstr("\x1b")));
}

TEST_F(RenderingReports, OutcomesInTheInboxSayOfWhat) {
    foorumi::v1::InboxEntry entry;
    entry.set_kind(foorumi::v1::InboxEntry::KIND_REPORT_RESOLVED);
    entry.set_room(3);
    entry.set_message(57);
    entry.set_reason("Kiitos\x1b");
    const auto told = renderer.inbox_entry(entry, {.room = "Tori", .thread = {}});
    EXPECT_THAT(told, HasSubstr("acted on your report about message #57, room Tori (#3): Kiitos<U+001B>"));
    entry.set_room(0);
    entry.set_message(0);
    entry.set_member(9);
    EXPECT_THAT(renderer.inbox_entry(entry, {}), HasSubstr("about Pekka"));
    entry.set_kind(foorumi::v1::InboxEntry::KIND_REPORTED);
    entry.set_member(0);
    EXPECT_THAT(renderer.inbox_entry(entry, {}), HasSubstr("about yourself"));
}

}  // namespace
}  // namespace foorumi::client
