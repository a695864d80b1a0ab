// Erasing members: in which order, and again after every failure.
#include "dispatch/erasures.hpp"

#include <gmock/gmock.h>

#include "worker_fixture.hpp"

namespace foorumi::dispatch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Channels that are empty; feeds that the test purges.
class ErasingStore final : public EmptyStore {
   public:
    std::deque<store::ReadDone<store::SyncResult>> reads;  // of the directory
    std::vector<std::string> swept;
    bool syncs = true;
    std::deque<std::pair<std::uint16_t, std::function<void(std::optional<store::Failure>)>>> purges;
    std::deque<std::function<void(std::optional<store::RewriteFailure>)>> rewrites;

    void read_sync(std::string channel, store::SyncRead, store::ReadDone<store::SyncResult> done) override {
        if (channel == forum::directory_channel) return reads.push_back(std::move(done));
        swept.push_back(channel);
        store::ReadOutcome<store::SyncResult> outcome;
        if (!syncs) outcome.failure = store::Failure::unavailable;
        done(std::move(outcome));
    }
    void fence(store::Version, std::function<void(std::optional<store::Failure>)> done) override { done(std::nullopt); }
    void purge_feed(std::uint16_t partition, std::function<void(std::optional<store::Failure>)> done) override {
        purges.emplace_back(partition, std::move(done));
    }
    void rewrite_log(std::function<void(std::optional<store::RewriteFailure>)> done) override {
        rewrites.push_back(std::move(done));
    }
};

class ErasuresTest : public WorkerTest {
   protected:
    ErasuresTest() {
        auto owned = std::make_unique<ErasingStore>();
        erasing = owned.get();
        worker.set_store(std::move(owned));
        shared.settings.partitions = 2;
        clock.wall = 1'750'000'000'000;
    }

    void tick(std::chrono::seconds later = std::chrono::seconds(1)) {
        clock.now += later;
        erasures.tick(clock.now);
        run();
    }
    void wish(forum::Id member, std::int64_t at) {
        auto card = *shared.directory.current()->member(member);
        card.erase_at = at;
        write({{"member:" + std::to_string(member), directory::encode(card)}});
    }
    void put_erasure(const std::string& handle) {
        v1::DirectoryEntity entity;
        entity.mutable_erasure()->set_handle(handle);
        write({{"member:4", ""}, {"token:aa", ""}, {"erased:4", entity.SerializeAsString()}});
    }
    static store::KeyedValue claim_of(std::string key, forum::Id member) {
        v1::DirectoryEntity claim;
        claim.mutable_claim()->set_member(member);
        return {std::move(key), 1, claim.SerializeAsString()};
    }
    void answer_read(std::vector<store::KeyedValue> entities = {}, bool more = false) {
        store::ReadOutcome<store::SyncResult> outcome;
        outcome.result.entities = std::move(entities);
        outcome.result.more = more;
        const auto done = std::move(erasing->reads.front());
        erasing->reads.pop_front();
        done(std::move(outcome));
    }
    template <class Command>
    Command take(bool succeeds = true) {
        const auto job = jobs.front();
        jobs.erase(jobs.begin());
        EXPECT_EQ(job->member, 0U) << "the operator's";
        if (succeeds)
            job->answer(store::Committed{9, false});
        else
            job->answer(forum::Refusal{forum::ErrorCode::unavailable, "store_unavailable", "", 0});
        return std::get<Command>(job->command);
    }
    void answer_purge(std::uint16_t partition, std::optional<store::Failure> failure = std::nullopt) {
        ASSERT_THAT(erasing->purges, SizeIs(1));
        EXPECT_EQ(erasing->purges.front().first, partition);
        const auto done = std::move(erasing->purges.front().second);
        erasing->purges.pop_front();
        done(failure);
        run();
    }
    void answer_rewrite(std::optional<store::RewriteFailure> failure = std::nullopt) {
        ASSERT_THAT(erasing->rewrites, SizeIs(1));
        const auto done = std::move(erasing->rewrites.front());
        erasing->rewrites.pop_front();
        done(failure);
    }

    ErasingStore* erasing = nullptr;
    std::vector<std::shared_ptr<MembershipJob>> jobs;
    int cleared = 0;
    Erasures erasures{worker, [this](std::shared_ptr<MembershipJob> job) { jobs.push_back(std::move(job)); },
                      [this] { ++cleared; }};
};

TEST_F(ErasuresTest, WithNothingDueNothingIsDone) {
    wish(aino, clock.wall + 1);
    for (int n = 0; n < 10; ++n) tick();
    EXPECT_THAT(erasing->reads, IsEmpty());
    EXPECT_THAT(jobs, IsEmpty());
}

TEST_F(ErasuresTest, MemberWhoIsDueIsErasedWithTheAddressAndTheClaimsThatWereFound) {
    wish(aino, clock.wall);
    tick();
    ASSERT_THAT(erasing->reads, SizeIs(1));
    tick();
    EXPECT_THAT(erasing->reads, SizeIs(1)) << "one at a time";
    v1::DirectoryEntity secret;
    secret.mutable_secret()->set_email("aino@example.fi");
    answer_read({{"secret:4", 1, secret.SerializeAsString()}, claim_of("claim:a", aino)}, true);
    EXPECT_THAT(jobs, IsEmpty());
    answer_read({claim_of("claim:b", officer), claim_of("claim:c", aino), {"secret:5", 1, "x"}});
    ASSERT_THAT(jobs, SizeIs(1));
    EXPECT_EQ(jobs.front()->made_at_ms, clock.wall) << "refused by a Redis whose clock is far behind";
    const auto command = take<membership::Erase>(false);
    EXPECT_EQ(command.member, aino);
    EXPECT_EQ(command.email, "aino@example.fi");
    EXPECT_THAT(command.claims, ElementsAre("claim:a", "claim:c"));
    tick();
    EXPECT_THAT(erasing->reads, IsEmpty()) << "put off";
    tick(std::chrono::seconds(5));
    EXPECT_THAT(erasing->reads, SizeIs(1)) << "tried again";
}

