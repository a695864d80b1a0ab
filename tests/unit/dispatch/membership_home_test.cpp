// What the directory's home does with acts of membership before and after the store has them.
#include <gmock/gmock.h>

#include "codec/effects_codec.hpp"
#include "dispatch/membership_job.hpp"
#include "foorumi/v1/protocol.pb.h"
#include "worker_fixture.hpp"

namespace foorumi::dispatch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class MembershipHomeTest : public WorkerTest {
   protected:
    static constexpr forum::Id chief = 6;
    const std::string chief_bytes = directory::encode({0, "ylli", "Ylli", "", {forum::Role::administrator}, {}});
    const std::string aino_bytes = directory::encode({0, "aino", "Aino", "091", {forum::Role::councillor}, {}});

    MembershipHomeTest() {
        write({{"member:6", chief_bytes},
               {"token:cc", directory::encode_token(chief, 1)},
               {"token:pp", pending_token()}});
    }

    static std::string pending_token() {
        v1::DirectoryEntity entity;
        entity.mutable_token()->set_member(chief);
        entity.mutable_token()->set_pending(true);
        entity.mutable_token()->set_expires_ms(5'000);
        return entity.SerializeAsString();
    }

    // The answers come into `answers` in their order: "ok <version>" or the refusal's reason.
    std::shared_ptr<MembershipJob> act(MembershipCommand command, forum::Id member = chief, std::string token = "cc",
                                       bool pending = false) {
        auto job = std::make_shared<MembershipJob>();
        job->command = std::move(command);
        job->member = member;
        job->token_hash = std::move(token);
        job->pending = pending;
        job->change_id[0] = 7;
        job->fingerprint[0] = 8;
        job->made_at_ms = 900;
        job->done = [this](const ChangeResult& result) {
            answers.push_back(result.has_value() ? "ok " + std::to_string(result->version) : result.error().reason);
        };
        worker.home().change_membership(job);
        return job;
    }
    // What the store has for ending Aino's sign-ins.
    [[nodiscard]] FakeView stored() const {
        FakeView view;
        view.values["fence"] = {};
        view.values["member:4"] = {1, aino_bytes};
        return view;
    }
    // Of the directory; nothing: it cannot be read.
    void tell_stored_version(std::optional<store::Version> version) {
        run();
        ASSERT_EQ(store->reads.size(), 1U);
        store::ReadOutcome<store::EntitiesResult> outcome;
        if (version)
            outcome.result.version = *version;
        else
            outcome.failure = store::Failure::unavailable;
        auto read = std::move(store->reads.front());
        store->reads.pop_front();
        read.done(std::move(outcome));
        run();
    }
    static MembershipCommand end_ainos() { return membership::EndSessions{aino}; }

    std::vector<std::string> answers;
};

TEST_F(MembershipHomeTest, ActExpectsWhatItSawAndTheFence) {
    act(end_ainos());
    ASSERT_EQ(store->changes.size(), 1U);
    const auto& request = store->changes.front().request;
    EXPECT_EQ(request.channel, "directory");
    EXPECT_EQ(request.author, chief);
    EXPECT_EQ(request.change_id[0], 7);
    EXPECT_EQ(request.fingerprint[0], 8);
    EXPECT_EQ(request.made_at_ms, 900);
    EXPECT_EQ(request.deadline, std::chrono::seconds(10));
    EXPECT_THAT(request.needs, ElementsAre("member:4", "fence"));
    write({{"fence", directory::encode_fence()}});
    auto view = stored();
    view.values["fence"] = {3, directory::encode_fence()};
    view.values["member:4"].version = 2;
    store->decide(view);
    ASSERT_TRUE(store->decided);
    EXPECT_EQ(store->decided_on, shared.directory.version());
    std::vector<std::pair<std::string, store::Version>> expected;
    for (const auto& one : store->decided->expectations) expected.emplace_back(one.key, one.version);
    EXPECT_THAT(expected, ElementsAre(std::pair("member:4", 2), std::pair("fence", 3)));
}

// --- the fence

TEST_F(MembershipHomeTest, WhatTakesAwayRaisesTheFenceAndIsAnsweredBehindIt) {
    shared.settings.workers = 2;
    act(end_ainos());
    store->decide(stored(), {7, false});
    ASSERT_TRUE(store->decided);
    ASSERT_EQ(store->decided->puts.size(), 2U);
    EXPECT_EQ(store->decided->puts.front().key, "member:4");
    EXPECT_EQ(store->decided->puts.back().key, "fence");
    run();
    ASSERT_EQ(store->fences.size(), 2U) << "one of each worker";
    EXPECT_EQ(store->fences.front().version, 7U);
    store->answer_fence();
    run();
    EXPECT_THAT(answers, IsEmpty());
    store->answer_fence();
    run();
    EXPECT_THAT(answers, ElementsAre("ok 7"));
}

TEST_F(MembershipHomeTest, FenceThatDidNotReachEveryPartitionIsTriedAgainWhereTheDirectoryHasTheAct) {
    act(end_ainos());
    store->decide(stored(), {7, false});
    run();
    store->answer_fence(store::Failure::unavailable);
    pass(std::chrono::milliseconds(200));
    EXPECT_THAT(answers, IsEmpty());
    EXPECT_THAT(store->fences, IsEmpty()) << "before it is known that the act is still there";
    tell_stored_version(std::nullopt);
    pass(std::chrono::milliseconds(200));
    tell_stored_version(7);
    ASSERT_EQ(store->fences.size(), 1U);
    store->answer_fence();
    run();
    EXPECT_THAT(answers, ElementsAre("ok 7"));
}

TEST_F(MembershipHomeTest, FenceOfAnActThatIsGoneIsNotMade) {
    shared.settings.workers = 2;
    act(end_ainos());
    store->decide(stored(), {7, false});
    run();
    ASSERT_EQ(store->fences.size(), 2U);
    store->answer_fence();
    store->answer_fence(store::Failure::unavailable);
    pass(std::chrono::milliseconds(200));
    tell_stored_version(6);
    run();
    EXPECT_THAT(store->fences, IsEmpty());
    EXPECT_THAT(answers, ElementsAre("outcome_unknown")) << "its author asks again, by the same id";
}

TEST_F(MembershipHomeTest, WhatGivesIsAnsweredAtOnceWithoutAFence) {
    act(membership::PutTerm{0, "2025-2029", "2025-06-01", "2029-05-31"});
    store->decide(stored(), {8, false});
    EXPECT_THAT(answers, ElementsAre("ok 8"));
    ASSERT_EQ(store->decided->puts.size(), 1U);
    EXPECT_EQ(store->decided->puts.front().key, "term:@");
    run();
    EXPECT_THAT(store->fences, IsEmpty());
}

// --- what is forgotten

TEST_F(MembershipHomeTest, WhatIsEmptiedIsForgottenAndMarked) {
    act(membership::SignOut{"cc"});
    auto view = stored();
    view.values["token:cc"] = {1, directory::encode_token(chief, 1)};
    store->decide(view, {9, false});
    ASSERT_EQ(store->decided->puts.size(), 3U);
    EXPECT_EQ(store->decided->puts[0].key, "token:cc");
    EXPECT_TRUE(store->decided->puts[0].forget);
    EXPECT_EQ(store->decided->puts[1].key, "forgotten");
    EXPECT_FALSE(store->decided->puts[1].forget);
    EXPECT_EQ(store->decided->puts[1].value, directory::encode_forgotten());
    EXPECT_EQ(store->decided->puts[2].key, "fence");
}

TEST_F(MembershipHomeTest, WhatTheCommitFillsInIsNotForgotten) {
    v1::DirectoryEntity entity;
    auto& invitation = *entity.mutable_invitation();
    invitation.set_email("uusi@example.org");
    invitation.set_expires_ms(5'000);
    invitation.mutable_member()->set_name("Uusi Jäsen");
    invitation.mutable_member()->set_handle("uusi");
    const auto bytes = entity.SerializeAsString();
    const std::string hash(64, 'a');
    act(membership::Accept{hash, bytes, "$argon2id$", std::string(64, 'b'), "puhelin"}, 0, "");
    FakeView view;
    view.strict = false;
    view.values["invitation:" + hash] = {1, bytes};
    store->decide(view, {9, false});
    ASSERT_TRUE(store->decided);
    std::vector<std::string> forgotten;
    std::size_t claims = 0;
    for (const auto& put : store->decided->puts) {
        if (put.forget) forgotten.push_back(put.key);
        if (!put.key.starts_with("claim:")) continue;
        ++claims;
        EXPECT_EQ(put.value, "");
        EXPECT_FALSE(put.forget) << "its value is the new member's id";
    }
    EXPECT_EQ(claims, 4U);
    EXPECT_THAT(forgotten, ElementsAre("invitation:" + hash));
}

TEST_F(MembershipHomeTest, WhatChangesNothingRaisesNoFence) {
    act(membership::SignOut{"zz"});
    auto view = stored();
    view.values["token:zz"] = {};
    store->decide(view, {8, false});
    EXPECT_THAT(answers, ElementsAre("ok 8"));
    EXPECT_THAT(store->decided->puts, IsEmpty());
}

TEST_F(MembershipHomeTest, RepeatedActIsAnsweredBehindTheFenceToo) {
    act(end_ainos());
    store->answer_change({std::nullopt, {7, true}, 0});
    EXPECT_THAT(answers, IsEmpty());
    run();
    ASSERT_EQ(store->fences.size(), 1U);
    EXPECT_EQ(store->fences.front().version, 7U);
    store->answer_fence();
    run();
    EXPECT_THAT(answers, ElementsAre("ok 7"));
}

// --- a directory that is behind

TEST_F(MembershipHomeTest, NothingIsDecidedOnADirectoryBehindTheStoredFence) {
    act(end_ainos());
    const auto version = shared.directory.version() + 1;
    auto view = stored();
    view.values["fence"] = {version, directory::encode_fence()};
    store->decide(view);
    EXPECT_FALSE(store->decided);
    EXPECT_THAT(answers, IsEmpty());
    EXPECT_THAT(store->changes, IsEmpty());
    pass(std::chrono::milliseconds(19));
    EXPECT_THAT(store->changes, IsEmpty());
    pass(std::chrono::milliseconds(1));
    ASSERT_EQ(store->changes.size(), 1U);
    EXPECT_EQ(store->changes.front().request.deadline, std::chrono::milliseconds(9'980));
    write({{"fence", directory::encode_fence()}});
    store->decide(view, {9, false});
    EXPECT_TRUE(store->decided) << "it has caught up";
}

TEST_F(MembershipHomeTest, DirectoryThatStaysBehindEndsWithTheDeadline) {
    act(end_ainos());
    auto view = stored();
    view.values["fence"] = {99, directory::encode_fence()};
    int tries = 0;
    for (; answers.empty() && tries < 1'000; ++tries) {
        ASSERT_EQ(store->changes.size(), 1U);
        store->decide(view);
        pass(std::chrono::milliseconds(20));
    }
    EXPECT_EQ(tries, 500) << "20 ms apart, for 10 s";
    EXPECT_THAT(answers, ElementsAre("contended"));
    pass(std::chrono::seconds(1));
    EXPECT_THAT(store->changes, IsEmpty());
}

// --- refusals

TEST_F(MembershipHomeTest, WhatIsRefusedOutrightReadsNothing) {
    act(end_ainos(), aino, "aa");
    ASSERT_EQ(store->changes.size(), 1U) << "it is still looked for by its change id";
    EXPECT_THAT(store->changes.front().request.needs, IsEmpty());
    store->decide(FakeView());
    EXPECT_THAT(answers, ElementsAre("administrators_only"));
}

TEST_F(MembershipHomeTest, WhatWasDoneBeforeKeepsItsAnswer) {
    act(end_ainos(), aino, "aa");
    store->answer_change({std::nullopt, {7, true}, 0});
    run();
    store->answer_fence();
    run();
    EXPECT_THAT(answers, ElementsAre("ok 7"));
}

TEST_F(MembershipHomeTest, RefusalOfTheRuleIsAnswered) {
    act(end_ainos());
    auto view = stored();
    view.values["member:4"] = {2, ""};
    store->decide(view);
    EXPECT_THAT(answers, ElementsAre("member_not_found"));
    EXPECT_FALSE(store->decided);
}

TEST_F(MembershipHomeTest, EntityThatCannotBeReadIsTheServersFault) {
    act(end_ainos());
    auto view = stored();
    view.values["member:4"].bytes = "\xff\xff";
    store->decide(view);
    EXPECT_THAT(answers, ElementsAre("internal"));
}

TEST_F(MembershipHomeTest, FailureOfTheStoreIsAnswered) {
    for (const auto failure :
         {store::Failure::outcome_unknown, store::Failure::unavailable, store::Failure::conflict}) {
        act(end_ainos());
        store->answer_change({failure, {}, 0});
    }
    EXPECT_THAT(answers, ElementsAre("outcome_unknown", "store_unavailable", "change_id_reused"));
}

// --- who acts

TEST_F(MembershipHomeTest, TokenThatIsRevokedMeanwhileActsNoMore) {
    act(end_ainos());
    write({{"token:cc", ""}});
    store->decide(stored());
    EXPECT_THAT(answers, ElementsAre("token_invalid"));
    act(end_ainos());
    EXPECT_THAT(store->changes.front().request.needs, IsEmpty());
    store->decide(FakeView());
    EXPECT_EQ(answers.back(), "token_invalid");
}

TEST_F(MembershipHomeTest, EpochThatIsOverActsNoMore) {
    act(end_ainos());
    forum::MemberCard card = *shared.directory.current()->member(chief);
    card.epoch = 1;
    write({{"member:6", directory::encode(card)}});
    store->decide(stored());
    EXPECT_THAT(answers, ElementsAre("token_invalid"));
}

TEST_F(MembershipHomeTest, RoleThatIsTakenMeanwhileDecidesNoMore) {
    act(end_ainos());
    write({{"member:6", aino_bytes}});
    store->decide(stored());
    EXPECT_THAT(answers, ElementsAre("administrators_only"));
}

TEST_F(MembershipHomeTest, TokenOfAnotherMemberIsNone) {
    act(end_ainos(), chief, "aa");
    store->decide(FakeView());
    act(end_ainos(), 99, "");
    store->decide(FakeView());
    EXPECT_THAT(answers, ElementsAre("token_invalid", "token_invalid"));
}

TEST_F(MembershipHomeTest, SignInThatWaitsActsOnlyWhereThatIsAllowed) {
    act(end_ainos(), chief, "pp");
    store->decide(FakeView());
    EXPECT_THAT(answers, ElementsAre("token_invalid"));
    auto view = stored();
    view.values["token:pp"] = {1, pending_token()};
    act(membership::SignOut{"pp"}, chief, "pp", true);
    store->decide(view, {9, false});
    ASSERT_TRUE(store->decided);
    EXPECT_EQ(store->decided->puts.front().key, "token:pp");
}

TEST_F(MembershipHomeTest, ExpiredSignInActsNoMoreFromTheExactMillisecond) {
    act(membership::SignOut{"pp"}, chief, "pp", true);
    auto view = stored();
    view.values["token:pp"] = {1, pending_token()};
    clock.wall = 5'000;
    store->decide(view);
    EXPECT_THAT(answers, ElementsAre("token_invalid"));
    clock.wall = 4'999;
    act(membership::SignOut{"pp"}, chief, "pp", true);
    store->decide(view, {9, false});
    EXPECT_TRUE(store->decided);
}

TEST_F(MembershipHomeTest, OperatorActsWithoutASignIn) {
    act(end_ainos(), 0, "");
    store->decide(stored(), {9, false});
    EXPECT_TRUE(store->decided);
}

TEST_F(MembershipHomeTest, SanctionIsToldAndInTheLogInTheSameStep) {
    act(membership::Sanction{aino, forum::SanctionKind::mute, theme, 0, "Asiatonta", {}});
    auto view = stored();
    view.values["sanctions:4"] = {};
    store->decide(view, {9, false});
    ASSERT_TRUE(store->decided);
    EXPECT_EQ(store->decided->puts.front().key, "sanctions:4");
    EXPECT_EQ(store->decided->puts.back().key, "fence");
    const auto effects = codec::decode_effects(store->decided->effects, 9);
    ASSERT_TRUE(effects);
    ASSERT_EQ(effects->size(), 1U);
    EXPECT_EQ(effects->front().key, "inbox:0:1:1");
    v1::AuditRecord record;
    ASSERT_TRUE(record.ParseFromString(store->decided->audit));
    EXPECT_EQ(record.act(), "sanction");
    EXPECT_EQ(record.member(), aino);
    EXPECT_EQ(record.forum(), theme);
    EXPECT_EQ(record.sanction(), 1U);
    EXPECT_EQ(record.sanction_kind(), v1::SANCTION_KIND_MUTE);
    EXPECT_EQ(record.reason_digest().size(), 32U);
}

}  // namespace
}  // namespace foorumi::dispatch
