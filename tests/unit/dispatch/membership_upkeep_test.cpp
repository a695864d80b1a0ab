// What time brings to the directory.
#include "dispatch/membership_upkeep.hpp"

#include <gmock/gmock.h>

#include <set>

#include "worker_fixture.hpp"

namespace foorumi::dispatch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class MembershipUpkeepTest : public WorkerTest {
   protected:
    static constexpr std::int64_t june_2025 = 1'750'000'000'000;

    MembershipUpkeepTest() { clock.wall = june_2025; }

    void put_term(bool current) {
        v1::DirectoryEntity entity;
        entity.mutable_term()->set_first_day("2025-06-01");
        entity.mutable_term()->set_last_day("2029-05-31");
        entity.mutable_term()->set_current(current);
        write({{"term:7", entity.SerializeAsString()}});
    }
    static std::string token(std::int64_t used, std::int64_t expires) {
        v1::DirectoryEntity entity;
        entity.mutable_token()->set_member(aino);
        entity.mutable_token()->set_used_ms(used);
        entity.mutable_token()->set_expires_ms(expires);
        return entity.SerializeAsString();
    }
    void put_expired(int count) {
        std::vector<std::pair<std::string, std::string>> tokens;
        for (int n = 0; n < count; ++n) tokens.emplace_back("token:e" + std::to_string(n), token(1, june_2025));
        write(tokens);
    }

    // A tick when so much time has passed.
    void tick(std::chrono::seconds later = std::chrono::seconds(0)) {
        clock.now += later;
        upkeep.tick(clock.now);
    }
    // The oldest act, which must be a Command, done or failed.
    template <class Command>
    Command take(bool succeeds = true) {
        const auto job = jobs.front();
        jobs.erase(jobs.begin());
        EXPECT_EQ(job->member, 0U) << "the operator's";
        EXPECT_TRUE(job->token_hash.empty());
        if (succeeds)
            job->answer(store::Committed{9, false});
        else
            job->answer(forum::Refusal{forum::ErrorCode::unavailable, "store_unavailable", "", 0});
        return std::get<Command>(job->command);
    }

    std::vector<std::shared_ptr<MembershipJob>> jobs;
    MembershipUpkeep upkeep{worker, [this](std::shared_ptr<MembershipJob> job) { jobs.push_back(std::move(job)); }};
};

TEST_F(MembershipUpkeepTest, WithNothingDueNothingIsDone) {
    put_term(true);
    for (int n = 0; n < 100; ++n) tick(std::chrono::seconds(1));
    EXPECT_THAT(jobs, IsEmpty());
}

TEST_F(MembershipUpkeepTest, TermIsTurnedUntilItHasTurned) {
    put_term(false);
    tick();
    ASSERT_THAT(jobs, SizeIs(1));
    tick(std::chrono::seconds(1));
    EXPECT_THAT(jobs, SizeIs(1)) << "one at a time";
    EXPECT_THAT(take<membership::TurnTerms>(false).terms, ElementsAre(7));
    tick(std::chrono::seconds(1));
    ASSERT_THAT(jobs, SizeIs(1)) << "tried again";
    EXPECT_THAT(take<membership::TurnTerms>().terms, ElementsAre(7));
    put_term(true);
    tick(std::chrono::seconds(1));
    EXPECT_THAT(jobs, IsEmpty());
}

TEST_F(MembershipUpkeepTest, EachActHasAChangeIdOfItsOwn) {
    put_term(false);
    std::set<store::ChangeId> ids;
    for (int n = 0; n < 3; ++n) {
        tick(std::chrono::seconds(1));
        ASSERT_THAT(jobs, SizeIs(1));
        EXPECT_EQ(jobs.front()->fingerprint, jobs.front()->change_id);
        ids.insert(jobs.front()->change_id);
        take<membership::TurnTerms>();
    }
    EXPECT_EQ(ids.size(), 3U);
}

TEST_F(MembershipUpkeepTest, WhatHasExpiredIsTakenAwayOnceAMinute) {
    put_expired(1);
    tick();
    ASSERT_THAT(jobs, SizeIs(1));
    EXPECT_THAT(take<membership::ExpireAll>(false).keys, ElementsAre("token:e0"));
    tick(std::chrono::seconds(59));
    EXPECT_THAT(jobs, IsEmpty());
    tick(std::chrono::seconds(1));
    ASSERT_THAT(jobs, SizeIs(1));
    EXPECT_THAT(take<membership::ExpireAll>().keys, ElementsAre("token:e0"));
}

