// What members report and appeal.
#include "reports_fixture.hpp"

namespace foorumi::forum::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Reporting : public ReportsTest {};
class Appealing : public ReportsTest {};

TEST_F(Reporting, BeginsAnEntryOfTheQueue) {
    run(Town::aino, report());
    Report expected;
    expected.room = Town::square;
    expected.thread = thread;
    expected.message = id;
    expected.member = Town::veikko;
    expected.categories = {ReportCategory::spam};
    expected.reporters = 1;
    expected.created = expected.changed = now;
    EXPECT_EQ(queued(1), expected);
    EXPECT_EQ(*words(1, 1), (ReportWords{Town::aino, ReportCategory::spam, "Katsokaa", now, Town::square, thread, id,
                                         Town::veikko, false}));
    EXPECT_THAT(queue(), ElementsAre("report:1"));
    EXPECT_EQ(act, std::nullopt) << "no act of power";
    EXPECT_THAT(effects, IsEmpty()) << "nobody is told";
}

TEST_F(Reporting, SubscribersGetTheEntryAlone) {
    const auto before = channel.version();
    run(Town::aino, report());
    for (const auto& [key, entity] : channel.sync(before))
        EXPECT_EQ(is_server_only(key), !std::holds_alternative<Report>(entity.value)) << key;
    EXPECT_TRUE(is_server_only(report_note_key(1, 1)));
}

TEST_F(Reporting, OfTheSameJoinsWhatIsOpen) {
    run(Town::aino, report());
    now += 1000;
    run(Town::biret, report("Tosiaan", ReportCategory::off_topic));
    run(Town::virkamies, report("Samaa mieltä"));
    EXPECT_EQ(queued(1).reporters, 3U);
    EXPECT_EQ(queued(1).changed, now);
    EXPECT_THAT(queued(1).categories, ElementsAre(ReportCategory::spam, ReportCategory::off_topic));
    EXPECT_EQ(words(1, 2)->reporter, Town::biret);
    EXPECT_EQ(words(1, 2)->text, "Tosiaan");
    EXPECT_THAT(queue(), ElementsAre("report:1"));
}

TEST_F(Reporting, OfAnotherMessageDoesNotJoin) {
    run(Town::aino, report());
    auto other = report();
    other.message = id + 1;
    run(Town::aino, other);
    run(Town::aino, report_of(Town::veikko));
    EXPECT_THAT(queue(), ElementsAre("report:1", "report:2", "report:3"));
    EXPECT_EQ(queued(3).message, 0U);
    EXPECT_EQ(queued(3).member, Town::veikko);
    EXPECT_THAT(open_of(Town::aino), ElementsAre(1U, 2U, 3U));
}

TEST_F(Reporting, CountsEachReporterOnce) {
    run(Town::aino, report());
    EXPECT_EQ(refused(Town::aino, report("Vieläkin")), refusal_of(ErrorCode::conflict, "already_reported", "message"));
    run(Town::aino, report_of(Town::veikko));
    EXPECT_EQ(refused(Town::aino, report_of(Town::veikko)),
              refusal_of(ErrorCode::conflict, "already_reported", "member"));
    EXPECT_EQ(queued(1).reporters, 1U);
}

TEST_F(Reporting, OfWhatIsClosedBeginsAnew) {
    run(Town::aino, report());
    run(Town::johtaja, resolution(1));
    EXPECT_THAT(open_of(Town::aino), IsEmpty());
    run(Town::aino, report());
    EXPECT_THAT(queue(), ElementsAre("report:2"));
    EXPECT_EQ(queued(1).reporters, 1U);
}

TEST_F(Reporting, TheEntryIsExpectedWhereItIsJoined) {
    run(Town::aino, report());
    const auto joining = decided(Town::biret, report());
    ASSERT_TRUE(joining);
    run(Town::johtaja, resolution(1));
    EXPECT_FALSE(channel.stale(*joining).empty()) << "who joins meanwhile is decided anew";
}

