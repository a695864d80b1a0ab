// What moderators do to the reports of their forum.
#include "forum/erasure_rules.hpp"
#include "reports_fixture.hpp"

namespace foorumi::forum::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Queue : public ReportsTest {
   protected:
    // A report of what johtaja, a moderator, has written.
    void report_moderator() {
        message.author = Town::johtaja;
        run(Town::aino, report());
    }
    [[nodiscard]] Refusal not_there(std::string reason, std::string field) const {
        return refusal_of(ErrorCode::not_found, std::move(reason), std::move(field));
    }
    [[nodiscard]] Refusal not_allowed(std::string reason, std::string field = "report") const {
        return refusal_of(ErrorCode::forbidden, std::move(reason), std::move(field));
    }
};
class Assigning : public Queue {};
class Resolving : public Queue {};
class Concerned : public Queue {};
class Decided : public Queue {};
class ErasedReporters : public Queue {};

TEST_F(Queue, IsForTheForumsModeratorsAlone) {
    run(Town::aino, report());
    for (const Id member : {Town::aino, Town::veikko, Town::yllapito, Town::toinen}) {
        EXPECT_EQ(refused(member, assignment(1, 0)), not_there("channel_not_found", "forum"));
        EXPECT_EQ(refused(member, note_on(1)), not_there("channel_not_found", "forum"));
        EXPECT_EQ(refused(member, resolution(1)), not_there("channel_not_found", "forum"));
        EXPECT_FALSE(check_queue(actor(member), Town::strategy));
    }
    auto absent = resolution(1);
    absent.forum = 999;
    EXPECT_EQ(refused(Town::johtaja, absent), not_there("channel_not_found", "forum"));
    EXPECT_EQ(refused(Town::johtaja, resolution(2)), not_there("report_not_found", "report"));
    EXPECT_TRUE(check_queue(actor(Town::johtaja), Town::strategy));
}

TEST_F(Assigning, IsAnActAndMayBeTakenBack) {
    run(Town::aino, report());
    now += 1000;
    run(Town::johtaja, assignment(1, vara));
    EXPECT_EQ(queued(1).assigned, vara);
    EXPECT_EQ(queued(1).state, ReportState::assigned);
    EXPECT_EQ(queued(1).changed, now);
    EXPECT_EQ(act, (Act{.forum = Town::strategy,
                        .room = Town::square,
                        .thread = thread,
                        .message = id,
                        .member = vara,
                        .reason = {},
                        .report = 1}));
    EXPECT_TRUE(decides_nothing(Town::johtaja, assignment(1, vara)));
    run(vara, assignment(1, 0));
    EXPECT_EQ(queued(1).assigned, 0U);
    EXPECT_EQ(queued(1).state, ReportState::fresh);
}

TEST_F(Assigning, IsToModeratorsOfTheForum) {
    run(Town::aino, report());
    for (const Id member : {Town::aino, Town::yllapito, Town::toinen, Id{999}})
        EXPECT_EQ(refused(Town::johtaja, assignment(1, member)),
                  refusal_of(ErrorCode::invalid, "not_a_moderator", "member"));
}

TEST_F(Queue, NotesAreKeptApartAndBounded) {
    limits.report_notes = 2;
    run(Town::aino, report());
    run(Town::johtaja, note_on(1));
    EXPECT_EQ(act->reason, "Soitin hänelle");
    EXPECT_EQ(*channel.find<ReportNote>(report_note_key(1, 1)),
              (ReportNote{Town::johtaja, now, "Soitin hänelle", NoteTo::moderators}));
    run(vara, note_on(1, "Selvä"));
    EXPECT_EQ(queued(1).notes, 2U);
    EXPECT_EQ(refused(vara, note_on(1)), refusal_of(ErrorCode::limited, "too_many_notes", "report"));
    limits.reason_bytes = 5;
    EXPECT_EQ(refused(vara, note_on(1, "pitkää")), refusal_of(ErrorCode::invalid, "text_too_long", "text"));
}

TEST_F(Resolving, TellsEachReporterAndWhomItIsAbout) {
    run(Town::aino, report());
    run(Town::biret, report());
    run(Town::johtaja, ResolveReport{Town::strategy, 1, false, "Poistimme viestin", "Pysy asiassa"});
    ASSERT_EQ(effects.size(), 3U);
    for (const Id member : {Town::aino, Town::biret}) {
        ASSERT_NE(told(member), nullptr);
        EXPECT_EQ(*told(member), (InboxEntry{InboxKind::report_resolved, Town::square, thread, id, 0, now, false,
                                             "Poistimme viestin"}));
    }
    EXPECT_EQ(*told(Town::veikko),
              (InboxEntry{InboxKind::reported, Town::square, thread, id, 0, now, false, "Pysy asiassa"}));
    EXPECT_EQ(queued(1).state, ReportState::resolved);
    EXPECT_EQ(queued(1).closed_by, Town::johtaja);
    EXPECT_EQ(queued(1).keep_until, now + limits.report_ms);
    EXPECT_THAT(queue(), IsEmpty());
    EXPECT_THAT(queue(closed_index), ElementsAre("report:1"));
    EXPECT_EQ(act->name, "");
    EXPECT_EQ(act->reason, "Poistimme viestinPysy asiassa");
    EXPECT_EQ(channel.find<ReportNote>(report_note_key(1, 1))->to, NoteTo::reporters);
    EXPECT_EQ(channel.find<ReportNote>(report_note_key(1, 2))->to, NoteTo::author);
}