TEST_F(MembershipUpkeepTest, ManyThatHaveExpiredGoInBatchesWithoutAMinuteBetween) {
    put_expired(201);
    tick();
    ASSERT_THAT(jobs, SizeIs(1));
    tick(std::chrono::seconds(1));
    ASSERT_THAT(jobs, SizeIs(1)) << "one at a time";
    const auto keys = take<membership::ExpireAll>().keys;
    EXPECT_THAT(keys, SizeIs(200));
    std::vector<std::pair<std::string, std::string>> gone;
    for (const auto& key : keys) gone.emplace_back(key, "");
    write(gone);
    tick(std::chrono::seconds(1));
    ASSERT_THAT(jobs, SizeIs(1));
    EXPECT_THAT(take<membership::ExpireAll>().keys, SizeIs(1));
    tick(std::chrono::seconds(59));
    EXPECT_THAT(jobs, IsEmpty());
}

TEST_F(MembershipUpkeepTest, UsesAreNotedTogether) {
    tick();
    upkeep.note_use("aa");
    upkeep.note_use("bb");
    upkeep.note_use("aa");
    tick(std::chrono::seconds(4));
    EXPECT_THAT(jobs, IsEmpty());
    tick(std::chrono::seconds(1));
    ASSERT_THAT(jobs, SizeIs(1));
    upkeep.note_use("cc");
    tick(std::chrono::seconds(5));
    EXPECT_THAT(jobs, SizeIs(1)) << "one at a time";
    EXPECT_THAT(take<membership::TouchSessions>().tokens, testing::UnorderedElementsAre("aa", "bb"));
    tick(std::chrono::seconds(5));
    ASSERT_THAT(jobs, SizeIs(1));
    EXPECT_THAT(take<membership::TouchSessions>().tokens, ElementsAre("cc"));
    tick(std::chrono::seconds(5));
    EXPECT_THAT(jobs, IsEmpty());
}

TEST_F(MembershipUpkeepTest, ManyUsesAreNotedInBatchesUpToTheirBound) {
    for (std::size_t n = 0; n < MembershipUpkeep::most_uses + 5; ++n) upkeep.note_use("t" + std::to_string(n));
    std::set<std::string> noted;
    tick();
    while (!jobs.empty()) {
        const auto tokens = take<membership::TouchSessions>().tokens;
        EXPECT_THAT(tokens, SizeIs(200));
        noted.insert(tokens.begin(), tokens.end());
        tick(std::chrono::seconds(1));
    }
    EXPECT_THAT(noted, SizeIs(MembershipUpkeep::most_uses));
    upkeep.note_use("later");
    tick(std::chrono::seconds(5));
    EXPECT_THAT(jobs, SizeIs(1)) << "there is room again";
}

TEST_F(MembershipUpkeepTest, UseIsToldToTheHomeWhenItWasNotForAWhile) {
    const auto touch = worker.settings().membership.session_touch_ms;
    const auto expires = june_2025 + 10 * touch;
    write({{"token:old", token(june_2025 - touch, expires)}, {"token:new", token(june_2025 - touch + 1, expires)}});
    worker.refresh_directory();
    for (const auto* hash : {"new", "aa", "unknown"}) worker.note_use(hash);
    EXPECT_THAT(posted, IsEmpty()) << "lately used, a token of the operator's files, none";
    worker.note_use("old");
    EXPECT_THAT(posted, SizeIs(1));
}

TEST_F(MembershipUpkeepTest, HomeKeepsItUpOnceTheDirectoryIsLoaded) {
    worker.home().note_use("aa");
    worker.home().tick();
    EXPECT_THAT(store->changes, IsEmpty()) << "what is not loaded may look expired";
    worker.home().load_directory([] {});
    store::ReadOutcome<store::SyncResult> outcome;
    outcome.result.version = shared.directory.version() + 1;
    store->syncs.front().done(std::move(outcome), {});
    worker.home().tick();
    ASSERT_THAT(store->changes, SizeIs(1));
    EXPECT_THAT(store->changes.front().request.needs, ElementsAre("token:aa", "fence"));
}

TEST_F(MembershipUpkeepTest, SanctionsThatWereKeptLongEnoughAreForgotten) {
    v1::DirectoryEntity entity;
    auto& record = *entity.mutable_sanctions()->add_records();
    record.set_kind(v1::SANCTION_KIND_WARN);
    record.set_begun_ms(june_2025 - worker.settings().membership.sanctions.keep_ms + 60'000);
    write({{"sanctions:4", entity.SerializeAsString()}});
    tick(std::chrono::seconds(60));
    EXPECT_THAT(jobs, IsEmpty());
    clock.wall += 60'000;
    tick(std::chrono::seconds(60));
    ASSERT_THAT(jobs, SizeIs(1));
    EXPECT_THAT(take<membership::ForgetSanctions>(false).members, ElementsAre(aino));
    tick(std::chrono::seconds(60));
    EXPECT_THAT(take<membership::ForgetSanctions>().members, ElementsAre(aino)) << "tried again";
}

}  // namespace
}  // namespace foorumi::dispatch
