// What filters do to what members write; how texts are compared is tested in unit/filters.
#include "forum/screening.hpp"

#include "forum/held.hpp"
#include "forum/reports.hpp"
#include "rules_fixture.hpp"

namespace foorumi::forum::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class Screening : public ThreadTest {
   protected:
    void filter(FilterAction action, Id forum = Town::strategy, std::string pattern = "mainos") {
        town.filters.emplace(forum, Filter{1, FilterKind::word, std::move(pattern), action});
    }
    [[nodiscard]] PostMessage post(std::string text = "tämä on mainos") const {
        return {Town::square, thread, std::move(text)};
    }
    [[nodiscard]] const Effect* flagged() const {
        for (const auto& effect : effects)
            if (effect.flag) return &effect;
        return nullptr;
    }
    static Refusal filtered(std::string field) {
        return refusal_of(ErrorCode::forbidden, "text_filtered", std::move(field));
    }
    static Refusal not_held(std::string field) {
        return refusal_of(ErrorCode::forbidden, "would_be_held", std::move(field));
    }
};

TEST_F(Screening, RefusesInTheForumOfTheFilterAndEverywhere) {
    const Id own = run(Town::veikko, post("ennen"));
    filter(FilterAction::refuse);
    EXPECT_EQ(refused(Town::veikko, post()), filtered("text"));
    EXPECT_TRUE(decided(Town::veikko, post("muuta")));
    EXPECT_EQ(refused(Town::veikko, StartThread{Town::square, "mainos", "teksti"}), filtered("title"));
    EXPECT_EQ(refused(Town::veikko, StartThread{Town::square, "Otsikko", "mainos"}), filtered("text"));
    EXPECT_EQ(refused(Town::veikko, EditMessage{Town::square, own, "mainos"}), filtered("text"));
    EXPECT_EQ(refused(Town::aino, RenameThread{Town::square, thread, "mainos"}), filtered("title"));
    EXPECT_EQ(refused(Town::aino, TagThread{Town::square, thread, {"sote", "mainos"}}), filtered("tags"));
    town.filters.clear();
    filter(FilterAction::refuse, Town::leadership);
    EXPECT_TRUE(decided(Town::veikko, post())) << "of another forum";
    filter(FilterAction::refuse, 0);
    EXPECT_EQ(refused(Town::veikko, post()), filtered("text"));
}

TEST_F(Screening, WhoModeratesThereWritesWhatTheyLike) {
    filter(FilterAction::refuse);
    filter(FilterAction::refuse, 0, "muu");
    for (const Id member : {Town::johtaja, Town::yllapito})
        EXPECT_TRUE(decided(member, post("mainos ja muu"))) << member;
    EXPECT_EQ(refused(Town::toinen, post()), filtered("text")) << "of another forum";
}

TEST_F(Screening, WhatMayNotBeSeenOrDoneIsSaidBeforeWhatIsFiltered) {
    filter(FilterAction::refuse, 0);
    EXPECT_EQ(refused(Town::virkamies, PostMessage{Town::councillors_only, 1, "mainos"}).reason, "room_not_found");
    EXPECT_EQ(refused(Town::aino, StartThread{Town::reading_room, "Otsikko", "mainos"}).reason, "may_not_write");
    lock(thread);
    EXPECT_EQ(refused(Town::veikko, post()).reason, "thread_locked");
}

TEST_F(Screening, AnEditThatChangesNothingIsNotCompared) {
    const Id own = run(Town::veikko, post());
    filter(FilterAction::refuse);
    EXPECT_TRUE(decides_nothing(Town::veikko, EditMessage{Town::square, own, "tämä on mainos"}));
}

TEST_F(Screening, FlagsAreOfTheMessageAndOfItsAuthor) {
    filter(FilterAction::flag);
    run(Town::veikko, post("muuta"));
    EXPECT_EQ(flagged(), nullptr);
    const Id id = run(Town::veikko, post());
    ASSERT_NE(flagged(), nullptr);
    EXPECT_EQ(flagged()->channel, moderation_channel(Town::strategy));
    const auto report = std::get<Report>(flagged()->value);
    EXPECT_EQ(report.message, 0U) << "the commit's own";
    EXPECT_EQ(report.thread, thread);
    EXPECT_EQ(report.member, Town::veikko);
    EXPECT_THAT(report.filters, ElementsAre("mainos"));
    EXPECT_THAT(report.categories, ElementsAre(ReportCategory::filter));
    run(Town::veikko, EditMessage{Town::square, id, "toinen mainos"});
    ASSERT_NE(flagged(), nullptr);
    EXPECT_EQ(std::get<Report>(flagged()->value).message, id);
    run(Town::aino, RenameThread{Town::square, thread, "mainos"});
    ASSERT_NE(flagged(), nullptr);
    EXPECT_EQ(std::get<Report>(flagged()->value).message, thread);
}