TEST_F(Resolving, SaysNothingToTheAuthorUnlessThereAreWords) {
    run(Town::aino, report());
    run(Town::johtaja, resolution(1));
    EXPECT_EQ(effects.size(), 1U);
    EXPECT_EQ(told(Town::veikko), nullptr);
    run(Town::biret, report());
    run(Town::johtaja, resolution(2, true));
    EXPECT_EQ(told(Town::biret)->kind, InboxKind::report_rejected);
    EXPECT_EQ(told(Town::veikko), nullptr);
    EXPECT_EQ(act->name, "reject_report");
    run(Town::aino, report());
    const auto with_words = ResolveReport{Town::strategy, 3, true, {}, "Sinusta ilmoitettiin"};
    EXPECT_EQ(refused(Town::johtaja, with_words), refusal_of(ErrorCode::invalid, "author_not_told", "to_author"));
}

TEST_F(Resolving, WordsToBothAreBoundedTogether) {
    limits.reason_bytes = 10;
    run(Town::aino, report());
    const auto with = [](std::size_t words, std::size_t to_author) {
        return ResolveReport{Town::strategy, 1, false, std::string(words, 'a'), std::string(to_author, 'b')};
    };
    EXPECT_EQ(refused(Town::johtaja, with(11, 0)), refusal_of(ErrorCode::invalid, "text_too_long", "words"));
    EXPECT_EQ(refused(Town::johtaja, with(6, 5)), refusal_of(ErrorCode::invalid, "text_too_long", "to_author"));
    run(Town::johtaja, with(6, 4));
}

TEST_F(Resolving, OfAMemberTellsWhom) {
    run(Town::aino, report_of(Town::veikko));
    run(Town::johtaja, ResolveReport{Town::strategy, 1, false, {}, "Puhutaan"});
    EXPECT_EQ(told(Town::aino)->member, Town::veikko);
    EXPECT_EQ(told(Town::aino)->room, 0U);
    EXPECT_EQ(told(Town::veikko)->member, 0U);
}

TEST_F(Resolving, TwoOutcomesOfOneMomentAreTwoEntries) {
    run(Town::aino, report());
    remove(vara);
    run(Town::veikko, appeal());
    run(Town::johtaja, ResolveReport{Town::strategy, 1, false, {}, "Pysy asiassa"});
    const auto first = effects.back().key;
    run(Town::johtaja, resolution(2));
    EXPECT_NE(effects.back().key, first);
    EXPECT_EQ(effects.back().channel, member_channel(Town::veikko));
}

TEST_F(Resolving, WhatIsClosedChangesNoMore) {
    run(Town::aino, report());
    run(Town::johtaja, resolution(1));
    EXPECT_EQ(refused(vara, resolution(1, true)), not_allowed("report_closed"));
    EXPECT_EQ(refused(vara, assignment(1, vara)), not_allowed("report_closed"));
    EXPECT_EQ(refused(vara, note_on(1)), not_allowed("report_closed"));
}

TEST_F(Resolving, WhoReportsMeanwhileIsNotForgotten) {
    run(Town::aino, report());
    const auto decision = decided(Town::johtaja, resolution(1));
    ASSERT_TRUE(decision);
    run(Town::biret, report());
    EXPECT_FALSE(channel.stale(*decision).empty());
}

TEST_F(Concerned, NobodyModeratesWhatIsAboutThemselves) {
    report_moderator();
    EXPECT_EQ(refused(Town::johtaja, assignment(1, 0)), not_allowed("own_report"));
    EXPECT_EQ(refused(Town::johtaja, note_on(1)), not_allowed("own_report"));
    EXPECT_EQ(refused(Town::johtaja, resolution(1, true)), not_allowed("own_report"));
    EXPECT_EQ(check_read(actor(Town::johtaja), {1, queued(1)}).error(), not_allowed("own_report"));
    EXPECT_TRUE(check_read(actor(vara), {1, queued(1)}));
    EXPECT_EQ(refused(vara, assignment(1, Town::johtaja)), not_allowed("own_report", "member"));
    run(vara, resolution(1));
}

TEST_F(Concerned, NorIfTheyAreReportedAsMembers) {
    run(Town::aino, report_of(Town::johtaja));
    EXPECT_EQ(refused(Town::johtaja, resolution(1)), not_allowed("own_report"));
    run(vara, resolution(1));
}

TEST_F(Concerned, NorTheirOwnAppeal) {
    message.author = Town::johtaja;
    remove(vara);
    run(Town::johtaja, appeal());
    EXPECT_EQ(refused(Town::johtaja, resolution(1)), not_allowed("own_report"));
}

