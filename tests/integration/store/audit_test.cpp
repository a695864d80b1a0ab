// The audit log: an entry in the same step as its effect, in a chain that each node goes on with.
#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <set>

#include "captured_log.hpp"
#include "store/redis_keys.hpp"
#include "store_fixture.hpp"

namespace foorumi::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Commit audited(Commit commit, std::string entry) {
    commit.audit = std::move(entry);
    return commit;
}

class AuditTest : public StoreTest {
   protected:
    Answer<ReadOutcome<AuditResult>> read(Worker& worker, std::uint16_t partition, AuditRead read = {0, 10'000, 0}) {
        auto answer = std::make_shared<std::optional<ReadOutcome<AuditResult>>>();
        worker->read_audit(partition, read, [answer](auto outcome) { *answer = std::move(outcome); });
        return answer;
    }
    // All entries of a partition, whose chain is whole.
    std::vector<std::string> entries(Worker& worker, std::uint16_t partition) {
        const auto outcome = wait_for(read(worker, partition));
        EXPECT_FALSE(outcome.failure);
        AuditCheck check("", partition);
        std::vector<std::string> all;
        for (const auto& entry : outcome.result.entries) {
            EXPECT_TRUE(check.follows(entry)) << entry.number;
            all.push_back(entry.bytes);
        }
        EXPECT_EQ(check.head(), outcome.result.head);
        return all;
    }
    std::vector<std::string> entries(Worker& worker) { return entries(worker, of_room_1); }
    Answer<ChangeOutcome> act(Worker& worker, const std::string& channel, const std::string& key,
                              const std::string& entry) {
        return change(worker, request(channel), always(audited(putting(key, "1"), entry)));
    }

    const std::uint16_t of_room_1 = partition_of("room:1", 2);
    const std::string log = RedisKeys(of_room_1).audit();
};

TEST_F(AuditTest, EntriesFollowEachOther) {
    Worker worker(context, options());
    EXPECT_THAT(entries(worker), ElementsAre());
    wait_for(act(worker, "room:1", "a", "one"));
    wait_for(put(worker, "room:1", "b", "1"));
    wait_for(act(worker, "room:1", "c", std::string("two\0", 4)));
    EXPECT_THAT(entries(worker), ElementsAre("one", std::string("two\0", 4)));
    EXPECT_EQ(redis.command({"HGET", log, "n"}), "2");
    EXPECT_EQ(state(worker, "room:1").size(), 3u);
}

TEST_F(AuditTest, AnEntryAloneIsCommitted) {
    Worker worker(context, options());
    EXPECT_FALSE(wait_for(change(worker, request("room:1"), always(audited({}, "read")))).failure);
    EXPECT_THAT(entries(worker), ElementsAre("read"));
    EXPECT_TRUE(worker.versions("room:1").empty());
}

TEST_F(AuditTest, WhatIsRepeatedOrRefusedLeavesNone) {
    Worker worker(context, options());
    const auto made = request("room:1");
    const auto commit = audited(putting("a", "1"), "one");
    EXPECT_FALSE(wait_for(change(worker, made, always(commit))).committed.repeated);
    EXPECT_TRUE(wait_for(change(worker, made, always(commit))).committed.repeated);
    const auto refused = [](const View&, Version&) { return std::optional<Commit>(); };
    EXPECT_EQ(wait_for(change(worker, request("room:1"), refused)).failure, Failure::refused);
    const auto late = audited(putting("a", "2", {{"a", 99}}), "never");
    EXPECT_EQ(wait_for(change(worker, request("room:1"), always(late))).failure, Failure::contended);
    wait_for(act(worker, "room:1", "b", "two"));
    EXPECT_THAT(entries(worker), ElementsAre("one", "two"));
}

TEST_F(AuditTest, NodesGoOnWithEachOthersChain) {
    Worker first(context, options());
    Worker second(context, options());
    std::mt19937 random(7);
    std::vector<Answer<ChangeOutcome>> answers;
    std::vector<std::string> keys;
    for (int i = 0; i < 200; ++i) {
        auto& worker = i % 2 == 0 ? first : second;
        keys.push_back("k" + std::to_string(i));
        answers.push_back(act(worker, "room:" + std::to_string(random() % 6), keys.back(), keys.back()));
        // As many tries as there are nodes that can be faster.
        if (random() % 3 == 0) wait_for(answers.back());
    }
    std::multiset<std::string> done, told;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const auto outcome = wait_for(answers[i]);
        EXPECT_TRUE(!outcome.failure || outcome.failure == Failure::contended);
        if (!outcome.failure) done.insert(keys[i]);
    }
    for (std::uint16_t partition = 0; partition < 2; ++partition) {
        const auto all = entries(second, partition);
        EXPECT_EQ(entries(first, partition), all);
        told.insert(all.begin(), all.end());
    }
    EXPECT_EQ(told, done);
    EXPECT_GT(done.size(), 150u);
}

