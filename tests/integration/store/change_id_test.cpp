// How long change ids are known, whatever the clock does.
#include <gmock/gmock.h>

#include <random>
#include <sstream>

#include "store_fixture.hpp"

namespace foorumi::test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

class ChangeIdTest : public StoreTest {
   protected:
    [[nodiscard]] static std::int64_t now_ms(milliseconds ahead = milliseconds(0)) {
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        return (std::chrono::duration_cast<milliseconds>(now) + ahead).count();
    }
    [[nodiscard]] ChangeRequest made(milliseconds ahead = milliseconds(0)) {
        auto made = request("room:1");
        made.made_at_ms = now_ms(ahead);
        return made;
    }
    ChangeOutcome apply(Worker& worker, const ChangeRequest& request) {
        return wait_for(change(worker, request, always(putting("a", "1"))));
    }
    [[nodiscard]] static std::string prefix() { return "{p0" + std::to_string(partition_of("room:1", 2)) + "}:"; }
    [[nodiscard]] std::string meta(const std::string& field) {
        return redis.command({"HGET", prefix() + "meta", field});
    }
    // As if the clock of Redis went by so much: what was noted of it lies so much farther back.
    void leap(milliseconds ahead) {
        redis.command({"HINCRBY", prefix() + "meta", "since", std::to_string(-ahead.count())});
    }
    [[nodiscard]] std::vector<std::string> buckets() {
        std::istringstream lines(redis.command({"KEYS", prefix() + "d:*"}));
        std::vector<std::string> all;
        for (std::string line; std::getline(lines, line);) all.push_back(line);
        return all;
    }
};

TEST_F(ChangeIdTest, ChangeMadeTooLongAgoIsExpired) {
    Worker worker(context, options());
    EXPECT_EQ(apply(worker, made(-hours(24) - minutes(1))).failure, Failure::expired);
    EXPECT_FALSE(apply(worker, made(-hours(24) + minutes(1))).failure);
}

TEST_F(ChangeIdTest, ChangeMadeInTheFutureIsRefusedUnlessItWasDone) {
    Worker worker(context, options());
    EXPECT_EQ(apply(worker, made(hours(1) + minutes(1))).failure, Failure::future);
    auto tolerated = made(hours(1) - minutes(1));
    EXPECT_FALSE(apply(worker, tolerated).failure);
    tolerated.made_at_ms = now_ms(hours(48));  // as it looks once the clock of Redis was set back
    EXPECT_TRUE(apply(worker, tolerated).committed.repeated);
}

TEST_F(ChangeIdTest, NothingThatHoldsChangeIdsExpiresByItself) {
    Worker worker(context, options());
    for (int i = 0; i < 4; ++i) {
        apply(worker, made());
        leap(hours(14));
        for (const auto& bucket : buckets()) EXPECT_EQ(redis.command({"PTTL", bucket}), "-1");
    }
}

TEST_F(ChangeIdTest, IsKnownForTwoTurnsOfTheBuckets) {
    Worker worker(context, options());
    const auto same = made();
    apply(worker, same);
    for (int turn = 0; turn < 2; ++turn) {
        leap(hours(13));
        EXPECT_TRUE(apply(worker, same).committed.repeated);
        apply(worker, made());
    }
    EXPECT_EQ(buckets().size(), 3u);
    EXPECT_TRUE(apply(worker, same).committed.repeated);
    leap(hours(13));
    EXPECT_TRUE(apply(worker, same).committed.repeated);
}

TEST_F(ChangeIdTest, BucketIsInUseForItsWholeTime) {
    Worker worker(context, options());
    apply(worker, made());
    const auto first = meta("bucket");
    leap(hours(13) - minutes(1));
    apply(worker, made());
    EXPECT_EQ(meta("bucket"), first);
    leap(minutes(1));
    apply(worker, made());
    EXPECT_EQ(std::stoi(meta("bucket")), std::stoi(first) + 1);
}

TEST_F(ChangeIdTest, ClockThatLeapsAndIsSetRightAgainHidesNoneAndTurnsTheBucketsOnce) {
    Worker worker(context, options());
    const auto same = made();
    apply(worker, same);
    const auto first = std::stoi(meta("bucket"));
    leap(hours(24 * 50));
    apply(worker, made());
    leap(-hours(24 * 50));
    EXPECT_TRUE(apply(worker, same).committed.repeated);
    EXPECT_FALSE(apply(worker, made()).failure);
    EXPECT_EQ(std::stoi(meta("bucket")), first + 1);
    EXPECT_LE(std::stoll(meta("since")), now_ms()) << "a bucket does not last for as long as the clock was ahead";
    leap(hours(13));
    apply(worker, made());
    EXPECT_EQ(std::stoi(meta("bucket")), first + 2);
    EXPECT_TRUE(apply(worker, same).committed.repeated);
}

TEST_F(ChangeIdTest, ForgottenBeforeItsTimeIsExpiredAndNewChangesGoOn) {
    Worker worker(context, options());
    const auto same = made();
    apply(worker, same);
    for (int i = 0; i < 3; ++i) {
        leap(hours(24));
        apply(worker, request("room:1"));
    }
    EXPECT_EQ(apply(worker, same).failure, Failure::expired);
    EXPECT_FALSE(apply(worker, made(milliseconds(1))).failure);
}

TEST_F(ChangeIdTest, OfBucketsThatWereNumberedByDaysIsKnown) {
    Worker worker(context, options());
    const auto same = made();
    apply(worker, same);
    const auto bucket = meta("bucket");
    redis.command({"RENAME", prefix() + "d:" + bucket, prefix() + "d:19000"});
    redis.command({"HDEL", prefix() + "meta", "bucket", "since", "made", "made1", "made2", "forgotten"});
    redis.command({"HSET", prefix() + "meta", "day", "19000", "before", "18999"});
    EXPECT_TRUE(apply(worker, same).committed.repeated);
    apply(worker, made());
    EXPECT_EQ(meta("bucket"), "19001");
    EXPECT_TRUE(apply(worker, same).committed.repeated);
}

// Clients have the right time and repeat anything they ever sent; the clock of Redis does what it likes.
TEST_F(ChangeIdTest, IsNeverAppliedTwiceHoweverTheClockLeaps) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    Worker worker(context, options());
    std::vector<std::pair<ChangeRequest, std::optional<Version>>> sent;
    std::size_t applied = 0;
    for (int step = 0; step < 600; ++step) {
        const auto what = random() % 4;
        if (what == 0) {
            leap(minutes(random() % (60 * 40)) * (random() % 2 == 0 ? 1 : -1));
            continue;
        }
        if (what == 1 || sent.empty()) sent.emplace_back(made(), std::nullopt);
        auto& [request, version] = sent[what == 1 ? sent.size() - 1 : random() % sent.size()];
        const auto outcome = apply(worker, request);
        if (outcome.failure) {
            ASSERT_EQ(outcome.failure, Failure::expired);
            continue;
        }
        ASSERT_EQ(outcome.committed.repeated, version.has_value());
        if (!version) ++applied;
        ASSERT_EQ(outcome.committed.version, version.value_or(applied));
        version = outcome.committed.version;
        ASSERT_LE(buckets().size(), 3u);
    }
    EXPECT_GT(applied, 50u);
}

}  // namespace
}  // namespace foorumi::test
