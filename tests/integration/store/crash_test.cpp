// Redis dies, forgets its scripts, or answers with errors: nothing acknowledged is lost, nothing is done twice.
#include <gmock/gmock.h>

#include <atomic>
#include <optional>
#include <random>
#include <utility>

#include "store/replies.hpp"
#include "store_fixture.hpp"
#include "support/fake_redis.hpp"

namespace foorumi::test {
namespace {

using CrashTest = StoreTest;

TEST_F(CrashTest, AcknowledgedChangesAreThereOnceAfterKillsOfRedis) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    auto patient = options();
    patient.change_deadline = std::chrono::seconds(60);
    Worker worker(context, patient);
    Worker other(context, patient);
    std::vector<std::pair<ChangeRequest, Answer<ChangeOutcome>>> posts;
    for (int round = 0; round < 4; ++round) {
        for (int i = 0; i < 300; ++i) {
            const auto channel = "room:" + std::to_string(random() % 3);
            auto made = request(channel);
            const auto text = std::to_string(posts.size());
            posts.emplace_back(made,
                               change(random() % 2 == 0 ? worker : other, made, always(putting("message:@", text))));
        }
        const auto until = posts.size() - 300 + random() % 200;  // somewhere amid them
        run_until([&] { return posts[until].second->has_value(); });
        redis.kill();
        redis.start();
    }
    std::map<std::string, std::map<std::string, std::string>> states;
    for (std::size_t i = 0; i < posts.size(); ++i) {
        const auto& [made, answer] = posts[i];
        const auto outcome = wait_for(answer);
        ASSERT_FALSE(outcome.failure);
        // Once more under the same id, from the other side: the same answer.
        if (i % 50 == 0) {
            const auto again = wait_for(change(other, made, always(putting("message:@", "again"))));
            EXPECT_EQ(again.committed.version, outcome.committed.version);
            EXPECT_TRUE(again.committed.repeated);
        }
    }
    std::size_t found = 0;
    for (int c = 0; c < 3; ++c) {
        const auto channel = "room:" + std::to_string(c);
        states[channel] = state(worker, channel);
        found += states[channel].size();
        EXPECT_EQ(worker.versions(channel), other.versions(channel));
        EXPECT_EQ(worker.versions(channel).size(), states[channel].size());
    }
    EXPECT_EQ(found, posts.size());
    for (std::size_t i = 0; i < posts.size(); ++i) {
        const auto key = "message:" + std::to_string(wait_for(posts[i].second).committed.version);
        EXPECT_EQ(states[posts[i].first.channel].at(key), std::to_string(i));
    }
}

TEST_F(CrashTest, ScriptFlushGoesUnnoticed) {
    Worker worker(context, options());
    for (int round = 0; round < 5; ++round) {
        std::vector<Answer<ChangeOutcome>> answers;
        for (int i = 0; i < 50; ++i) answers.push_back(put(worker, "room:1", "message:@", "x"));
        run_until([&] { return answers[10]->has_value(); });
        redis.command({"SCRIPT", "FLUSH"});
        for (int i = 0; i < 50; ++i) answers.push_back(put(worker, "room:1", "message:@", "x"));
        const auto read = sync(worker, "room:1");
        Version last = static_cast<Version>(round) * 100;
        for (const auto& answer : answers) EXPECT_EQ(wait_for(answer).committed.version, ++last);
        EXPECT_FALSE(wait_for(read).failure);
    }
}

TEST_F(CrashTest, WithoutRedisChangesAndReadsAreUnavailableAtTheirDeadlines) {
    auto hasty = options();
    hasty.change_deadline = std::chrono::milliseconds(200);
    hasty.read_deadline = std::chrono::milliseconds(100);
    Worker worker(context, hasty);
    wait_for(put(worker, "room:1", "a", "1"));
    redis.kill();
    const auto read = sync(worker, "room:1");
    const auto seen_lost = [&] { return read->has_value(); };
    run_until(seen_lost);
    EXPECT_EQ(wait_for(read).failure, Failure::unavailable);
    EXPECT_EQ(wait_for(put(worker, "room:1", "a", "2")).failure, Failure::unavailable);
    redis.start();
    run_until([&] { return !wait_for(put(worker, "room:1", "a", "3")).failure; });
    EXPECT_EQ(state(worker, "room:1").at("a"), "3");
}

TEST_F(CrashTest, CommitWithoutReplyBeforeTheDeadlineHasAnUnknownOutcome) {
    std::atomic<bool> lose = false;
    FakeRedis fake(redis.socket(), [&](const FakeRedis::Command& command) -> std::optional<std::string> {
        const bool commit = calls(command, "commit");
        if (!lose || !commit) return std::nullopt;
        return std::string();  // the connection is gone, as if the network had failed
    });
    auto hasty = options();
    hasty.url = fake.url();
    hasty.change_deadline = std::chrono::milliseconds(300);
    Worker worker(context, hasty);
    EXPECT_FALSE(wait_for(put(worker, "room:1", "a", "1")).failure);
    lose = true;
    EXPECT_EQ(wait_for(put(worker, "room:1", "a", "2")).failure, Failure::outcome_unknown);
    Commit aside;
    aside.set_aside = true;
    EXPECT_EQ(wait_for(change(worker, request("room:1"), always(aside))).failure, Failure::outcome_unknown);
    lose = false;
    run_until([&] { return !wait_for(put(worker, "room:1", "a", "3")).failure; });
}

TEST_F(CrashTest, CommitWhoseReplyWasLostIsSentAgainAndDoneOnce) {
    std::atomic<int> to_lose = 3;
    RedisServer* const real = &redis;
    FakeRedis fake(redis.socket(), [&, real](const FakeRedis::Command& command) -> std::optional<std::string> {
        if (!calls(command, "commit") || to_lose == 0) return std::nullopt;
        --to_lose;
        real->command(command);  // done
        return std::string();    // but nobody hears of it
    });
    auto through_fake = options();
    through_fake.url = fake.url();
    Worker worker(context, through_fake);
    std::vector<Answer<ChangeOutcome>> answers;
    for (int i = 0; i < 10; ++i) answers.push_back(increment(worker, "room:1", "n"));
    for (int i = 0; i < 10; ++i) {
        const auto outcome = wait_for(answers[i]);
        ASSERT_FALSE(outcome.failure);
        EXPECT_EQ(outcome.committed.version, static_cast<Version>(i) + 1);
    }
    EXPECT_EQ(to_lose, 0);
    EXPECT_EQ(state(worker, "room:1").at("n"), "10");
}

// The reply is lost, and by now it would be refused: a right was taken away meanwhile. Where the server still knows
// that it was done that is the answer; where it does not, nobody says that it will never be.
TEST_F(CrashTest, WhatIsRefusedAfterItsReplyWasLostMayHaveBeenDone) {
    enum class Lost { before, behind };
    std::atomic<bool> lose = false;
    std::atomic<Lost> where = Lost::before;
    RedisServer* const real = &redis;
    FakeRedis fake(redis.socket(), [&, real](const FakeRedis::Command& command) -> std::optional<std::string> {
        const bool commit = calls(command, "commit");
        if (!commit || !lose.exchange(false)) return std::nullopt;
        if (where == Lost::behind) real->command(command);
        return std::string();
    });
    auto through_fake = options();
    through_fake.url = fake.url();
    Worker worker(context, through_fake);
    Version last = wait_for(put(worker, "room:1", "a", "0")).committed.version;
    Commit aside;
    aside.set_aside = true;
    for (const auto& commit : {putting("a", "1"), aside}) {
        for (const auto lost : {Lost::before, Lost::behind}) {
            SCOPED_TRACE((commit.set_aside ? "set aside" : "put") +
                         std::string(lost == Lost::behind ? ", done" : ", not done"));
            where = lost;
            lose = true;
            bool decided = false;
            const auto outcome = wait_for(
                change(worker, request("room:1"), [&decided, &commit](const View&, Version&) -> std::optional<Commit> {
                    return std::exchange(decided, true) ? std::nullopt : std::make_optional(commit);
                }));
            EXPECT_FALSE(lose);
            if (lost == Lost::before) {
                EXPECT_EQ(outcome.failure, Failure::outcome_unknown);
                continue;
            }
            EXPECT_FALSE(outcome.failure);
            EXPECT_TRUE(outcome.committed.repeated);
            EXPECT_EQ(outcome.committed.version, commit.set_aside ? 0U : ++last);
        }
    }
    EXPECT_EQ(wait_for(put(worker, "room:1", "a", "2")).committed.version, last + 1);
}

class ReplyTest : public StoreTest, public testing::WithParamInterface<ErrorReply> {
   protected:
    // Answers commits with the error for as long as a server would: until a reconnect or the scripts come, else six
    // times.
    std::optional<std::string> answer(const FakeRedis::Command& command) {
        const auto [prefix, reaction] = GetParam();
        if (command[0] == "CLIENT" && command[2].ends_with("commands")) ++connections;
        if (command[0] == "SCRIPT") ++loads;
        if (reaction == Reaction::reconnect && connections > 1) refusals = 0;
        if (reaction == Reaction::load_script && loads > scripts) refusals = 0;
        const bool commit = calls(command, "commit");
        if (!commit || refusals == 0) return std::nullopt;
        --refusals;
        return '-' + std::string(prefix) + " as the server says it\r\n";
    }