TEST_F(ErasuresTest, OneThatFailsDoesNotKeepOthersWaiting) {
    wish(aino, clock.wall);
    wish(officer, clock.wall);
    std::vector<forum::Id> tried;
    for (int n = 0; n < 4; ++n) {
        tick(std::chrono::seconds(600));
        answer_read();
        tried.push_back(take<membership::Erase>(false).member);
    }
    EXPECT_THAT(tried, ElementsAre(aino, officer, aino, officer));
}

TEST_F(ErasuresTest, WhatIsUnderWayHasItsTurnToo) {
    wish(officer, clock.wall);
    put_erasure("");
    tick(std::chrono::seconds(600));
    answer_read();
    take<membership::Erase>(false);
    tick(std::chrono::seconds(600));
    EXPECT_THAT(erasing->purges, SizeIs(1));
}

TEST_F(ErasuresTest, EachFailureBehindAnotherWaitsTwiceAsLongUpToTenMinutes) {
    wish(aino, clock.wall);
    tick();
    for (const int wait : {5, 10, 20, 40, 80, 160, 320, 600, 600}) {
        answer_read();
        take<membership::Erase>(false);
        tick(std::chrono::seconds(wait - 1));
        EXPECT_THAT(erasing->reads, IsEmpty()) << wait;
        tick(std::chrono::seconds(1));
        ASSERT_THAT(erasing->reads, SizeIs(1)) << wait;
    }
}

TEST_F(ErasuresTest, SignInsAreClearedAwayBeforeTheChannelsAreGoneThrough) {
    put_erasure("aino");
    write({{"token:aa", directory::encode_token(aino, 1)}});
    tick();
    EXPECT_EQ(cleared, 1);
    EXPECT_THAT(erasing->swept, IsEmpty());
    write({{"token:aa", ""}});
    v1::DirectoryEntity invitation;
    invitation.mutable_invitation()->set_by(aino);
    write({{"invitation:cc", invitation.SerializeAsString()}});
    tick();
    EXPECT_EQ(cleared, 2);
    write({{"invitation:cc", ""}});
    tick();
    EXPECT_EQ(cleared, 2);
    EXPECT_THAT(erasing->swept, ElementsAre("room:3", "room:2"));
    answer_purge(0);
    EXPECT_THAT(erasing->swept, SizeIs(2)) << "something may follow yet from what was committed in a room";
    answer_purge(1);
    EXPECT_THAT(erasing->swept, ElementsAre("room:3", "room:2", "member:5", "moderation:1", "member:4"));
    EXPECT_EQ(take<membership::EndSweep>().member, aino);
}

TEST_F(ErasuresTest, ChannelThatCouldNotBeReadIsGoneThroughAgain) {
    put_erasure("aino");
    erasing->syncs = false;
    tick();
    EXPECT_THAT(erasing->swept, SizeIs(1));
    EXPECT_THAT(jobs, IsEmpty());
    erasing->syncs = true;
    tick();
    EXPECT_THAT(erasing->swept, SizeIs(1)) << "put off";
    tick(std::chrono::seconds(5));
    answer_purge(0);
    answer_purge(1);
    EXPECT_THAT(jobs, SizeIs(1));
}

TEST_F(ErasuresTest, EveryFeedIsPurgedBeforeRedisRewritesItsFileAndThenItEnds) {
    put_erasure("");
    tick();
    answer_purge(0);
    answer_purge(1);
    EXPECT_THAT(erasing->purges, IsEmpty());
    EXPECT_THAT(jobs, IsEmpty());
    answer_rewrite();
    EXPECT_EQ(take<membership::EndErasure>().member, aino);
}

TEST_F(ErasuresTest, FeedThatCouldNotBePurgedIsTriedAgain) {
    put_erasure("");
    tick();
    answer_purge(0);
    answer_purge(1, store::Failure::unavailable);
    EXPECT_THAT(erasing->rewrites, IsEmpty());
    tick(std::chrono::seconds(5));
    answer_purge(0);
    answer_purge(1);
    answer_rewrite();
    EXPECT_THAT(jobs, SizeIs(1));
}

TEST_F(ErasuresTest, EndsWhereRedisMayNotBeAskedAndTriesAgainWhereItFailed) {
    using Failure = store::RewriteFailure;
    for (const auto failure : {Failure::not_permitted, Failure::no_log, Failure::failed, Failure::unavailable}) {
        put_erasure("");
        tick(std::chrono::seconds(600));
        answer_purge(0);
        answer_purge(1);
        answer_rewrite(failure);
        const bool ends = failure == Failure::not_permitted || failure == Failure::no_log;
        ASSERT_THAT(jobs, SizeIs(ends ? 1 : 0)) << to_string(failure);
        if (ends) take<membership::EndErasure>();
    }
}

}  // namespace
}  // namespace foorumi::dispatch
