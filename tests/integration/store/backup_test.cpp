// Redis comes back with what a backup has: what is gone is not acknowledged any more, and the store goes on.
#include <gmock/gmock.h>

#include <atomic>

#include "store_fixture.hpp"
#include "support/fake_redis.hpp"

namespace foorumi::test {
namespace {

using testing::ElementsAre;

class BackupTest : public StoreTest {
   protected:
    [[nodiscard]] std::string meta() const { return prefix() + "meta"; }
    [[nodiscard]] std::string prefix() const { return "{p0" + std::to_string(partition_of("room:1", 2)) + "}:"; }

    void keep_backup() {
        redis.shut_down();
        std::filesystem::copy(redis.directory() / "appendonlydir", redis.directory() / "backup");
        redis.start();
    }
    // Redis has ended.
    void restore_backup() {
        std::filesystem::remove_all(redis.directory() / "appendonlydir");
        std::filesystem::rename(redis.directory() / "backup", redis.directory() / "appendonlydir");
        redis.start();
    }
    // As another node, which posts on until the feed has grown past what is gone.
    void post_elsewhere() {
        Worker other(context, options());
        for (int i = 0; i < 3; ++i) EXPECT_FALSE(wait_for(put(other, "room:1", "c", std::to_string(i))).failure);
        stop(other);
    }
    // Reads something from Redis, as a change does that is decided on it.
    void load(Worker& worker, const std::string& key, std::function<void()> loaded) {
        change(worker, request("room:1", {key}), [loaded = std::move(loaded)](const View&, Version&) {
            loaded();
            return std::nullopt;
        });
    }
    // All that was sent to Redis before has been answered, and the answers are read.
    void wait_for_replies(Worker& worker) {
        bool all = false;
        load(worker, "unknown", [&] { all = true; });
        run_until([&] { return all; });
    }
    [[nodiscard]] Options behind(const FakeRedis& fake) const {
        auto made = options();
        made.url = fake.url();
        return made;
    }
    // Before it is ready.
    static bool is_a_tail(const FakeRedis::Command& command) {
        return command[0] == "CLIENT" && command[1] == "SETNAME" && command[2].find("-p0") != std::string::npos;
    }
    static bool is_commit(const FakeRedis::Command& command) {
        return std::ranges::find(command, "commit") != command.end();
    }
};

TEST_F(BackupTest, RestoredBackupIsAGapAndTheStoreGoesOn) {
    Worker worker(context, options());
    for (int i = 0; i < 3; ++i) wait_for(put(worker, "room:1", "a", std::to_string(i)));
    keep_backup();
    for (int i = 3; i < 8; ++i) wait_for(put(worker, "room:1", "a", std::to_string(i)));
    ASSERT_TRUE(worker.gaps.empty());
    redis.shut_down();
    restore_backup();
    run_until([&] { return !worker.gaps.empty(); });
    EXPECT_THAT(worker.gaps, ElementsAre(partition_of("room:1", 2)));
    EXPECT_EQ(state(worker, "room:1").at("a"), "2");
    EXPECT_THAT(worker.versions("room:1"), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3)) << "nothing was consumed";
    const auto epoch = wait_for(sync(worker, "room:1", {0, 10, 0, 7})).result.epoch;
    EXPECT_GT(epoch, 0u);
    EXPECT_TRUE(wait_for(sync(worker, "room:1", {2, 10, 0, 0})).result.unknown_version) << "2 is of the epoch before";
    const auto outcome = wait_for(put(worker, "room:1", "a", "new"));
    EXPECT_EQ(outcome.committed.version, 4u);
    const auto later = wait_for(sync(worker, "room:1", {3, 10, 0, epoch}));
    EXPECT_FALSE(later.result.unknown_version);
    EXPECT_EQ(later.result.epoch, epoch);
    EXPECT_EQ(worker.released.back()->version, 4u);
    // What is consumed from here on is kept, though it is less than before.
    worker->consumed(worker.released.back()->partition, worker.released.back()->position);
    run_until([&] { return redis.command({"HGET", meta(), "done"}) == "5"; });  // one entry tells of the epoch
}

TEST_F(BackupTest, WhatWasConsumedBeforeABackupWasRestoredIsNotSaidOfTheBackup) {
    Worker worker(context, options());
    for (int i = 0; i < 3; ++i) wait_for(put(worker, "room:1", "a", std::to_string(i)));
    worker->consumed(worker.released[0]->partition, 1);
    run_until([&] { return redis.command({"HGET", meta(), "done"}) == "1"; });
    keep_backup();
    for (int i = 3; i < 8; ++i) wait_for(put(worker, "room:1", "a", std::to_string(i)));
    redis.shut_down();
    worker->consumed(worker.released[0]->partition, 3);  // in the backup, too, but what followed from it is not
    restore_backup();
    run_until([&] { return worker.released.size() == 10; });
    EXPECT_EQ(worker.released[8]->position, 2u);
    EXPECT_EQ(worker.released[9]->position, 3u);
    EXPECT_EQ(state(worker, "room:1").at("a"), "2");
    EXPECT_EQ(redis.command({"HGET", meta(), "done"}), "1");
    worker->consumed(worker.released[9]->partition, 2);
    run_until([&] { return redis.command({"HGET", meta(), "done"}) == "2"; });
}

// Else whoever is handed it would never get what follows, where that says the same as what was handed over before.
// Without its tail, which has read nothing of what is gone: nothing tells it that something is.
class BackupWithoutTailTest : public BackupTest {
   protected:
    void SetUp() override {
        EXPECT_FALSE(wait_for(put(worker, "room:1", "a", "kept")).failure);
        away = true;
        keep_backup();
    }
    // The connection for commands is open, and nothing comes over it any more.
    void stand_still() {
        fake.hold_replies([&](const FakeRedis::Command& command) {
            if (command[0] != "EVALSHA") return false;
            still = true;
            return true;
        });
        load(worker, "other", [] {});
        run_until([&] { return still.load(); });
    }
    // `waiting` was done at position 2 of the feed, before the backup was restored.
    void expect_done_again(const Answer<ChangeOutcome>& waiting) {
        EXPECT_FALSE(waiting->has_value());
        away = false;
        run_until([&] { return worker.versions("room:1").size() >= 4; });
        fake.let_go();
        EXPECT_FALSE(wait_for(waiting).failure);
        EXPECT_EQ(state(worker, "room:1")["b"], "done");
    }

    std::atomic<bool> away = false;
    std::atomic<bool> still = false;
    FakeRedis fake{redis.socket(), [this](const FakeRedis::Command& command) -> std::optional<std::string> {
                       if (away && is_a_tail(command)) return "";
                       return std::nullopt;
                   }};
    Worker worker{context, behind(fake)};
};

TEST_F(BackupWithoutTailTest, WhatIsGoneIsDoneAgain) {
    const auto waiting = put(worker, "room:1", "b", "done");
    wait_for_replies(worker);
    EXPECT_EQ(redis.command({"HGET", meta(), "n"}), "2");
    stand_still();
    redis.shut_down();
    restore_backup();
    post_elsewhere();
    expect_done_again(waiting);
}

// The connection for commands is half open, and brings what Redis had answered when the tail is back.
TEST_F(BackupWithoutTailTest, ReplyThatComesLateIsNotTakenForOneOfNow) {
    fake.hold_replies(is_commit);
    const auto waiting = put(worker, "room:1", "b", "done");
    run_until([&] { return redis.command({"HGET", meta(), "n"}) == "2"; });
    redis.shut_down();
    restore_backup();
    post_elsewhere();
    expect_done_again(waiting);
}

}  // namespace
}  // namespace foorumi::test