TEST_F(AuditTest, NoneIsWithoutItsEffectWhereRedisIsKilled) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    Worker worker(context, options());
    std::vector<Answer<ChangeOutcome>> answers;
    for (int round = 0; round < 4; ++round) {
        for (int i = 0; i < 40; ++i) {
            const auto key = "k" + std::to_string(answers.size());
            answers.push_back(act(worker, "room:1", key, key));
        }
        context.restart();
        for (auto turn = random() % 60; turn > 0; --turn) context.poll_one();
        redis.kill();
        redis.start();
    }
    std::set<std::string> done;
    for (std::size_t i = 0; i < answers.size(); ++i)
        if (!wait_for(answers[i]).failure) done.insert("k" + std::to_string(i));
    const auto log_of_all = entries(worker);
    std::set<std::string> effects;
    for (const auto& [key, value] : state(worker, "room:1")) effects.insert(key);
    EXPECT_EQ(std::set<std::string>(log_of_all.begin(), log_of_all.end()), effects);
    EXPECT_EQ(log_of_all.size(), effects.size()) << "each once";
    EXPECT_TRUE(std::ranges::includes(effects, done));
}

TEST_F(AuditTest, IsReadInParts) {
    Worker worker(context, options());
    for (int i = 1; i <= 250; ++i) wait_for(act(worker, "room:1", "a", std::string(68, 'x') + std::to_string(i)));
    const auto count = [&](AuditRead part) { return wait_for(read(worker, of_room_1, part)).result.entries.size(); };
    EXPECT_EQ(count({0, 249, 0}), 249u);
    EXPECT_EQ(count({0, 250, 0}), 250u);
    EXPECT_EQ(count({0, 251, 0}), 250u);
    EXPECT_EQ(count({240, 100, 0}), 10u);
    EXPECT_EQ(count({250, 100, 0}), 0u);
    EXPECT_EQ(count({900, 100, 0}), 0u);
    EXPECT_EQ(count({0, 100, 1}), 1u) << "one at least";
    EXPECT_LT(count({0, 250, 2'000}), 20u);
    EXPECT_EQ(wait_for(read(worker, of_room_1, {0, 1, 0})).result.head.count, 250u);
}

TEST_F(AuditTest, WhatIsMissingIsToldAsMissing) {
    Worker worker(context, options());
    for (int i = 1; i <= 3; ++i) wait_for(act(worker, "room:1", "a", std::to_string(i)));
    redis.command({"HDEL", log, "2"});
    const auto told = wait_for(read(worker, of_room_1)).result.entries;
    ASSERT_EQ(told.size(), 3u);
    EXPECT_EQ(told[1].number, 2u);
    EXPECT_EQ(told[1].digest, "");
    EXPECT_EQ(told[2].bytes, "3");
}

TEST_F(AuditTest, NothingIsDoneWhereSomebodyElseHasWrittenTheNextEntry) {
    const CapturedLog captured;
    Worker worker(context, options());
    wait_for(act(worker, "room:1", "a", "one"));
    redis.command({"HSET", log, "2", "made up"});
    EXPECT_EQ(wait_for(act(worker, "room:1", "b", "two")).failure, Failure::unavailable);
    EXPECT_EQ(state(worker, "room:1").count("b"), 0u);
    EXPECT_THAT(captured.text(), HasSubstr("its audit log has an entry behind the last one"));
    EXPECT_FALSE(wait_for(put(worker, "room:1", "c", "1")).failure) << "what leaves no entry goes on";
}

TEST_F(AuditTest, NothingIsDoneWhereTheLogIsSomethingElse) {
    Worker worker(context, options());
    redis.command({"SET", log, "not a log"});
    EXPECT_TRUE(wait_for(act(worker, "room:1", "a", "one")).failure);
    EXPECT_TRUE(state(worker, "room:1").empty());
}

}  // namespace
}  // namespace foorumi::test
