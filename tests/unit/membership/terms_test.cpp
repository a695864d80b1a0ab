// Council terms: putting them, and their turn at midnight in Finland.
#include "forum/calendar.hpp"
#include "register.hpp"

namespace foorumi::membership::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class TermsTest : public MembershipTest {
   protected:
    static PutTerm new_term(std::string first = "2033-06-01", std::string last = "2037-05-31") {
        return {0, "2033-2037", std::move(first), std::move(last)};
    }
    static Millis midnight(std::string_view date) {
        return forum::midnight_in_finland(*forum::parse_date(date, "date"));
    }
    [[nodiscard]] std::vector<Id> turning() const { return terms_to_turn(actor(the_operator)); }
    [[nodiscard]] Refusal refused_of(PutTerm command) const { return refused(admin, command); }
};

TEST_F(TermsTest, NewTermHasTheCommitsVersionForItsId) {
    EXPECT_FALSE(run(admin, new_term()).takes_away);
    const auto* card = reg.directory().term(reg.version());
    ASSERT_NE(card, nullptr);
    EXPECT_EQ(card->name, "2033-2037");
    EXPECT_EQ(card->first_day, "2033-06-01");
    EXPECT_EQ(card->last_day, "2037-05-31");
    EXPECT_FALSE(card->current);
    limits.terms = 4;
    run(admin, new_term("2025-06-15", "2025-06-15"));
    EXPECT_TRUE(reg.directory().term(reg.version())->current) << "of one day, which is today";
}

TEST_F(TermsTest, TermIsChangedAndThenTakesAway) {
    EXPECT_TRUE(run(admin, PutTerm{term, "Loppu", "2021-06-01", "2025-05-31"}).takes_away);
    EXPECT_FALSE(reg.directory().term_current(term));
    EXPECT_TRUE(card(aino).roles.empty()) << "her role was for that term";
    EXPECT_TRUE(changes_nothing(admin, PutTerm{term, "Loppu", "2021-06-01", "2025-05-31"}));
}

TEST_F(TermsTest, TermsAreForAdministrators) {
    const auto admins_only = refusal(ErrorCode::forbidden, "administrators_only");
    for (const auto who : {contact, aino, leader, nobody}) EXPECT_EQ(refused(who, new_term()), admins_only) << who;
    EXPECT_TRUE(decided(the_operator, new_term()).has_value());
}

TEST_F(TermsTest, FieldsThatCanNeverBeAcceptedAreNamed) {
    EXPECT_EQ(refused_of({0, "", "2033-06-01", "2037-05-31"}), refusal(ErrorCode::invalid, "text_empty", "name"));
    const std::string longest(limits.term_name_bytes, 'x');
    EXPECT_TRUE(decided(admin, PutTerm{0, longest, "2033-06-01", "2037-05-31"}).has_value());
    EXPECT_EQ(refused_of({0, longest + "x", "2033-06-01", "2037-05-31"}),
              refusal(ErrorCode::invalid, "text_too_long", "name"));
    EXPECT_EQ(refused_of(new_term("1.6.2033")), refusal(ErrorCode::invalid, "date_invalid", "first_day"));
    EXPECT_EQ(refused_of(new_term("2033-06-01", "")), refusal(ErrorCode::invalid, "date_invalid", "last_day"));
    EXPECT_EQ(refused_of(new_term("1995-06-01")), refusal(ErrorCode::invalid, "date_too_early", "first_day"));
    EXPECT_EQ(refused_of(new_term("2033-06-01", "2033-05-31")),
              refusal(ErrorCode::invalid, "term_ends_too_early", "last_day"));
}

TEST_F(TermsTest, TermThatIsNotThereIsNotFound) {
    const auto not_found = refusal(ErrorCode::not_found, "term_not_found", "term");
    const PutTerm command{77, "2033-2037", "2033-06-01", "2037-05-31"};
    EXPECT_EQ(refused(admin, command), not_found);
    reg.fall_behind();
    reg.write({{term_key(next_term), ""}});
    EXPECT_EQ(refused_of({next_term, "2033-2037", "2033-06-01", "2037-05-31"}), not_found);
}

TEST_F(TermsTest, TermsHaveALimit) {
    run(admin, new_term());
    EXPECT_EQ(reg.directory().terms().size(), limits.terms);
    EXPECT_EQ(refused_of(new_term()), refusal(ErrorCode::limited, "too_many_terms", "term"));
    EXPECT_TRUE(decided(admin, PutTerm{term, "Muu", "2025-06-01", "2029-05-31"}).has_value());
}

TEST_F(TermsTest, TermsTurnAtMidnightInFinland) {
    now = midnight("2029-06-01") - 1;
    EXPECT_THAT(turning(), IsEmpty());
    now += 1;
    EXPECT_EQ(now, 1'874'955'600'000) << "21:00 UTC of the day before: it is summer";
    EXPECT_THAT(turning(), ElementsAre(term, next_term));
    EXPECT_TRUE(run(the_operator, TurnTerms{turning()}).takes_away);
    EXPECT_FALSE(reg.directory().term_current(term));
    EXPECT_TRUE(reg.directory().term_current(next_term));
    EXPECT_THAT(turning(), IsEmpty());
    EXPECT_TRUE(card(aino).roles.empty());
    EXPECT_TRUE(card(aino).terms.empty());
}

TEST_F(TermsTest, WinterTermBeginsAtMidnightOfWinterTime) {
    run(admin, new_term("2026-01-01", "2026-12-31"));
    const auto id = reg.version();
    now = 1'767'218'400'000 - 1;  // 31 December 2025, 22:00 UTC
    EXPECT_THAT(turning(), IsEmpty());
    now += 1;
    EXPECT_THAT(turning(), ElementsAre(id));
}

TEST_F(TermsTest, WhoComesSecondTurnsNothing) {
    now = midnight("2029-06-01");
    const TurnTerms command{turning()};
    reg.fall_behind();
    run(the_operator, command);
    EXPECT_TRUE(changes_nothing(the_operator, command));
    EXPECT_TRUE(changes_nothing(the_operator, TurnTerms{{77}}));
    reg.catch_up();
    EXPECT_TRUE(reg.directory().term_current(next_term));
}

TEST_F(TermsTest, TermThatWasMovedMeanwhileDoesNotTurn) {
    now = midnight("2029-06-01");
    const TurnTerms command{turning()};
    run(admin, PutTerm{term, "2025-2030", "2025-06-01", "2030-05-31"});
    run(the_operator, command);
    EXPECT_TRUE(reg.directory().term_current(term));
    EXPECT_TRUE(reg.directory().term_current(next_term));
}

TEST_F(TermsTest, ClockThatIsBehindTurnsNothingBack) {
    now = midnight("2029-06-01") + 5 * minute;
    run(the_operator, TurnTerms{turning()});
    now -= 10 * minute;
    EXPECT_THAT(turning(), IsEmpty());
    EXPECT_TRUE(changes_nothing(the_operator, TurnTerms{{term, next_term}}));
    EXPECT_FALSE(reg.directory().term_current(term));
}

TEST_F(TermsTest, WhatAClockFarAheadHasTurnedIsTurnedBack) {
    now = midnight("2029-06-01");
    run(the_operator, TurnTerms{turning()});
    now -= 60 * minute - 1;
    EXPECT_THAT(turning(), IsEmpty());
    now -= 1;
    run(the_operator, TurnTerms{turning()});
    EXPECT_TRUE(reg.directory().term_current(term));
    EXPECT_EQ(card(aino).roles, forum::Roles{Role::councillor});
}

}  // namespace
}  // namespace foorumi::membership::test
