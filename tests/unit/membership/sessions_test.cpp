// Ending sign-ins: one's own, another's, those that nobody in memory knows yet; noting uses.
#include "register.hpp"

namespace foorumi::membership::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SessionsTest : public MembershipTest {
   protected:
    const std::string phone = sign_in(aino, "puhelin"), laptop = sign_in(aino, "kannettava");
    const std::string other = sign_in(biret, "toisen");

    static RevokeSessions of_ids(const std::vector<std::string>& hashes) {
        RevokeSessions command;
        for (const auto& hash : hashes) command.sessions.emplace_back(session_id(hash));
        return command;
    }
    static RevokeSessions all_others() {
        RevokeSessions command;
        command.others = true;
        return command;
    }
};

TEST_F(SessionsTest, NamedSignInEndsAndTheOthersStay) {
    EXPECT_TRUE(run(aino, of_ids({phone}), laptop).takes_away);
    EXPECT_FALSE(opens(phone));
    EXPECT_FALSE(is_kept(phone));
    EXPECT_TRUE(opens(laptop));
    EXPECT_TRUE(opens(other));
}

TEST_F(SessionsTest, OneMayEndTheSignInThatOneAsksWith) {
    run(aino, of_ids({phone, laptop}), laptop);
    EXPECT_FALSE(opens(laptop));
    EXPECT_FALSE(opens(phone));
}

TEST_F(SessionsTest, SignInOfAnotherMemberIsNotFound) {
    const auto not_found = refusal(ErrorCode::not_found, "session_not_found", "sessions");
    EXPECT_EQ(refused(aino, of_ids({other}), laptop), not_found);
    EXPECT_EQ(refused(aino, of_ids({phone, other}), laptop), not_found) << "all or none";
    EXPECT_EQ(refused(aino, RevokeSessions{{""}}, laptop), not_found);
    EXPECT_EQ(refused(aino, RevokeSessions{{phone}}, laptop), not_found) << "members know the beginning only";
    EXPECT_TRUE(opens(phone));
}

TEST_F(SessionsTest, NoMoreAreNamedThanAMemberCanHave) {
    RevokeSessions command = of_ids({phone, phone, phone});
    EXPECT_TRUE(decided(aino, command, laptop).has_value()) << "at the limit";
    command.sessions.emplace_back(session_id(phone));
    EXPECT_EQ(refused(aino, command, laptop), refusal(ErrorCode::limited, "too_many_sessions", "sessions"));
}

TEST_F(SessionsTest, NamingNoneChangesNothing) { EXPECT_TRUE(changes_nothing(aino, RevokeSessions{}, laptop)); }

TEST_F(SessionsTest, SignInThatWentMeanwhileIsNoReasonToRefuse) {
    reg.fall_behind();
    run(the_operator, SignOut{phone});
    EXPECT_TRUE(changes_nothing(aino, of_ids({phone}), laptop));
}

TEST_F(SessionsTest, OthersEndsAllButTheOneThatAsks) {
    EXPECT_TRUE(run(aino, all_others(), laptop).takes_away);
    EXPECT_TRUE(opens(laptop));
    EXPECT_FALSE(opens(phone));
    EXPECT_TRUE(opens(other));
    EXPECT_TRUE(opens(sign_in(aino, "uusi"))) << "a new one is of the new epoch";
}

TEST_F(SessionsTest, OthersEndsThoseThatTheDirectoryInMemoryDoesNotKnow) {
    reg.fall_behind();
    const auto unknown = sign_in(aino, "tuore");
    run(aino, all_others(), laptop);
    reg.catch_up();
    EXPECT_FALSE(opens(unknown));
    EXPECT_TRUE(opens(laptop));
}

TEST_F(SessionsTest, OthersOfOneWhoAsksWithNoSignInEndsAll) {
    run(aino, all_others());
    EXPECT_FALSE(opens(phone));
    EXPECT_FALSE(opens(laptop));
}

TEST_F(SessionsTest, OthersOfAMemberWhoWentIsRefused) {
    reg.fall_behind();
    reg.write({{member_key(aino), ""}});
    EXPECT_EQ(refused(aino, all_others(), laptop), refusal(ErrorCode::unauthenticated, "token_invalid"));
}