TEST_F(Reporting, TwoNewOnesAtOnceGetTwoNumbers) {
    auto other = report();
    other.message = id + 1;
    const auto first = decided(Town::aino, report());
    const auto second = decided(Town::biret, other);
    ASSERT_TRUE(first && second);
    channel.apply(*first);
    EXPECT_THAT(channel.stale(*second), ElementsAre(std::string(reports_key)));
}

TEST_F(Reporting, NeedsSightAndAMessageThatIsThere) {
    auto unseen = report();
    unseen.room = Town::officers;
    unseen.forum = Town::leadership;
    auto absent_room = report();
    absent_room.room = 999;
    absent_room.forum = 0;
    EXPECT_EQ(refused(Town::aino, unseen), refusal_of(ErrorCode::not_found, "room_not_found", "room"));
    EXPECT_EQ(refused(Town::aino, absent_room), refused(Town::aino, unseen));
    auto absent = report();
    absent.found.reset();
    EXPECT_EQ(refused(Town::aino, absent), refusal_of(ErrorCode::not_found, "message_not_found", "message"));
    message.deleted = now;
    EXPECT_EQ(refused(Town::aino, report()), refusal_of(ErrorCode::forbidden, "message_deleted", "message"));
}

TEST_F(Reporting, OfAMemberNeedsSightOfTheForum) {
    auto unseen = report_of(Town::virkamies);
    unseen.forum = Town::leadership;
    auto absent = unseen;
    absent.forum = 999;
    EXPECT_EQ(refused(Town::aino, unseen), refusal_of(ErrorCode::not_found, "forum_not_found", "forum"));
    EXPECT_EQ(refused(Town::aino, absent), refused(Town::aino, unseen));
    EXPECT_EQ(refused(Town::aino, report_of(999)), refusal_of(ErrorCode::not_found, "member_not_found", "member"));
}

TEST_F(Reporting, IsNotOfOneself) {
    EXPECT_EQ(refused(Town::veikko, report()), refusal_of(ErrorCode::forbidden, "report_of_oneself", "message"));
    EXPECT_EQ(refused(Town::veikko, report_of(Town::veikko)),
              refusal_of(ErrorCode::forbidden, "report_of_oneself", "member"));
}

TEST_F(Reporting, NeedsATargetACategoryAndWords) {
    auto nothing = report();
    nothing.no_target = true;
    EXPECT_EQ(refused(Town::aino, nothing), refusal_of(ErrorCode::invalid, "target_missing", ""));
    for (const auto category : {ReportCategory{}, ReportCategory(7), ReportCategory(255)})
        EXPECT_EQ(refused(Town::aino, report("x", category)),
                  refusal_of(ErrorCode::invalid, "category_unknown", "category"));
    EXPECT_EQ(refused(Town::aino, report(" ")), refusal_of(ErrorCode::invalid, "text_empty", "words"));
    limits.report_bytes = 10;
    EXPECT_EQ(refused(Town::aino, report(std::string(11, 'a'))),
              refusal_of(ErrorCode::invalid, "text_too_long", "words"));
    run(Town::aino, report(std::string(10, 'a')));
}

TEST_F(Reporting, OpenOnesOfAMemberAreBounded) {
    limits.reports_open = 2;
    run(Town::aino, report_of(Town::veikko));
    run(Town::aino, report_of(Town::biret));
    EXPECT_EQ(refused(Town::aino, report_of(Town::virkamies)).reason, "too_many_open_reports");
    run(Town::biret, report_of(Town::virkamies));
    EXPECT_EQ(refused(Town::aino, report_of(Town::virkamies)).reason, "too_many_open_reports") << "to join as well";
    run(Town::johtaja, resolution(1));
    run(Town::aino, report_of(Town::virkamies));
}

