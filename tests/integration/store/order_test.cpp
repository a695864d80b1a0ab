// Order, pipelining and contention of many changes.
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>

#include "store_fixture.hpp"
#include "support/fake_redis.hpp"

namespace foorumi::test {
namespace {

using OrderTest = StoreTest;

// Posts a message into a thread that must not change meanwhile, as a forum does.
Decide posting(const std::string& text) {
    return [text](const View& view, Version&) {
        return putting("message:@", text, {{"thread:1", view.at("thread:1").version}});
    };
}

TEST_F(OrderTest, ChangesOfAChannelAreCommittedInTheOrderOfTheCalls) {
    Worker worker(context, options());
    wait_for(put(worker, "room:1", "thread:1", "open"));
    std::vector<Answer<ChangeOutcome>> answers;
    for (int i = 0; i < 500; ++i) {
        // Some are alone, some wait for the one before, and some touch nothing in common.
        if (i % 7 == 0) {
            answers.push_back(increment(worker, "room:1", "n"));
        } else {
            answers.push_back(change(worker, request("room:1", {"thread:1"}), posting(std::to_string(i))));
        }
    }
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const auto outcome = wait_for(answers[i]);
        ASSERT_FALSE(outcome.failure);
        EXPECT_EQ(outcome.committed.version, i + 2);
    }
}

TEST_F(OrderTest, PostsIntoOneThreadArePipelined) {
    std::atomic<std::size_t> scripts = 0;
    std::size_t held = 0;
    FakeRedis fake(redis.socket(), [&](const FakeRedis::Command& command) -> std::optional<std::string> {
        if (command[0] == "EVALSHA") ++scripts;
        return std::nullopt;
    });
    auto through_fake = options();
    through_fake.url = fake.url();
    Worker worker(context, through_fake);
    wait_for(put(worker, "room:1", "thread:1", "open"));
    std::vector<Answer<ChangeOutcome>> answers;
    for (int i = 0; i < 100; ++i) {
        answers.push_back(change(worker, request("room:1", {"thread:1"}), [&, i](const View& view, Version& directory) {
            // None has been answered when the last is decided: no decision waits for a reply.
            held = std::max(held, static_cast<std::size_t>(std::ranges::count_if(
                                      answers, [](const auto& answer) { return !answer->has_value(); })));
            return posting(std::to_string(i))(view, directory);
        }));
    }
    for (const auto& answer : answers) EXPECT_FALSE(wait_for(answer).failure);
    EXPECT_EQ(held, 100u);
    EXPECT_EQ(scripts, 1u + 1u + 100u);  // the thread, one read of it, one script for each post
}

TEST_F(OrderTest, TwoHundredReactionsOnOneMessageAllSucceed) {
    Worker worker(context, options());
    std::vector<Answer<ChangeOutcome>> answers;
    for (int i = 0; i < 200; ++i) answers.push_back(increment(worker, "room:1", "reactions:1"));
    for (const auto& answer : answers) EXPECT_FALSE(wait_for(answer).failure);
    EXPECT_EQ(state(worker, "room:1").at("reactions:1"), "200");
}

TEST_F(OrderTest, TwoNodesReactingAtOnceLoseNothing) {
    constexpr int each = 100;
    auto patient = options();
    patient.max_tries = each + 1;  // one node may be the faster every time until it has nothing left
    Worker first(context, patient);
    Worker second(context, patient);
    std::vector<Answer<ChangeOutcome>> answers;
    for (int i = 0; i < each; ++i) {
        answers.push_back(increment(first, "room:1", "reactions:1"));
        answers.push_back(increment(second, "room:1", "reactions:1"));
    }
    for (const auto& answer : answers) EXPECT_FALSE(wait_for(answer).failure);
    EXPECT_EQ(state(second, "room:1").at("reactions:1"), "200");
}

TEST_F(OrderTest, FailedExpectationsKeepTheOrderOfTheirChanges) {
    Worker worker(context, options());
    Worker other(context, options());
    wait_for(put(worker, "room:1", "thread:1", "open"));
    wait_for(change(worker, request("room:1", {"thread:1"}), posting("warm")));
    for (int round = 0; round < 20; ++round) {
        const auto first = worker.versions("room:1").size();
        const auto touched = put(other, "room:1", "thread:1", "touched");  // while the cache of the worker is behind
        std::vector<Answer<ChangeOutcome>> answers;
        for (int i = 0; i < 30; ++i) {
            answers.push_back(change(worker, request("room:1", {"thread:1"}), posting(std::to_string(i))));
        }
        Version last = first;
        for (const auto& answer : answers) {
            const auto outcome = wait_for(answer);
            ASSERT_FALSE(outcome.failure);
            EXPECT_GT(outcome.committed.version, last);
            last = outcome.committed.version;
        }
        EXPECT_FALSE(wait_for(touched).failure);
    }
}

TEST_F(OrderTest, MoreThanTheBoundIsRefusedAsOverloaded) {
    auto bounded = options();
    bounded.max_pending = 10;
    Worker worker(context, bounded);
    std::vector<Answer<ChangeOutcome>> answers;
    for (int i = 0; i < 12; ++i) answers.push_back(put(worker, "room:1", "a", "x"));
    const auto read = sync(worker, "room:1");
    for (int i = 0; i < 10; ++i) EXPECT_FALSE(wait_for(answers[i]).failure);
    for (int i = 10; i < 12; ++i) {
        EXPECT_EQ(wait_for(answers[i]).failure, Failure::overloaded);
        EXPECT_GT(wait_for(answers[i]).retry_after_ms, 0u);
    }
    EXPECT_EQ(wait_for(read).failure, Failure::overloaded);
    EXPECT_FALSE(wait_for(put(worker, "room:1", "a", "y")).failure);
}

TEST_F(OrderTest, StopAnswersAllAndNothingIsTakenAfterIt) {
    Worker worker(context, options());
    worker.consume = true;
    wait_for(put(worker, "room:1", "a", "0"));
    std::vector<Answer<ChangeOutcome>> answers;
    for (int i = 0; i < 50; ++i) answers.push_back(increment(worker, "room:1", "n"));
    const auto read = sync(worker, "room:1");
    bool stopped = false;
    worker->stop([&] {
        for (const auto& answer : answers) EXPECT_TRUE(answer->has_value());
        EXPECT_TRUE(read->has_value());
        stopped = true;
    });
    const auto late = put(worker, "room:1", "a", "late");
    run_until([&] { return stopped; });
    EXPECT_EQ(wait_for(late).failure, Failure::stopping);
    const auto succeeded = std::ranges::count_if(answers, [](const auto& answer) { return !(*answer)->failure; });
    Worker after(context, options());
    const auto found = state(after, "room:1");
    EXPECT_EQ(found.contains("n") ? std::stoi(found.at("n")) : 0, succeeded);
    const auto meta = "{p0" + std::to_string(partition_of("room:1", 2)) + "}:meta";
    EXPECT_EQ(redis.command({"HGET", meta, "done"}), redis.command({"HGET", meta, "n"}));
}

}  // namespace
}  // namespace foorumi::test