    static constexpr int scripts = 3;  // that a connection loads
    std::atomic<int> refusals = 0;
    std::atomic<int> connections = 0;
    std::atomic<int> loads = 0;
};

TEST_P(ReplyTest, HasItsReaction) {
    const auto reaction = GetParam().reaction;
    FakeRedis fake(redis.socket(), [this](const FakeRedis::Command& command) { return answer(command); });
    auto through_fake = options();
    through_fake.url = fake.url();
    through_fake.connections = 1;  // which are counted
    Worker worker(context, through_fake);
    wait_for(put(worker, "room:1", "message:@", "first"));
    refusals = 6;
    std::vector<Answer<ChangeOutcome>> answers;
    for (int i = 0; i < 6; ++i) answers.push_back(put(worker, "room:1", "message:@", std::to_string(i)));
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const auto outcome = wait_for(answers[i]);
        if (reaction == Reaction::refuse_writes) {
            EXPECT_EQ(outcome.failure, Failure::unavailable);
            EXPECT_GT(outcome.retry_after_ms, 0u);
        } else if (reaction == Reaction::internal) {
            EXPECT_EQ(outcome.failure, Failure::outcome_unknown);
        } else {
            EXPECT_FALSE(outcome.failure);
            EXPECT_EQ(outcome.committed.version, i + 2);  // in order
        }
    }
    EXPECT_FALSE(wait_for(sync(worker, "room:1")).failure);
    EXPECT_FALSE(wait_for(put(worker, "room:1", "message:@", "last")).failure);
    EXPECT_EQ(connections, reaction == Reaction::reconnect ? 2 : 1);
    EXPECT_GE(loads, reaction == Reaction::load_script ? 2 * scripts : scripts);
}

