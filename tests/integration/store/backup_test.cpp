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
    // As another node.
    void post_elsewhere(const std::string& key, int times) {
        Worker other(context, options());
        for (int i = 0; i < times; ++i) EXPECT_FALSE(wait_for(put(other, "room:1", key, std::to_string(i))).failure);
        stop(other);
    }
    [[nodiscard]] Options behind(const FakeRedis& fake) const {
        auto made = options();
        made.url = fake.url();
        made.change_deadline = made.read_deadline = std::chrono::seconds(20);
        return made;
    }
    // Before it is ready.
    static bool is_a_tail(const FakeRedis::Command& command) {
        return command[0] == "CLIENT" && command[1] == "SETNAME" && command[2].find("-p0") != std::string::npos;
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

// Without its tail, which has read nothing of what is gone: nothing tells it that something is. What Redis had answered
// before it died comes late, over a connection that is half open, when the feed has grown past what is gone.
class BackupWithoutTailTest : public BackupTest {
   protected:
    void SetUp() override {
        EXPECT_FALSE(wait_for(put(worker, "room:1", "a", "kept")).failure);
        away = true;
        keep_backup();
    }
    // From now on no reply to such a command comes.
    void hold(const std::string& word) {
        fake.hold_replies([this, word](const FakeRedis::Command& command) {
            if (std::ranges::find(command, word) == command.end()) return false;
            held = true;
            return true;
        });
    }
    void lose_what_is_not_kept() {
        run_until([&] { return held.load(); });
        EXPECT_EQ(redis.command({"HGET", meta(), "n"}), "2");
        redis.shut_down();
        restore_backup();
        post_elsewhere("c", 3);
        away = false;
        run_until([&] { return worker.versions("room:1").size() >= 4; });
        fake.let_go();
    }

    std::atomic<bool> away = false;
    std::atomic<bool> held = false;
    FakeRedis fake{redis.socket(), [this](const FakeRedis::Command& command) -> std::optional<std::string> {
                       if (away && is_a_tail(command)) return "";
                       return std::nullopt;
                   }};
    Worker worker{context, behind(fake)};
};

TEST_F(BackupWithoutTailTest, WhatIsGoneIsDoneAgain) {
    hold("commit");
    const auto waiting = put(worker, "room:1", "b", "done");
    lose_what_is_not_kept();
    EXPECT_FALSE(wait_for(waiting).failure);
    EXPECT_EQ(state(worker, "room:1")["b"], "done");
}

TEST_F(BackupWithoutTailTest, WhatIsGoneAfterItWasAnsweredIsDoneAgain) {
    const auto waiting = put(worker, "room:1", "b", "done");
    run_until([&] { return redis.command({"HGET", meta(), "n"}) == "2"; });
    hold("EVALSHA");
    change(worker, request("room:1", {"unknown"}), [](const View&, Version&) { return std::nullopt; });
    lose_what_is_not_kept();
    EXPECT_FALSE(wait_for(waiting).failure);
    EXPECT_EQ(state(worker, "room:1")["b"], "done");
}

// It was done, whatever would be decided now.
TEST_F(BackupWithoutTailTest, WhatIsKnownToBeDoneIsNotSaidToBeUndone) {
    const auto made = request("room:1", {"a"});
    const auto once = [](const View& view, Version&) {
        return view.at("a").bytes == "kept" ? std::make_optional(putting("a", "done")) : std::nullopt;
    };
    const auto first = change(worker, made, once);
    run_until([&] { return redis.command({"HGET", meta(), "n"}) == "2"; });
    const auto repeated = change(worker, made, once);
    const auto behind = change(worker, request("room:1"), [](const View&, Version&) { return std::nullopt; });
    EXPECT_EQ(wait_for(behind).failure, Failure::refused);
    redis.shut_down();
    stop(worker);
    EXPECT_EQ(wait_for(first).failure, Failure::outcome_unknown);
    EXPECT_EQ(wait_for(repeated).failure, Failure::outcome_unknown);
}

TEST_F(BackupWithoutTailTest, WhatIsGoneIsNotHandedOver) {
    post_elsewhere("gone", 1);
    hold("sync");
    const auto opened = open(worker, "room:1");
    lose_what_is_not_kept();
    const auto result = wait_for(opened).outcome.result;
    for (const auto& entity : result.entities) EXPECT_NE(entity.key, "gone");
    EXPECT_GE(result.version, 4u);
}

}  // namespace
}  // namespace foorumi::test
