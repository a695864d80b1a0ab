// Redis' log that is written anew.
#include <gmock/gmock.h>
#include <signal.h>

#include <atomic>
#include <fstream>
#include <iterator>

#include "purge_fixture.hpp"
#include "support/fake_redis.hpp"

namespace foorumi::test {
namespace {

using testing::IsEmpty;

class LogRewriteTest : public PurgeTest {
   protected:
    Answer<std::optional<RewriteFailure>> rewrite(Worker& worker) {
        auto answer = std::make_shared<std::optional<std::optional<RewriteFailure>>>();
        worker->rewrite_log([answer](std::optional<RewriteFailure> failure) {
            EXPECT_FALSE(answer->has_value()) << "answered twice";
            answer->emplace(failure);
        });
        EXPECT_FALSE(answer->has_value()) << "answered before the call returned";
        return answer;
    }
    std::string persistence() { return redis.command({"INFO", "persistence"}); }
    bool under_way() { return persistence().find("aof_rewrite_in_progress:1") != std::string::npos; }
    std::size_t begun() {
        const auto info = persistence();
        return std::stoul(info.substr(info.find("\naof_rewrites:") + 14));
    }
    // A rewrite takes so long for each key.
    void slow_down(std::chrono::microseconds for_a_key) {
        redis.command({"CONFIG", "SET", "rdb-key-save-delay", std::to_string(for_a_key.count())});
    }
    [[nodiscard]] bool in_files(const std::string& marker) const {
        for (const auto& file : std::filesystem::recursive_directory_iterator(redis.directory())) {
            if (!file.is_regular_file()) continue;
            std::ifstream in(file.path(), std::ios::binary);
            const std::string bytes((std::istreambuf_iterator<char>(in)), {});
            if (bytes.find(marker) != std::string::npos) return true;
        }
        return false;
    }
};

TEST_F(LogRewriteTest, WhatIsPurgedLeavesTheFilesAndWhatIsTrimmedDoesNot) {
    const std::string marker = "salaisuus-8c1f0e";
    Worker worker(context, options());
    worker.consume = true;
    put_many(worker, 3);
    wait_for(put(worker, "room:1", "secret", marker));
    wait_for(change(worker, request("room:1"), always(forgetting({"secret"}))));
    put_many(worker, 3);
    EXPECT_TRUE(in_files(marker));
    // What would be simpler, and is not enough: the entry is gone, and its bytes stay.
    redis.command({"XTRIM", feed(), "MINID", "5-0"});
    EXPECT_EQ(redis.command({"XRANGE", feed(), "-", "+"}).find(marker), std::string::npos);
    EXPECT_EQ(wait_for(rewrite(worker)), std::nullopt);
    EXPECT_TRUE(in_files(marker)) << "Redis can do it by itself now: purge_feed() may be simpler";
    EXPECT_EQ(wait_for(purge(worker)), std::nullopt);
    EXPECT_EQ(wait_for(rewrite(worker)), std::nullopt);
    run_until([&] { return !in_files(marker); });  // Redis unlinks the files of before in the background
    redis.kill();
    redis.start();
    EXPECT_FALSE(in_files(marker));
    put_many(worker, 1);
    EXPECT_EQ(worker.released.back()->version, 9U);
    EXPECT_THAT(worker.gaps, IsEmpty());
}

TEST_F(LogRewriteTest, CommitsGoOnWhileItIsUnderWay) {
    Worker worker(context, options());
    for (int i = 0; i < 100; ++i) wait_for(put(worker, "room:" + std::to_string(i), "a", "x"));
    slow_down(std::chrono::milliseconds(5));
    const auto answer = rewrite(worker);
    run_until([&] { return under_way(); });
    for (int i = 0; i < 20; ++i) EXPECT_FALSE(wait_for(put(worker, "room:1", "a", "y")).failure);
    EXPECT_TRUE(under_way());
    EXPECT_FALSE(answer->has_value());
    slow_down(std::chrono::microseconds(0));
    EXPECT_EQ(wait_for(answer), std::nullopt);
    EXPECT_FALSE(under_way());
    EXPECT_EQ(begun(), 1U);
}

TEST_F(LogRewriteTest, OneThatHadBegunBeforeIsNotEnough) {
    Worker worker(context, options());
    for (int i = 0; i < 50; ++i) wait_for(put(worker, "room:" + std::to_string(i), "a", "x"));
    slow_down(std::chrono::milliseconds(5));
    EXPECT_EQ(redis.command({"BGREWRITEAOF"}), "Background append only file rewriting started");
    EXPECT_EQ(wait_for(rewrite(worker)), std::nullopt);
    EXPECT_EQ(begun(), 2U);
}

TEST_F(LogRewriteTest, OneThatWaitsForAnotherChildOfRedisIsWaitedFor) {
    Worker worker(context, options());
    for (int i = 0; i < 50; ++i) wait_for(put(worker, "room:" + std::to_string(i), "a", "x"));
    slow_down(std::chrono::milliseconds(5));
    redis.command({"BGSAVE"});
    EXPECT_EQ(wait_for(rewrite(worker)), std::nullopt);
    EXPECT_EQ(begun(), 1U);
    EXPECT_FALSE(under_way());
}

TEST_F(LogRewriteTest, IsBegunAnewWhereRedisDiesMeanwhile) {
    Worker worker(context, options());
    for (int i = 0; i < 100; ++i) wait_for(put(worker, "room:" + std::to_string(i), "a", "x"));
    EXPECT_EQ(wait_for(rewrite(worker)), std::nullopt);
    slow_down(std::chrono::milliseconds(20));
    const auto answer = rewrite(worker);
    run_until([&] { return under_way(); });
    redis.kill();
    redis.start();
    EXPECT_EQ(wait_for(answer), std::nullopt);
    EXPECT_EQ(begun(), 1U);
}

TEST_F(LogRewriteTest, WhatKeepsItFromBeingDoneIsTold) {
    Worker worker(context, options());
    put_many(worker, 1);
    redis.command({"ACL", "SETUSER", "default", "-bgrewriteaof"});
    EXPECT_EQ(wait_for(rewrite(worker)), RewriteFailure::not_permitted);
    redis.command({"ACL", "SETUSER", "default", "+bgrewriteaof", "-info"});
    EXPECT_EQ(wait_for(rewrite(worker)), RewriteFailure::not_permitted);
    redis.command({"ACL", "SETUSER", "default", "+info"});
    redis.command({"CONFIG", "SET", "appendonly", "no"});
    EXPECT_EQ(wait_for(rewrite(worker)), RewriteFailure::no_log);
    EXPECT_FALSE(wait_for(put(worker, "room:1", "a", "y")).failure) << "the connection is still good";
}

TEST_F(LogRewriteTest, RewriteThatFailsIsTold) {
    Worker worker(context, options());
    for (int i = 0; i < 100; ++i) wait_for(put(worker, "room:" + std::to_string(i), "a", "x"));
    slow_down(std::chrono::milliseconds(20));
    const auto answer = rewrite(worker);
    run_until([&] { return under_way(); });
    const auto info = redis.command({"INFO", "server"});
    const auto pid = std::stoi(info.substr(info.find("process_id:") + 11));
    const auto name = "/proc/" + std::to_string(pid);
    std::ifstream children(name + "/task/" + std::to_string(pid) + "/children");
    pid_t child = 0;
    ASSERT_TRUE(children >> child);
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    EXPECT_EQ(wait_for(answer), RewriteFailure::failed);
    slow_down(std::chrono::microseconds(0));
    EXPECT_EQ(wait_for(rewrite(worker)), std::nullopt);
}

TEST_F(LogRewriteTest, RefusedOneIsAskedForAgainAndThenGivenUp) {
    std::atomic<int> refusals = 2;
    FakeRedis fake(redis.socket(), [&](const FakeRedis::Command& command) -> std::optional<std::string> {
        if (command[0] != "BGREWRITEAOF" || refusals == 0) return std::nullopt;
        --refusals;
        return "-ERR Can't execute an AOF background rewriting. Please check the server logs for more information.\r\n";
    });
    auto through_fake = options();
    through_fake.url = fake.url();
    Worker worker(context, through_fake);
    put_many(worker, 1);
    EXPECT_EQ(wait_for(rewrite(worker)), std::nullopt);
    refusals = 3;
    EXPECT_EQ(wait_for(rewrite(worker)), RewriteFailure::failed);
    EXPECT_EQ(refusals, 0);
}

TEST_F(LogRewriteTest, IsWaitedForUntilItsDeadlineAndNoLongerThanTheStoreRuns) {
    auto hasty = options();
    hasty.rewrite_deadline = std::chrono::milliseconds(300);
    Worker worker(context, hasty);
    for (int i = 0; i < 100; ++i) wait_for(put(worker, "room:" + std::to_string(i), "a", "x"));
    slow_down(std::chrono::milliseconds(20));
    EXPECT_EQ(wait_for(rewrite(worker)), RewriteFailure::unavailable);
    const auto waiting = rewrite(worker);
    stop(worker);
    EXPECT_EQ(wait_for(waiting), RewriteFailure::stopping);
    EXPECT_EQ(wait_for(rewrite(worker)), RewriteFailure::stopping);
}

TEST_F(LogRewriteTest, CountsAmongWhatIsPending) {
    auto narrow = options();
    narrow.max_pending = 1;
    Worker worker(context, narrow);
    put_many(worker, 1);
    const auto first = rewrite(worker);
    EXPECT_EQ(wait_for(rewrite(worker)), RewriteFailure::overloaded);
    EXPECT_EQ(wait_for(purge(worker)), Failure::overloaded);
    EXPECT_EQ(wait_for(first), std::nullopt);
}

}  // namespace
}  // namespace foorumi::test