TEST_F(Reporting, ThoseOfADayAreBounded) {
    limits.reports_per_day = 2;
    run(Town::aino, report_of(Town::veikko));
    now += 1000;
    run(Town::aino, report_of(Town::biret));
    run(Town::johtaja, resolution(1));
    EXPECT_EQ(refused(Town::aino, report_of(Town::virkamies)).reason, "too_many_reports");
    now += 24LL * 3600 * 1000 - 1001;
    EXPECT_EQ(refused(Town::aino, report_of(Town::virkamies)).reason, "too_many_reports");
    now += 1;
    run(Town::aino, report_of(Town::virkamies));
    EXPECT_EQ(channel.find<ReportBook>(reporter_key(Town::aino))->times.size(), 2U) << "what is over is not kept";
}

TEST_F(Reporting, ReportersOfOneAreBounded) {
    limits.reporters = 2;
    run(Town::aino, report());
    run(Town::biret, report());
    EXPECT_EQ(refused(Town::virkamies, report()), refusal_of(ErrorCode::limited, "too_many_reporters", "message"));
    EXPECT_EQ(queued(1).reporters, 2U);
}

TEST_F(Appealing, ComesIntoTheQueue) {
    remove(vara);
    now += 1000;
    run(Town::veikko, appeal());
    const auto& report = queued(1);
    EXPECT_TRUE(report.appeal);
    EXPECT_EQ(report.member, Town::veikko);
    EXPECT_EQ(report.removed_by, vara);
    EXPECT_EQ(report.removal, 1U);
    EXPECT_THAT(report.categories, IsEmpty());
    EXPECT_EQ(words(1, 1)->text, "Palauttakaa");
    EXPECT_TRUE(words(1, 1)->appeal);
    EXPECT_THAT(queue(), ElementsAre("report:1"));
}

TEST_F(Appealing, OncePerRemoval) {
    remove();
    run(Town::veikko, appeal());
    const auto again = refusal_of(ErrorCode::conflict, "already_appealed", "message");
    EXPECT_EQ(refused(Town::veikko, appeal()), again);
    run(vara, resolution(1, true));
    EXPECT_EQ(refused(Town::veikko, appeal()), again) << "closed, too";
    channel.put(appealed_key(Town::square, id, 1), std::monostate{});
    EXPECT_EQ(refused(Town::veikko, appeal()), again) << "its retention over, too";
    restore();
    EXPECT_EQ(refused(Town::veikko, appeal()), refusal_of(ErrorCode::forbidden, "message_not_removed", "message"));
    remove();
    run(Town::veikko, appeal());
    EXPECT_THAT(queue(), ElementsAre("report:2"));
}

TEST_F(Appealing, IsOfTheAuthorWithinTheTimeAndOfWhatCanBeRestored) {
    const auto why = [this](Id member = Town::veikko) { return refused(member, appeal()).reason; };
    EXPECT_EQ(why(), "message_not_removed");
    remove();
    EXPECT_EQ(why(Town::aino), "not_author");
    now += limits.appeal_ms + 1;
    EXPECT_EQ(why(), "appeal_too_late");
    now -= 1;
    EXPECT_TRUE(decided(Town::veikko, appeal()));
    message.author_deleted = now;
    EXPECT_EQ(why(), "message_deleted");
    message.author_deleted = 0;
    message.purged = now;
    EXPECT_EQ(why(), "message_purged");
    message.purged = 0;
    channel.put(removed_key(Town::square, id, 1), std::monostate{});
    EXPECT_EQ(why(), "earlier_text_gone");
    ++message.removals;
    EXPECT_EQ(why(), "contended") << "the text is on its way";
    auto absent = appeal();
    absent.found.reset();
    EXPECT_EQ(refused(Town::veikko, absent).reason, "message_not_found");
    absent.no_target = true;
    EXPECT_EQ(refused(Town::veikko, absent).reason, "target_missing");
}

TEST_F(Appealing, IsNoReportThatOthersJoin) {
    run(Town::aino, report());
    remove();
    run(Town::veikko, appeal());
    EXPECT_EQ(queued(1).reporters, 1U);
    EXPECT_THAT(queue(), ElementsAre("report:1", "report:2"));
    EXPECT_THAT(open_of(Town::veikko), IsEmpty()) << "appeals count to no limit of reports";
}

}  // namespace
}  // namespace foorumi::forum::test
