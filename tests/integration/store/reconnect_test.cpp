// Another Redis than the one that was checked at the start takes its place: it is not used, and the log says why.
#include <gmock/gmock.h>

#include "captured_log.hpp"
#include "store/installation.hpp"
#include "store_fixture.hpp"

namespace foorumi::test {
namespace {

using testing::HasSubstr;

class ReconnectTest : public StoreTest {
   protected:
    [[nodiscard]] Options checked() const {
        auto checked = options();
        checked.installation = check_installation(redis.url(), checked.partitions).id;
        return checked;
    }
    void cut_connections() { redis.command({"CLIENT", "KILL", "SKIPME", "yes", "TYPE", "normal"}); }
    // A change is tried, and not done however often the connection is: the log says `problem`.
    Answer<ChangeOutcome> expect_unused(Worker& worker, const CapturedLog& log, const std::string& problem) {
        const auto line = "foorumi-test-w0-commands: " + problem;
        run_until([&] { return count(log.text(), line) >= 1; });
        const auto waiting = put(worker, "room:1", "a", "2");
        run_until([&] { return count(log.text(), line) >= 4; });
        EXPECT_FALSE(waiting->has_value());
        EXPECT_LE(count(log.text(), "[critical]"), 5u) << "once for each connection";
        return waiting;
    }
    [[nodiscard]] static std::size_t count(const std::string& text, const std::string& word) {
        std::size_t found = 0;
        for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
        return found;
    }
};

struct UnsafeSetting {
    const char* name;
    const char* value;
    const char* good;
};
class UnsafeReconnectTest : public ReconnectTest, public testing::WithParamInterface<UnsafeSetting> {};

TEST_P(UnsafeReconnectTest, IsNotUsedUntilItIsSafe) {
    const auto& [name, value, good] = GetParam();
    Worker worker(context, checked());
    EXPECT_FALSE(wait_for(put(worker, "room:1", "a", "1")).failure);
    const CapturedLog log;
    redis.command({"CONFIG", "SET", name, value});
    cut_connections();
    const auto waiting = expect_unused(worker, log, std::string("Redis has \"") + name + ' ' + value + '"');
    EXPECT_THAT(log.text(), HasSubstr(std::string("CONFIG SET ") + name + ' ' + good));
    redis.command({"CONFIG", "SET", name, good});
    EXPECT_FALSE(wait_for(waiting).failure);
    EXPECT_EQ(worker.versions("room:1"), (std::vector<Version>{1, 2}));
}

INSTANTIATE_TEST_SUITE_P(Settings, UnsafeReconnectTest,
                         testing::Values(UnsafeSetting{"appendonly", "no", "yes"},
                                         UnsafeSetting{"appendfsync", "everysec", "always"},
                                         UnsafeSetting{"no-appendfsync-on-rewrite", "yes", "no"},
                                         UnsafeSetting{"maxmemory-policy", "allkeys-lru", "noeviction"}),
                         [](const auto& setting) {
                             std::string name = setting.param.name;
                             std::erase(name, '-');
                             return name;
                         });

TEST_F(ReconnectTest, EmptyRedisInItsPlaceIsNotUsed) {
    Worker worker(context, checked());
    EXPECT_FALSE(wait_for(put(worker, "room:1", "a", "1")).failure);
    const CapturedLog log;
    redis.shut_down();
    std::filesystem::rename(redis.directory() / "appendonlydir", redis.directory() / "kept");
    redis.start();
    const auto waiting = expect_unused(worker, log, "this Redis holds no installation of Foorumi");
    EXPECT_EQ(redis.command({"DBSIZE"}), "0");
    EXPECT_TRUE(worker.gaps.empty());
    redis.shut_down();
    std::filesystem::remove_all(redis.directory() / "appendonlydir");
    std::filesystem::rename(redis.directory() / "kept", redis.directory() / "appendonlydir");
    redis.start();
    EXPECT_FALSE(wait_for(waiting).failure);
    EXPECT_EQ(worker.versions("room:1"), (std::vector<Version>{1, 2}));
}

TEST_F(ReconnectTest, AnotherInstallationInItsPlaceIsNotUsed) {
    const auto good = checked();
    Worker worker(context, good);
    EXPECT_FALSE(wait_for(put(worker, "room:1", "a", "1")).failure);
    const CapturedLog log;
    redis.command({"HSET", "{p00}:installation", "id", "another"});
    cut_connections();
    const auto waiting = expect_unused(worker, log, "this Redis holds the installation another");
    redis.command({"HSET", "{p00}:installation", "id", good.installation});
    EXPECT_FALSE(wait_for(waiting).failure);
}

TEST_F(ReconnectTest, DataThatALaterReleaseWorksOnByNowIsNotUsed) {
    Worker worker(context, checked());
    EXPECT_FALSE(wait_for(put(worker, "room:1", "a", "1")).failure);
    const CapturedLog log;
    redis.command({"HSET", "{p00}:installation", "needs", std::to_string(Levels{}.level + 1)});
    cut_connections();
    const auto waiting = expect_unused(worker, log, "a later release of Foorumi works on this data");
    redis.command({"HSET", "{p00}:installation", "needs", std::to_string(Levels{}.level)});
    EXPECT_FALSE(wait_for(waiting).failure);
}

}  // namespace
}  // namespace foorumi::test