TEST_F(Screening, HoldsPostsAndThreadsAndChangesNothingInTheRoom) {
    filter(FilterAction::flag, Town::strategy, "halpa");
    filter(FilterAction::hold);
    const auto decision = decided(Town::veikko, post("halpa mainos"));
    ASSERT_TRUE(decision);
    EXPECT_THAT(decision->writes, IsEmpty());
    EXPECT_THAT(decision->effects, IsEmpty());
    EXPECT_THAT(decision->indexes, IsEmpty());
    ASSERT_TRUE(decision->hold);
    EXPECT_EQ(decision->hold->author, Town::veikko);
    EXPECT_EQ(decision->hold->text, "halpa mainos");
    EXPECT_THAT(decision->hold->filters, testing::UnorderedElementsAre("halpa", "mainos"));
    const auto started = decided(Town::veikko, StartThread{Town::square, "mainos", "teksti"});
    ASSERT_TRUE(started && started->hold);
    EXPECT_EQ(started->hold->title, "mainos");
    EXPECT_EQ(started->hold->thread, 0U);
}

TEST_F(Screening, WhatWasSetAsideIsFoundByTheFiltersOfNow) {
    filter(FilterAction::hold);
    filter(FilterAction::refuse, 0, "halpa");
    filter(FilterAction::hold, Town::leadership, "tämä");
    const auto found = [this] {
        return patterns_in(actor(Town::veikko),
                           held_of(actor(Town::veikko), StartThread{Town::square, "halpa", post().text}));
    };
    EXPECT_THAT(found(), testing::UnorderedElementsAre("halpa", "mainos"));
    town.filters.clear();
    EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Screening, WhatCannotWaitIsRefused) {
    const Id own = run(Town::veikko, post("ennen"));
    filter(FilterAction::hold);
    EXPECT_EQ(refused(Town::veikko, EditMessage{Town::square, own, "mainos"}), not_held("text"));
    EXPECT_EQ(refused(Town::aino, RenameThread{Town::square, thread, "mainos"}), not_held("title"));
    EXPECT_EQ(refused(Town::aino, TagThread{Town::square, thread, {"mainos"}}), not_held("tags"));
}

TEST_F(Screening, OfTagsEachThatIsNewIsComparedByItself) {
    filter(FilterAction::refuse);
    filter(FilterAction::refuse, Town::strategy, "osta\nnyt");
    run(Town::johtaja, TagThread{Town::square, thread, {"mainos"}});
    EXPECT_TRUE(decided(Town::aino, TagThread{Town::square, thread, {"mainos", "osta", "nyt"}}));
    EXPECT_EQ(refused(Town::aino, TagThread{Town::square, thread, {"mainos", "mainos2"}}), filtered("tags"));
    run(Town::aino, TagThread{Town::square, thread, {"sote"}});
    EXPECT_EQ(refused(Town::aino, TagThread{Town::square, thread, {"sote", "mainos"}}), filtered("tags"));
}

// A flag in the moderation channel, where `channel` is that.
class Flags : public RulesTest {
   protected:
    static Report flag_of(std::vector<std::string> filters, Id message = 57) {
        Report report;
        report.room = Town::square;
        report.thread = 12;
        report.message = message;
        report.member = Town::veikko;
        report.categories = {ReportCategory::filter};
        report.created = report.changed = 1'000;
        report.filters = std::move(filters);
        return report;
    }
    static constexpr std::size_t most_open = 3;
    void apply(const Report& flag, Version commit) {
        auto keys = needs_to_flag(flag);
        auto decision = decide_flag(flag, commit, most_open, NeedsView(channel.entities(), keys));
        while (!decision.further.empty()) {
            keys.insert(keys.end(), decision.further.begin(), decision.further.end());
            decision = decide_flag(flag, commit, most_open, NeedsView(channel.entities(), keys));
        }
        channel.apply(decision);
    }
    [[nodiscard]] std::size_t reports() const { return channel.index(std::string(reports_index)).size(); }
    [[nodiscard]] const Report& queued(std::uint64_t number) const { return *channel.find<Report>(report_key(number)); }
};

