// Fences: what was decided on an older directory does not pass them, and nothing behind them is released before the
// directory of the node is as new.
#include <atomic>

#include "store_fixture.hpp"
#include "support/fake_redis.hpp"

namespace foorumi::test {
namespace {

class FenceTest : public StoreTest {
   protected:
    Answer<std::optional<Failure>> fence(Worker& worker, Version version) {
        auto answer = std::make_shared<std::optional<std::optional<Failure>>>();
        worker->fence(version, [answer](std::optional<Failure> failure) { answer->emplace(failure); });
        return answer;
    }
    static Decide on_directory(Worker& worker, std::vector<Version>& decided) {
        return [&](const View&, Version& version) {
            version = worker.directory;
            decided.push_back(version);
            return putting("a", "1");
        };
    }
};

TEST_F(FenceTest, ChangeDecidedOnAnOlderDirectoryIsDecidedAgainOnTheNewOne) {
    Worker worker(context, options());
    Worker other(context, options());
    worker.directory = 4;
    other.directory = 5;
    EXPECT_EQ(wait_for(fence(other, 5)), std::nullopt);
    std::vector<Version> decided;
    const auto answer = change(worker, request("room:1"), on_directory(worker, decided));
    run_until([&] { return decided.size() == 1; });
    // A change of the other node goes on while this one waits for its directory.
    EXPECT_FALSE(wait_for(change(other, request("room:1"), always(putting("b", "1"), 5))).failure);
    EXPECT_FALSE(answer->has_value());
    worker.directory = 5;
    worker->directory_changed();
    EXPECT_FALSE(wait_for(answer).failure);
    EXPECT_EQ(decided, (std::vector<Version>{4, 5}));
    EXPECT_EQ(worker.versions("room:1"), (std::vector<Version>{1, 2}));
}

TEST_F(FenceTest, RefusedOneIsToldAndMayBeTriedAgain) {
    for (const auto* refusal : {"-OOM command not allowed when used memory > 'maxmemory'.\r\n", "-ERR unknown\r\n"}) {
        std::atomic<bool> refuses = true;
        FakeRedis fake(redis.socket(), [&](const FakeRedis::Command& command) -> std::optional<std::string> {
            const bool fence = calls(command, "fence");
            return fence && refuses ? std::optional<std::string>(refusal) : std::nullopt;
        });
        auto through_fake = options();
        through_fake.url = fake.url();
        Worker worker(context, through_fake);
        EXPECT_NE(wait_for(fence(worker, 3)), std::nullopt) << refusal;
        refuses = false;
        EXPECT_EQ(wait_for(fence(worker, 3)), std::nullopt);
        stop(worker);
        redis.command({"FLUSHALL"});
    }
}

TEST_F(FenceTest, NothingBehindItIsReleasedBeforeTheDirectoryIsThere) {
    Worker writer(context, options());
    Worker reader(context, options());
    writer.directory = 9;
    EXPECT_FALSE(wait_for(change(writer, request("room:1"), always(putting("a", "before"), 9))).failure);
    run_until([&] { return reader.released.size() == 1; });
    EXPECT_EQ(wait_for(fence(writer, 9)), std::nullopt);
    EXPECT_FALSE(wait_for(change(writer, request("room:1"), always(putting("a", "behind"), 9))).failure);
    // The read is answered only once the fence lets its state out, so it is the proof that nothing was released.
    const auto read = sync(reader, "room:1");
    const auto directory_read = wait_for(sync(reader, "directory"));
    EXPECT_FALSE(directory_read.failure);
    EXPECT_EQ(reader.released.size(), 1u);
    EXPECT_FALSE(read->has_value());
    reader.directory = 9;
    reader->directory_changed();
    EXPECT_EQ(wait_for(read).result.version, 2u);
    EXPECT_EQ(reader.released.size(), 2u);
}

TEST_F(FenceTest, HoldsATailThatStartsBehindIt) {
    {
        Worker writer(context, options());
        writer.directory = 9;
        writer.consume = true;
        EXPECT_EQ(wait_for(fence(writer, 9)), std::nullopt);
        EXPECT_FALSE(wait_for(change(writer, request("room:1"), always(putting("a", "behind"), 9))).failure);
        stop(writer);
    }
    Worker late(context, options());
    const auto read = sync(late, "room:1");
    EXPECT_FALSE(wait_for(sync(late, "directory")).failure);
    EXPECT_FALSE(read->has_value()) << "the fence stands before this tail's start";
    late.directory = 9;
    late->directory_changed();
    EXPECT_EQ(wait_for(read).result.version, 1u);
}

TEST_F(FenceTest, DirectoryIsReadAtTheStartThoughAFenceHoldsTheFeed) {
    {
        Worker worker(context, options());
        worker.directory = 1;
        EXPECT_FALSE(wait_for(change(worker, request("directory"), always(putting("member:1", "x"), 1))).failure);
        EXPECT_EQ(wait_for(fence(worker, 1)), std::nullopt);
        EXPECT_FALSE(wait_for(change(worker, request("directory"), always(putting("member:2", "x"), 1))).failure);
        stop(worker);
    }
    Worker worker(context, options());
    const auto opened = wait_for(open(worker, "directory"));
    ASSERT_FALSE(opened.outcome.failure);
    EXPECT_EQ(opened.outcome.result.version, 2u);
    EXPECT_TRUE(opened.later.empty());
    worker.directory = 2;
    worker->directory_changed();
    run_until([&] { return worker.released.size() == 2; });
}

TEST_F(FenceTest, RisesOnlyAndIsInTheFeedOnce) {
    Worker worker(context, options());
    worker.directory = 7;
    EXPECT_EQ(wait_for(fence(worker, 7)), std::nullopt);
    EXPECT_EQ(wait_for(fence(worker, 7)), std::nullopt);
    EXPECT_EQ(wait_for(fence(worker, 3)), std::nullopt);
    for (const auto* partition : {"{p00}:", "{p01}:"}) {
        EXPECT_EQ(redis.command({"XLEN", std::string(partition) + "feed"}), "1");
        EXPECT_EQ(redis.command({"HGET", std::string(partition) + "meta", "fence"}), "7");
    }
}

TEST_F(FenceTest, ChangeThatWaitsForTheDirectoryIsUnavailableAtItsDeadline) {
    auto hasty = options();
    hasty.change_deadline = std::chrono::milliseconds(300);
    Worker worker(context, hasty);
    EXPECT_EQ(wait_for(fence(worker, 5)), std::nullopt);
    std::vector<Version> decided;
    EXPECT_EQ(wait_for(change(worker, request("room:1"), on_directory(worker, decided))).failure, Failure::unavailable);
    EXPECT_EQ(decided.size(), 1u);
}

TEST_F(FenceTest, DeadlineOfTheChangeItselfCountsWhereItIsShorter) {
    auto patient = options();
    patient.change_deadline = std::chrono::minutes(10);
    Worker worker(context, patient);
    EXPECT_EQ(wait_for(fence(worker, 5)), std::nullopt);
    std::vector<Version> decided;
    auto hasty = request("room:1");
    hasty.deadline = std::chrono::milliseconds(300);
    EXPECT_EQ(wait_for(change(worker, hasty, on_directory(worker, decided))).failure, Failure::unavailable);
    stop(worker);
}

}  // namespace
}  // namespace foorumi::test
