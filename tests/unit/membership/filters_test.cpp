// Filters: who sets and lifts them, what becomes of one that is set again, how many there are, what they find.
#include "membership/filters.hpp"

#include "register.hpp"

namespace foorumi::membership::test {
namespace {

using forum::FilterAction;
using forum::FilterKind;
using testing::ElementsAre;
using testing::IsEmpty;

class FiltersTest : public MembershipTest {
   protected:
    static constexpr Id moderator = 16, everywhere = 0;

    FiltersTest() {
        limits.filters = {2, 12};
        add(moderator, "vara", "Vara Johtaja", "", {.grants = {{Role::moderator, 0}}, .moderates = {strategy}});
    }

    static SetFilter word(std::string pattern, FilterAction action = FilterAction::refuse, Id forum = strategy) {
        return {forum, FilterKind::word, std::move(pattern), action};
    }
    [[nodiscard]] std::vector<std::string> patterns(Id forum = strategy) const {
        std::vector<std::string> all;
        const auto* card = reg.directory().filters(forum);
        if (card == nullptr) return all;
        for (const auto& filter : card->filters) all.push_back(filter.pattern);
        return all;
    }
    [[nodiscard]] FilterAction done_to(std::string_view text, Id forum = strategy) const {
        return reg.directory().filtered(forum, text).action;
    }
    template <class Command>
    Refusal refused_to(Id member, const Command& command) const {
        const auto decision = decided(member, command);
        return decision.has_error() ? decision.error() : Refusal{};
    }
    static Refusal refusal(ErrorCode code, std::string reason, std::string field = {}) {
        return {code, std::move(reason), std::move(field), 0};
    }
};

TEST_F(FiltersTest, CountInTheirForumAndThoseOfAdministratorsEverywhere) {
    const auto decision = run(moderator, word("Mainos"));
    EXPECT_TRUE(decision.takes_away) << "fenced";
    ASSERT_TRUE(decision.filter);
    EXPECT_EQ(decision.filter->number, 1U);
    EXPECT_EQ(done_to("MAINOS!"), FilterAction::refuse);
    EXPECT_EQ(done_to("MAINOS!", other_forum), FilterAction::none);
    run(admin, word("halpa", FilterAction::flag, everywhere));
    EXPECT_EQ(done_to("halpa", other_forum), FilterAction::flag);
    EXPECT_EQ(done_to("halpa mainos"), FilterAction::refuse) << "the stronger one";
    run(admin, SetFilter{strategy, FilterKind::link, "evil.com", FilterAction::hold});
    EXPECT_EQ(done_to("https://www.evil.com"), FilterAction::hold);
}

TEST_F(FiltersTest, AreLiftedByTheirNumberWhichComesNoMore) {
    run(moderator, word("a"));
    run(moderator, word("b"));
    EXPECT_TRUE(run(moderator, LiftFilter{strategy, 1}).takes_away);
    EXPECT_THAT(patterns(), ElementsAre("b"));
    EXPECT_EQ(done_to("a"), FilterAction::none);
    EXPECT_EQ(refused_to(moderator, LiftFilter{strategy, 1}),
              refusal(ErrorCode::not_found, "filter_not_found", "filter"));
    EXPECT_EQ(run(moderator, word("c")).filter->number, 3U);
    run(moderator, LiftFilter{strategy, 2});
    run(moderator, LiftFilter{strategy, 3});
    EXPECT_EQ(reg.directory().filters(strategy), nullptr);
    EXPECT_EQ(run(moderator, word("d")).filter->number, 4U);
}

TEST_F(FiltersTest, SetAgainGetTheAction) {
    run(moderator, word("a", FilterAction::flag));
    run(moderator, word("a", FilterAction::hold));
    EXPECT_THAT(patterns(), ElementsAre("a"));
    EXPECT_EQ(done_to("a"), FilterAction::hold);
    const auto again = decided(moderator, word("a", FilterAction::hold));
    ASSERT_TRUE(again.has_value());
    EXPECT_THAT(again->puts, IsEmpty());
    EXPECT_TRUE(again->takes_away) << "somebody else's may still wait for its fence";
}

TEST_F(FiltersTest, AreForWhoModeratesTheForum) {
    const auto moderators = refusal(ErrorCode::forbidden, "moderators_only", "forum");
    for (const Id member : {aino, contact}) {
        EXPECT_EQ(refused_to(member, word("a")), moderators);
        EXPECT_EQ(refused_to(member, LiftFilter{strategy, 1}), moderators);
        EXPECT_EQ(may_list_filters(actor(member), strategy).error(), moderators);
    }
    EXPECT_EQ(refused_to(moderator, word("a", FilterAction::flag, other_forum)), moderators);
    EXPECT_EQ(refused_to(moderator, word("a", FilterAction::flag, everywhere)),
              refusal(ErrorCode::forbidden, "administrators_only"));
    EXPECT_EQ(refused_to(admin, word("a", FilterAction::flag, 999)),
              refusal(ErrorCode::not_found, "forum_not_found", "forum"));
    EXPECT_TRUE(decided(admin, word("a", FilterAction::flag, other_forum)));
    EXPECT_TRUE(may_list_filters(actor(moderator), strategy));
    EXPECT_TRUE(decided(the_operator, word("a", FilterAction::flag, everywhere)));
}

TEST_F(FiltersTest, ThereAreNoMoreThanTheLimit) {
    run(moderator, word("a"));
    run(moderator, word("b"));
    EXPECT_EQ(refused_to(moderator, word("c")), refusal(ErrorCode::limited, "too_many_filters", "forum"));
    EXPECT_TRUE(decided(moderator, word("b", FilterAction::flag))) << "it is there already";
    EXPECT_TRUE(decided(admin, word("c", FilterAction::flag, everywhere))) << "of another place";
}

TEST_F(FiltersTest, FieldsAreChecked) {
    const auto of_pattern = [&](std::string reason) {
        return refusal(ErrorCode::invalid, std::move(reason), "pattern");
    };
    EXPECT_TRUE(decided(moderator, word(std::string(12, 'a'))));
    EXPECT_EQ(refused_to(moderator, word(std::string(13, 'a'))), of_pattern("text_too_long"));
    EXPECT_EQ(refused_to(moderator, word("")), of_pattern("text_empty"));
    EXPECT_EQ(refused_to(moderator, word("*")), of_pattern("pattern_empty"));
    EXPECT_EQ(refused_to(moderator, SetFilter{strategy, FilterKind::link, "com", FilterAction::flag}),
              of_pattern("domain_invalid"));
    EXPECT_EQ(refused_to(moderator, SetFilter{strategy, {}, "a", FilterAction::flag}),
              refusal(ErrorCode::invalid, "filter_unknown", "kind"));
    EXPECT_EQ(refused_to(moderator, SetFilter{strategy, FilterKind::word, "a", {}}),
              refusal(ErrorCode::invalid, "filter_unknown", "action"));
}

}  // namespace
}  // namespace foorumi::membership::test