TEST_F(Flags, BeginAReportInNobodysName) {
    apply(flag_of({"mainos"}), 57);
    EXPECT_EQ(reports(), 1U);
    EXPECT_EQ(queued(1).reporters, 0U);
    EXPECT_EQ(queued(1).state, ReportState::fresh);
    EXPECT_THAT(queued(1).filters, ElementsAre("mainos"));
}

TEST_F(Flags, JoinTheReportThatIsOpen) {
    Message message;
    message.thread = 12;
    message.author = Town::veikko;
    run(Town::aino, FileReport{Town::square, 57, 0, Town::strategy, ReportCategory::spam, "Katsokaa", false, message});
    apply(flag_of({"mainos"}), 57);
    apply(flag_of({"halpa", "mainos"}), 60);
    EXPECT_EQ(reports(), 1U);
    EXPECT_EQ(queued(1).reporters, 1U);
    EXPECT_THAT(queued(1).filters, ElementsAre("mainos", "halpa"));
    EXPECT_THAT(queued(1).categories, ElementsAre(ReportCategory::spam, ReportCategory::filter));
    // And a member's joins one of theirs.
    run(Town::biret, FileReport{Town::square, 57, 0, Town::strategy, ReportCategory::spam, "Minäkin", false, message});
    EXPECT_EQ(queued(1).reporters, 2U);
}

TEST_F(Flags, AreOnceForEachCommitHoweverOftenTheyCome) {
    apply(flag_of({"mainos"}), 57);
    const auto before = channel.version();
    apply(flag_of({"mainos"}), 57);
    EXPECT_EQ(channel.version(), before);
    // Also where the report is closed since.
    run(Town::johtaja, ResolveReport{Town::strategy, 1, true, {}, {}});
    apply(flag_of({"mainos"}), 57);
    EXPECT_EQ(reports(), 0U);
    apply(flag_of({"mainos"}), 58);
    EXPECT_EQ(reports(), 1U);
}

TEST_F(Flags, AreAnewWhereAFailoverGivesTheVersionToAnotherCommit) {
    apply(flag_of({"mainos"}), 57);
    auto other = flag_of({"halpa"});
    other.created = other.changed = 2'000;
    apply(other, 57);
    EXPECT_THAT(queued(1).filters, ElementsAre("mainos", "halpa"));
    const auto before = channel.version();
    apply(other, 57);
    EXPECT_EQ(channel.version(), before);
}

TEST_F(Flags, OfOneMembersMessagesOpenNoMoreReportsThanTheLimit) {
    for (Version message = 1; message <= most_open; ++message) apply(flag_of({"mainos"}, message), message);
    EXPECT_EQ(reports(), most_open);
    apply(flag_of({"halpa"}, 4), 4);
    EXPECT_EQ(reports(), most_open);
    EXPECT_EQ(queued(3).message, 3U);
    EXPECT_THAT(queued(3).filters, ElementsAre("mainos", "halpa"));
    EXPECT_EQ(channel.find<PostBook>(flagged_key(Town::square, 4)), nullptr) << "nobody would take it away";
    auto of_another = flag_of({"mainos"}, 5);
    of_another.member = Town::aino;
    apply(of_another, 5);
    EXPECT_EQ(reports(), most_open + 1);
    run(Town::johtaja, ResolveReport{Town::strategy, 1, true, {}, {}});
    apply(flag_of({"mainos"}, 6), 6);
    EXPECT_EQ(queued(5).message, 6U) << "as soon as one of them is closed";
    apply(flag_of({"mainos"}, 7), 7);
    EXPECT_EQ(reports(), most_open + 1);
}

TEST_F(Flags, ARememberedCommitStaysKnownWhenThereAreMany) {
    for (Version commit = 100; commit < 150; ++commit) apply(flag_of({"mainos"}), commit);
    const auto before = channel.version();
    for (Version commit = 100; commit < 150; ++commit) apply(flag_of({"mainos"}), commit);
    EXPECT_EQ(channel.version(), before);
}

TEST_F(Flags, AClosedReportTakesTheMarkWithIt) {
    apply(flag_of({"mainos"}), 57);
    EXPECT_THAT(keys_of_closed(1, queued(1)), testing::Contains(flagged_key(Town::square, 57)));
}

}  // namespace
}  // namespace foorumi::forum::test