TEST_F(Concerned, WhoRemovedLeavesTheAppealToAnother) {
    remove(Town::johtaja);
    run(Town::veikko, appeal());
    EXPECT_EQ(refused(Town::johtaja, resolution(1, true)), not_allowed("own_removal"));
    EXPECT_EQ(refused(vara, assignment(1, Town::johtaja)), not_allowed("own_removal", "member"));
    run(Town::johtaja, note_on(1, "Poistin tämän, koska"));
    run(vara, ResolveReport{Town::strategy, 1, false, "Palautettu", {}});
    EXPECT_EQ(told(Town::veikko)->kind, InboxKind::appeal_accepted);
    EXPECT_EQ(told(Town::veikko)->reason, "Palautettu");
    EXPECT_EQ(effects.size(), 1U);
}

TEST_F(Concerned, UnlessThereIsNoOtherWhoMayDecide) {
    town.add({vara, "varajohtaja", "Varajohtaja", "", {}, {Town::strategy}});  // not a moderator by role any more
    remove(Town::johtaja);
    run(Town::veikko, appeal());
    run(Town::johtaja, resolution(1, true));
    EXPECT_EQ(told(Town::veikko)->kind, InboxKind::appeal_rejected);

    town.add({vara, "varajohtaja", "Varajohtaja", "", {Role::moderator}, {Town::strategy}});
    message.author = vara;  // who appeals may not decide it either
    restore();
    remove(Town::johtaja);
    run(vara, appeal());
    run(Town::johtaja, resolution(2));
}

TEST_F(Decided, AllPartsOfAClosedReportAreNamedToBeTakenOut) {
    run(Town::aino, report());
    run(Town::biret, report());
    run(Town::johtaja, note_on(1));
    run(Town::johtaja, ResolveReport{Town::strategy, 1, false, "Kiitos", {}});
    EXPECT_THAT(keys_of_closed(1, queued(1)),
                testing::UnorderedElementsAre("report:1", ".report:1:by:1", ".report:1:by:2", ".report:1:note:1",
                                              ".report:1:note:2"));
    remove();
    run(Town::veikko, appeal());
    run(vara, resolution(2));
    EXPECT_THAT(keys_of_closed(2, queued(2)),
                testing::UnorderedElementsAre("report:2", ".report:2:by:1", appealed_key(Town::square, id, 1)));
}

TEST_F(Decided, AppealsAreKeptAsLongAsTheyMightBeMadeAgain) {
    limits.report_ms = 1000;
    remove();
    run(Town::veikko, appeal());
    run(vara, resolution(1));
    EXPECT_EQ(queued(1).keep_until, now + limits.appeal_ms);
}

TEST_F(ErasedReporters, LeaveNeitherNumberNorWords) {
    run(Town::aino, report("Hän loukkasi @biret-ahkku"));
    run(Town::biret, report("Minä, @biret-ahkku"));
    run(Town::johtaja, note_on(1, "Soitin @biret-ahkku"));
    run(vara, assignment(1, Town::johtaja));
    const ErasedMember biret{Town::biret, "biret-ahkku", false, now};
    std::vector<std::string> keys;
    for (const auto& [key, entity] : channel.entities())
        if (concerns(biret, entity.value)) keys.push_back(key);
    channel.apply(erase(biret, keys, NeedsView(channel.entities(), needs_to_erase(keys))));
    EXPECT_EQ(words(1, 2)->reporter, 0U);
    EXPECT_EQ(words(1, 2)->text, "");
    EXPECT_EQ(words(1, 1)->reporter, Town::aino);
    EXPECT_EQ(words(1, 1)->text, "Hän loukkasi @#" + std::to_string(Town::biret));
    EXPECT_EQ(channel.find<ReportNote>(report_note_key(1, 1))->text, "Soitin @#" + std::to_string(Town::biret));
    EXPECT_EQ(channel.find<ReportBook>(reporter_key(Town::biret)), nullptr);
    EXPECT_EQ(queued(1).reporters, 2U);
    run(Town::johtaja, resolution(1));
    EXPECT_EQ(effects.size(), 1U) << "there is nobody else to tell";
}

TEST_F(ErasedReporters, AsModeratorsGiveUpWhatWasAssignedToThem) {
    run(Town::aino, report());
    run(vara, assignment(1, Town::johtaja));
    run(Town::johtaja, note_on(1));
    const ErasedMember gone{Town::johtaja, "johtaja", true, now};
    const std::vector<std::string> keys{report_key(1), report_note_key(1, 1)};
    channel.apply(erase(gone, keys, NeedsView(channel.entities(), needs_to_erase(keys))));
    EXPECT_EQ(queued(1).assigned, 0U);
    EXPECT_EQ(queued(1).state, ReportState::fresh);
    EXPECT_EQ(channel.find<ReportNote>(report_note_key(1, 1))->text, "");
}

}  // namespace
}  // namespace foorumi::forum::test