INSTANTIATE_TEST_SUITE_P(Table, ReplyTest, testing::ValuesIn(error_replies().begin(), error_replies().end()),
                         [](const auto& row) { return std::string(row.param.prefix); });
INSTANTIATE_TEST_SUITE_P(Unknown, ReplyTest, testing::Values(ErrorReply{"NEWERROR", Reaction::internal}),
                         [](const auto& row) { return std::string(row.param.prefix); });

// The real server's own words for a full memory.
TEST_F(CrashTest, FullMemoryRefusesWritesAndServesReads) {
    Worker worker(context, options());
    wait_for(put(worker, "room:1", "a", "1"));
    redis.command({"CONFIG", "SET", "maxmemory", "1"});
    const auto refused = wait_for(put(worker, "room:1", "a", "2"));
    EXPECT_EQ(refused.failure, Failure::unavailable);
    EXPECT_EQ(state(worker, "room:1").at("a"), "1");
    redis.command({"CONFIG", "SET", "maxmemory", "0"});
    EXPECT_EQ(wait_for(put(worker, "room:1", "a", "3")).committed.version, 2u);
}

TEST_F(CrashTest, DemotedServerIsLeftAndTheChangeIsDoneOnceItIsBack) {
    Worker worker(context, options());
    wait_for(put(worker, "room:1", "a", "1"));
    redis.command({"REPLICAOF", "127.0.0.1", "1"});
    const auto answer = put(worker, "room:1", "a", "2");
    run_until([&] { return redis.command({"INFO", "stats"}).find("total_error_replies:0") == std::string::npos; });
    redis.command({"REPLICAOF", "NO", "ONE"});
    EXPECT_FALSE(wait_for(answer).failure);
    EXPECT_EQ(state(worker, "room:1").at("a"), "2");
}

TEST_F(CrashTest, ForeignTypeUnderOurKeyIsAnUnknownOutcomeAndNothingElseSuffers) {
    Worker worker(context, options());
    redis.command({"SET", "{p0" + std::to_string(partition_of("room:1", 2)) + "}:x:room:1", "not a sorted set"});
    EXPECT_EQ(wait_for(put(worker, "room:1", "a", "1")).failure, Failure::outcome_unknown);
    EXPECT_FALSE(wait_for(put(worker, "room:2", "a", "1")).failure);
}

}  // namespace
}  // namespace foorumi::test
