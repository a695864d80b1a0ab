// Sanctions: who imposes and lifts them, what becomes of one when another comes, how many there are, how long they
// stay.
#include "membership/sanctions.hpp"

#include "forum/keys.hpp"
#include "invitations.hpp"

namespace foorumi::membership::test {
namespace {

using forum::SanctionKind;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class SanctionsTest : public InvitationTest {
   protected:
    SanctionsTest() {
        limits.sanctions.active = 3;
        limits.sanctions.records = 5;
        limits.sanctions.reason_bytes = 10;
        limits.sanctions.appeal_bytes = 12;
        limits.sanctions.longest_ms = 30 * day;
        limits.sanctions.keep_ms = 100 * day;
        limits.sanctions.appeal = "hallitus";
    }

    static Sanction of(Id member, SanctionKind kind, Id forum = strategy, Millis until = 0) {
        return {member, kind, forum, until, "asiaton", {}};
    }
    [[nodiscard]] v1::StoredSanctions stored(Id member) const { return reg.entity(sanctions_key(member)).sanctions(); }
    [[nodiscard]] v1::SanctionRecord record(Id member, std::uint64_t number) const {
        const auto kept = stored(member);
        for (const auto& one : kept.records())
            if (one.number() == number) return one;
        ADD_FAILURE() << "no sanction " << number;
        return {};
    }
    [[nodiscard]] std::vector<std::uint64_t> numbers(Id member) const {
        std::vector<std::uint64_t> all;
        const auto kept = stored(member);
        for (const auto& one : kept.records()) all.push_back(one.number());
        return all;
    }
    [[nodiscard]] std::vector<std::uint64_t> in_force(Id member) const {
        std::vector<std::uint64_t> all;
        const auto kept = stored(member);
        for (const auto& one : kept.records())
            if (is_in_force(one, now)) all.push_back(one.number());
        return all;
    }
    [[nodiscard]] bool muted(Id member, Id forum) const { return forum::is_muted(card(member), forum, now); }
    [[nodiscard]] bool is_out(Id member, Id forum) const { return forum::is_shut_out(card(member), forum, now); }

    const Refusal no_forum = refusal(ErrorCode::not_found, "forum_not_found", "forum");
    const Refusal not_there = refusal(ErrorCode::not_found, "sanction_not_found", "sanction");
    const Refusal of_moderator = refusal(ErrorCode::forbidden, "member_moderates", "member");
    const Refusal own = refusal(ErrorCode::forbidden, "own_sanction", "member");

   private:
    // A moderator is one by role, too.
    void SetUp() override {
        auto leading = forum::MemberCard{};
        leading.handle = "johtaja";
        leading.name = "Åsa Nyström";
        leading.municipality = "091";
        leading.grants = {{Role::moderator, 0}};
        leading.moderates = {strategy};
        reg.write({{member_key(leader), directory::encode(leading)}});
    }
};

TEST_F(SanctionsTest, ModeratorMutesInTheirForumUntilItIsLifted) {
    const auto decision = run(leader, of(aino, SanctionKind::mute));
    EXPECT_TRUE(decision.takes_away);
    EXPECT_TRUE(muted(aino, strategy));
    EXPECT_FALSE(muted(aino, other_forum));
    const auto kept = record(aino, 1);
    EXPECT_EQ(kept.by(), leader);
    EXPECT_EQ(kept.begun_ms(), now);
    EXPECT_EQ(kept.reason(), "asiaton");
    EXPECT_EQ(kept.appeal(), "hallitus") << "the configuration's";
    now += day;
    EXPECT_TRUE(run(leader, LiftSanction{aino, 1, "sovittu"}).takes_away);
    EXPECT_FALSE(muted(aino, strategy));
    EXPECT_EQ(record(aino, 1).ended_ms(), now);
    EXPECT_EQ(record(aino, 1).ended_by(), leader);
    EXPECT_EQ(record(aino, 1).end_reason(), "sovittu");
}

TEST_F(SanctionsTest, MemberIsToldAndNotByWhom) {
    auto command = of(aino, SanctionKind::suspend, strategy, now + day);
    command.appeal = "puhemies";
    const auto decision = run(leader, command);
    ASSERT_THAT(decision.effects, SizeIs(1));
    const auto& effect = decision.effects.front();
    EXPECT_EQ(effect.channel, forum::member_channel(aino));
    EXPECT_EQ(effect.key, "inbox:0:1:1");
    EXPECT_EQ(effect.index, forum::inbox_index);
    const auto& entry = std::get<forum::InboxEntry>(effect.value);
    EXPECT_EQ(entry.kind, forum::InboxKind::sanctioned);
    EXPECT_EQ(entry.author, 0U);
    EXPECT_EQ(entry.reason, "asiaton");
    EXPECT_EQ(entry.sanction, (forum::Sanctioned{1, SanctionKind::suspend, strategy, now + day, "puhemies"}));
    const auto lifted = run(leader, LiftSanction{aino, 1, "sovittu"});
    ASSERT_THAT(lifted.effects, SizeIs(1));
    EXPECT_EQ(lifted.effects.front().key, "inbox:0:1:2");
    EXPECT_EQ(std::get<forum::InboxEntry>(lifted.effects.front().value).kind, forum::InboxKind::sanction_lifted);
    EXPECT_EQ(std::get<forum::InboxEntry>(lifted.effects.front().value).reason, "sovittu");
}

TEST_F(SanctionsTest, WhoMayWhereAndOfWhom) {
    const auto mute = [](Id member, Id forum) { return of(member, SanctionKind::mute, forum); };
    EXPECT_EQ(refused(leader, mute(aino, 0)), refusal(ErrorCode::forbidden, "administrators_only"));
    EXPECT_EQ(refused(biret, mute(aino, 0)), refusal(ErrorCode::forbidden, "administrators_only"));
    EXPECT_EQ(refused(leader, mute(aino, other_forum)), refusal(ErrorCode::forbidden, "moderators_only", "forum"));
    EXPECT_EQ(refused(biret, mute(aino, strategy)), refusal(ErrorCode::forbidden, "moderators_only", "forum"));
    reg.write({{"forum:32", directory::encode(forum::ForumCard{
                                0, "talous", "Talous", "", 2, {{Role::office_holder}, {}, {}, {}, {}}})}});
    EXPECT_EQ(refused(leader, mute(aino, other_forum)), no_forum) << "one that they do not see";
    EXPECT_EQ(refused(leader, mute(aino, 999)), no_forum);
    EXPECT_EQ(refused(admin, mute(aino, 999)), no_forum);
    EXPECT_EQ(refused(leader, mute(nobody, strategy)), refusal(ErrorCode::not_found, "member_not_found", "member"));
    EXPECT_EQ(refused(leader, mute(leader, strategy)), own);
    EXPECT_EQ(refused(admin, mute(admin, 0)), own);
    EXPECT_EQ(refused(leader, mute(admin, strategy)), of_moderator);
    add(16, "toinen", "Toinen Vetäjä", "091", {.grants = {{Role::moderator, 0}}, .moderates = {strategy}});
    EXPECT_EQ(refused(leader, mute(16, strategy)), of_moderator);
    run(admin, mute(16, strategy));
    run(admin, mute(leader, 0));
    EXPECT_EQ(refused(leader, mute(aino, strategy)), refusal(ErrorCode::forbidden, "moderators_only", "forum"))
        << "who is muted does not moderate";
    run(admin, mute(aino, other_forum));
    run(the_operator, mute(biret, 0));
    EXPECT_TRUE(muted(biret, other_forum));
}

TEST_F(SanctionsTest, FieldsAreChecked) {
    const auto until = [](std::string reason) { return refusal(ErrorCode::invalid, std::move(reason), "until_ms"); };
    auto unknown = of(aino, SanctionKind::mute);
    unknown.kind.reset();
    EXPECT_EQ(refused(leader, unknown), refusal(ErrorCode::invalid, "sanction_unknown", "kind"));
    EXPECT_EQ(refused(leader, of(aino, SanctionKind::suspend)), until("until_missing"));
    EXPECT_EQ(refused(leader, of(aino, SanctionKind::ban, strategy, now + 1)), until("until_not_allowed"));
    EXPECT_EQ(refused(leader, of(aino, SanctionKind::warn, strategy, now + 1)), until("until_not_allowed"));
    EXPECT_EQ(refused(leader, of(aino, SanctionKind::mute, strategy, now)), until("until_in_past"));
    EXPECT_EQ(refused(leader, of(aino, SanctionKind::mute, strategy, -1)), until("until_in_past"));
    const auto longest = limits.sanctions.longest_ms;
    EXPECT_EQ(refused(leader, of(aino, SanctionKind::mute, strategy, now + longest + 1)), until("sanction_too_long"));
    run(leader, of(aino, SanctionKind::mute, strategy, now + longest));
    auto wordy = of(aino, SanctionKind::warn);
    wordy.reason = "kymmenen..";
    wordy.appeal = "kaksitoista.";
    run(leader, wordy);
    auto longer = wordy;
    longer.reason += '.';
    EXPECT_EQ(refused(leader, longer), refusal(ErrorCode::invalid, "text_too_long", "reason"));
    longer = wordy;
    longer.appeal += '.';
    EXPECT_EQ(refused(leader, longer), refusal(ErrorCode::invalid, "text_too_long", "appeal"));
    wordy.reason.clear();
    EXPECT_EQ(refused(leader, wordy), refusal(ErrorCode::invalid, "text_empty", "reason"));
    EXPECT_EQ(refused(leader, LiftSanction{aino, 1, "yksitoista."}),
              refusal(ErrorCode::invalid, "text_too_long", "reason"));
}

TEST_F(SanctionsTest, OneTakesThePlaceOfOneOfTheSameEffectAtTheSamePlace) {
    run(leader, of(aino, SanctionKind::mute, strategy, now + day));
    run(leader, of(aino, SanctionKind::mute, strategy, now + 2 * day));
    EXPECT_THAT(in_force(aino), ElementsAre(2));
    EXPECT_EQ(record(aino, 1).replaced_by(), 2U);
    EXPECT_EQ(record(aino, 1).ended_by(), leader);
    run(leader, of(aino, SanctionKind::ban));
    EXPECT_THAT(in_force(aino), ElementsAre(2, 3)) << "another effect";
    run(leader, of(aino, SanctionKind::suspend, strategy, now + day));
    EXPECT_THAT(in_force(aino), ElementsAre(2, 4)) << "a suspension in the place of a ban";
    run(admin, of(aino, SanctionKind::suspend, 0, now + day));
    EXPECT_THAT(in_force(aino), ElementsAre(2, 4, 5)) << "another place";
    now += day;
    EXPECT_THAT(in_force(aino), ElementsAre(2));
    EXPECT_FALSE(is_out(aino, strategy));
}

TEST_F(SanctionsTest, WarningsAreToldAndKeptAndDoNothing) {
    run(leader, of(aino, SanctionKind::warn));
    run(leader, of(aino, SanctionKind::warn));
    EXPECT_THAT(numbers(aino), ElementsAre(1, 2));
    EXPECT_THAT(in_force(aino), IsEmpty());
    EXPECT_FALSE(muted(aino, strategy));
    run(leader, LiftSanction{aino, 1, ""});
    EXPECT_EQ(record(aino, 1).ended_ms(), now) << "withdrawn";
    EXPECT_EQ(refused(leader, LiftSanction{aino, 1, ""}), refusal(ErrorCode::forbidden, "sanction_over", "sanction"));
}

TEST_F(SanctionsTest, AsManyAreInForceAsMayBe) {
    run(leader, of(aino, SanctionKind::mute));
    run(leader, of(aino, SanctionKind::ban));
    run(admin, of(aino, SanctionKind::mute, 0));
    const auto one_more = of(aino, SanctionKind::mute, other_forum);
    EXPECT_EQ(refused(admin, one_more), refusal(ErrorCode::limited, "too_many_sanctions", "member"));
    run(admin, of(aino, SanctionKind::mute, 0));
    run(admin, of(aino, SanctionKind::warn, 0));
    run(admin, LiftSanction{aino, 1, ""});
    run(admin, one_more);
    EXPECT_EQ(in_force(aino).size(), 3U);
}

TEST_F(SanctionsTest, NoNumberOfThemKeepsAnAdministratorFromBanningEverywhere) {
    limits.sanctions.active = 1;
    run(leader, of(aino, SanctionKind::mute));
    EXPECT_EQ(refused(admin, of(aino, SanctionKind::ban, other_forum)),
              refusal(ErrorCode::limited, "too_many_sanctions", "member"));
    run(admin, of(aino, SanctionKind::ban, 0));
    EXPECT_TRUE(is_out(aino, 0));
}

// A mute takes powers, those of administrators, too, so that nobody lifts their own by another's hand.
TEST_F(SanctionsTest, WhoIsMutedEverywhereDoesNotAdminister) {
    const auto none = refusal(ErrorCode::forbidden, "administrators_only");
    run(the_operator, of(admin, SanctionKind::mute, 0));
    EXPECT_EQ(refused(admin, of(aino, SanctionKind::mute, 0)), none);
    EXPECT_EQ(refused(admin, SetAudience{strategy, 0, forum::Audience{}, true}), none);
    EXPECT_EQ(refused(admin, EndSessions{aino}), none);
}

TEST_F(SanctionsTest, WhoIsKeptFromAForumDoesNotAdministerIt) {
    run(the_operator, of(admin, SanctionKind::ban, strategy));
    EXPECT_EQ(refused(admin, of(aino, SanctionKind::mute)), no_forum);
    EXPECT_EQ(refused(admin, SetAudience{strategy, 0, forum::Audience{}, true}), no_forum);
    run(admin, of(aino, SanctionKind::mute, 0));
}

TEST_F(SanctionsTest, AsManyAreKeptAsMayBeAndWhatIsInForceStays) {
    run(leader, of(aino, SanctionKind::mute));
    for (int n = 0; n < 4; ++n) run(leader, of(aino, SanctionKind::warn));
    EXPECT_THAT(numbers(aino), ElementsAre(1, 2, 3, 4, 5));
    run(leader, of(aino, SanctionKind::warn));
    EXPECT_THAT(numbers(aino), ElementsAre(1, 3, 4, 5, 6)) << "the oldest that is over goes";
    limits.sanctions.records = 1;
    run(leader, of(aino, SanctionKind::ban));
    EXPECT_THAT(numbers(aino), ElementsAre(1, 7));
}

TEST_F(SanctionsTest, ShutOutFromEverythingTheyLoseTheirSignInsAndGetNone) {
    const auto token = sign_in(aino, "1");
    run(leader, of(aino, SanctionKind::ban));
    EXPECT_TRUE(opens(token)) << "of a forum";
    run(admin, of(aino, SanctionKind::suspend, 0, now + day));
    EXPECT_FALSE(opens(token));
    SignIn command;
    command.member = aino;
    command.token = hash_of_name("2");
    command.password = password_of(aino);
    EXPECT_EQ(refused(the_operator, command), refusal(ErrorCode::forbidden, "member_suspended"));
    command.password = "$argon2id$other";
    EXPECT_EQ(refused(the_operator, command), refusal(ErrorCode::unauthenticated, "credentials_invalid"))
        << "without the password nothing is told";
    now += day;
    EXPECT_TRUE(opens(sign_in(aino, "3")));
    run(admin, of(aino, SanctionKind::ban, 0));
    command.password = password_of(aino);
    EXPECT_EQ(refused(the_operator, command), refusal(ErrorCode::forbidden, "member_banned"));
    run(admin, LiftSanction{aino, 3, ""});
    EXPECT_TRUE(opens(sign_in(aino, "4")));
}

// A sign-in that somehow came beside it opens nothing either.
TEST_F(SanctionsTest, NoSignInIsGoodMeanwhile) {
    run(admin, of(aino, SanctionKind::ban, 0));
    v1::DirectoryEntity entity;
    entity.mutable_token()->set_member(aino);
    entity.mutable_token()->set_epoch(card(aino).epoch);
    reg.write({{token_key(hash_of_name("1")), entity.SerializeAsString()}});
    EXPECT_EQ(reg.directory().good_session(hash_of_name("1"), now, day), nullptr);
    run(admin, LiftSanction{aino, 1, ""});
    EXPECT_NE(reg.directory().good_session(hash_of_name("1"), now, day), nullptr);
}

TEST_F(SanctionsTest, LastAdministratorIsNeverShutOut) {
    const auto ban = of(admin, SanctionKind::ban, 0);
    const auto last = refusal(ErrorCode::forbidden, "last_administrator", "member");
    EXPECT_EQ(refused(the_operator, ban), last);
    EXPECT_EQ(refused(the_operator, of(admin, SanctionKind::suspend, 0, now + 1)), last);
    run(the_operator, of(admin, SanctionKind::ban, strategy));
    add(17, "toinen", "Toinen Pitäjä", "", {.grants = {{Role::administrator, 0}}});
    run(17, ban);
    EXPECT_TRUE(is_out(admin, 0));
    EXPECT_EQ(refused(the_operator, of(17, SanctionKind::ban, 0)), last) << "who is banned does not count";
    EXPECT_EQ(refused(17, SetStanding{17, councillor_of("091")}), last);
}

TEST_F(SanctionsTest, IsLiftedByWhoMayImposeItThere) {
    run(leader, of(aino, SanctionKind::mute));
    run(admin, of(aino, SanctionKind::mute, 0));
    EXPECT_EQ(refused(biret, LiftSanction{aino, 1, ""}), refusal(ErrorCode::forbidden, "moderators_only", "member"));
    EXPECT_EQ(refused(leader, LiftSanction{aino, 2, ""}), not_there) << "everywhere";
    EXPECT_EQ(refused(leader, LiftSanction{aino, 3, ""}), not_there);
    EXPECT_EQ(refused(leader, LiftSanction{nobody, 1, ""}),
              refusal(ErrorCode::not_found, "member_not_found", "member"));
    run(admin, of(leader, SanctionKind::warn));
    EXPECT_EQ(refused(leader, LiftSanction{leader, 1, ""}), own);
    add(18, "kolmas", "Kolmas Vetäjä", "091", {.grants = {{Role::moderator, 0}}, .moderates = {strategy}});
    EXPECT_EQ(refused(18, LiftSanction{leader, 1, ""}), of_moderator);
    run(admin, LiftSanction{aino, 1, ""});
    now += 1;
    run(leader, of(aino, SanctionKind::mute, strategy, now + 1));
    now += 1;
    EXPECT_EQ(refused(leader, LiftSanction{aino, 3, ""}), refusal(ErrorCode::forbidden, "sanction_over", "sanction"));
}

TEST_F(SanctionsTest, WhatIsOverIsForgottenAtItsMillisecondAndNumbersAreNotUsedAgain) {
    run(leader, of(aino, SanctionKind::warn));
    run(leader, of(aino, SanctionKind::mute, strategy, now + day));
    run(leader, of(aino, SanctionKind::ban));
    const auto begun = now;
    const auto due = [&] { return sanctions_to_forget(actor(the_operator), 10); };
    now = begun + limits.sanctions.keep_ms - 1;
    EXPECT_THAT(due(), IsEmpty());
    EXPECT_TRUE(changes_nothing(the_operator, ForgetSanctions{{aino}}));
    now += 1;
    EXPECT_THAT(due(), ElementsAre(aino));
    EXPECT_FALSE(run(the_operator, ForgetSanctions{{aino}}).takes_away);
    EXPECT_THAT(numbers(aino), ElementsAre(2, 3));
    EXPECT_THAT(due(), IsEmpty());
    now += day;
    run(the_operator, ForgetSanctions{due()});
    EXPECT_THAT(numbers(aino), ElementsAre(3)) << "in force";
    now += 1000 * day;
    EXPECT_THAT(due(), IsEmpty());
    run(leader, LiftSanction{aino, 3, ""});
    now += limits.sanctions.keep_ms;
    run(the_operator, ForgetSanctions{due()});
    EXPECT_THAT(numbers(aino), IsEmpty());
    run(leader, of(aino, SanctionKind::warn));
    EXPECT_THAT(numbers(aino), ElementsAre(4));
    EXPECT_THAT(sanctions_to_forget(actor(the_operator), 0), IsEmpty());
}

TEST_F(SanctionsTest, GoWithTheErasedMember) {
    run(leader, of(aino, SanctionKind::ban));
    run(admin, EraseMember{aino, {}, {}});
    now += limits.erasure_grace_ms;
    run(the_operator, Erase{aino, ""});
    EXPECT_FALSE(reg.has(sanctions_key(aino)));
}

TEST_F(SanctionsTest, StandAtTheirMemberInWhateverOrderTheyCome) {
    run(leader, of(aino, SanctionKind::mute));
    const auto of_sanctions = sanctions_key(aino);
    const auto of_member = member_key(aino);
    const auto bytes = reg.stored().at(of_sanctions);
    const auto member = reg.stored().at(of_member);
    const std::vector<directory::EntityChange> sanctions_first{{of_sanctions, 1, bytes}, {of_member, 2, member}};
    const auto loaded = directory::Snapshot().with(sanctions_first, 2);
    EXPECT_TRUE(forum::is_muted(*loaded->member(aino), strategy, now));
    run(admin, SetStanding{aino, councillor_of("890")});
    EXPECT_TRUE(muted(aino, strategy)) << "also when the member changes";
    run(admin, PutTerm{term, "2025-2029", "2025-06-01", "2025-06-02"});
    EXPECT_TRUE(muted(aino, strategy)) << "and when a term turns";
}

TEST_F(SanctionsTest, EverybodyIsToldOfTheirOwnModeratorsOfTheirForumsAdministratorsOfAll) {
    run(leader, of(aino, SanctionKind::mute));
    run(admin, of(aino, SanctionKind::mute, 0));
    const auto told = [&](Id viewer) {
        std::vector<std::uint64_t> seen;
        const auto kept = stored(aino);
        for (const auto& one : kept.records())
            if (may_see_sanction(reg.directory(), card(viewer), aino, one, now)) seen.push_back(one.number());
        return seen;
    };
    EXPECT_THAT(told(aino), ElementsAre(1, 2));
    EXPECT_THAT(told(leader), ElementsAre(1));
    EXPECT_THAT(told(admin), ElementsAre(1, 2));
    EXPECT_THAT(told(biret), IsEmpty());
    const auto may = [&](Id viewer, Id member) {
        const auto result = may_list_sanctions(reg.directory(), card(viewer), member, now);
        return result.has_error() ? result.error().reason : "";
    };
    EXPECT_EQ(may(aino, aino), "");
    EXPECT_EQ(may(leader, aino), "");
    EXPECT_EQ(may(admin, nobody), "member_not_found");
    EXPECT_EQ(may(biret, aino), "moderators_only");
    EXPECT_EQ(may(biret, nobody), "moderators_only") << "nothing is told of who there is";
}

// A kind that a later release knows.
TEST_F(SanctionsTest, WhatIsNotKnownIsAsHardAsAny) {
    v1::DirectoryEntity entity;
    auto& one = *entity.mutable_sanctions()->add_records();
    one.set_number(1);
    one.set_kind(static_cast<v1::SanctionKind>(9));
    reg.write({{sanctions_key(aino), entity.SerializeAsString()}});
    EXPECT_TRUE(is_out(aino, 0));
    EXPECT_TRUE(is_in_force(record(aino, 1), now));
}

}  // namespace
}  // namespace foorumi::membership::test