TEST_F(SessionsTest, AdministratorsAndTheOperatorEndAllOfAMember) {
    for (const auto who : {admin, the_operator}) {
        const auto before = sign_in(aino, "ennen" + std::to_string(who));
        ASSERT_TRUE(opens(before));
        EXPECT_TRUE(run(who, EndSessions{aino}).takes_away);
        EXPECT_FALSE(opens(before));
        EXPECT_FALSE(opens(laptop));
        EXPECT_TRUE(opens(other));
    }
}

TEST_F(SessionsTest, EndingAllEndsThoseThatTheDirectoryInMemoryDoesNotKnow) {
    reg.fall_behind();
    const auto unknown = sign_in(aino, "tuore");
    const auto waiting = sign_in(aino, "odottava", true);
    run(admin, EndSessions{aino});
    reg.catch_up();
    EXPECT_FALSE(opens(unknown));
    EXPECT_NE(reg.directory().session(waiting)->epoch, card(aino).epoch);
}

TEST_F(SessionsTest, NobodyElseEndsAnothersSignIns) {
    for (const auto who : {contact, biret, leader, nobody})
        EXPECT_EQ(refused(who, EndSessions{aino}), refusal(ErrorCode::forbidden, "administrators_only")) << who;
    EXPECT_TRUE(opens(phone));
}

TEST_F(SessionsTest, AdministratorOfATermEndsNoneWhenTheTermIsNotOn) {
    add(16, "kausi", "Kausi Ylläpito", "", {.grants = {{Role::administrator, next_term}}});
    EXPECT_EQ(refused(16, EndSessions{aino}), refusal(ErrorCode::forbidden, "administrators_only"));
    reg.write({{term_key(next_term), term_bytes("2029-2033", "2029-06-01", "2033-05-31", true)}});
    run(16, EndSessions{aino});
    EXPECT_FALSE(opens(phone));
}

TEST_F(SessionsTest, EndingThoseOfNobodyIsNotFound) {
    const auto not_found = refusal(ErrorCode::not_found, "member_not_found", "member");
    EXPECT_EQ(refused(admin, EndSessions{nobody}), not_found);
    EXPECT_EQ(refused(admin, EndSessions{0}), not_found);
    reg.fall_behind();
    reg.write({{member_key(aino), ""}});
    EXPECT_EQ(refused(admin, EndSessions{aino}), not_found);
}

TEST_F(SessionsTest, SigningOutTakesTheSignInAwayOnce) {
    EXPECT_TRUE(run(aino, SignOut{laptop}, laptop).takes_away);
    EXPECT_FALSE(opens(laptop));
    EXPECT_TRUE(opens(phone));
    EXPECT_TRUE(changes_nothing(aino, SignOut{laptop}, laptop));
}

TEST_F(SessionsTest, UsesAreNotedAndTakeNothingAway) {
    now += hour;
    const auto decision = run(the_operator, TouchSessions{{laptop, phone}});
    EXPECT_FALSE(decision.takes_away);
    EXPECT_EQ(reg.directory().session(laptop)->used, now);
    EXPECT_EQ(reg.directory().session(phone)->used, now);
    EXPECT_EQ(reg.directory().session(laptop)->created, now - hour);
    EXPECT_TRUE(changes_nothing(the_operator, TouchSessions{{laptop, phone}}));
    now -= minute;
    EXPECT_TRUE(changes_nothing(the_operator, TouchSessions{{laptop}})) << "a clock that is behind takes no time away";
}

TEST_F(SessionsTest, NoteOfAUseBringsNothingBack) {
    run(aino, SignOut{laptop}, laptop);
    now += hour;
    EXPECT_TRUE(changes_nothing(the_operator, TouchSessions{{laptop, hash_of_name("outo")}}));
    run(admin, EndSessions{aino});
    run(the_operator, TouchSessions{{phone}});
    EXPECT_FALSE(opens(phone));
}

}  // namespace
}  // namespace foorumi::membership::test
