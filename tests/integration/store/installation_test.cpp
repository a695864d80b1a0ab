// What the start-up check refuses, and that it says how to mend it.
#include <gmock/gmock.h>

#include <thread>

#include "store/installation.hpp"
#include "support/fake_redis.hpp"
#include "support/redis_server.hpp"

namespace foorumi::test {
namespace {

using store::check_installation;
using testing::HasSubstr;
using testing::Not;

constexpr auto soon = std::chrono::milliseconds(200);

TEST(InstallationTest, FirstStartWritesTheRecordAndLaterOnesFindIt) {
    RedisServer redis;
    const auto first = check_installation(redis.url(), 16);
    EXPECT_EQ(first.error, "");
    EXPECT_EQ(first.id.size(), 32u);
    const auto second = check_installation(redis.url(), 16);
    EXPECT_TRUE(second.ok());
    EXPECT_EQ(second.id, first.id);
}

TEST(InstallationTest, OtherNumberOfPartitionsIsRefused) {
    RedisServer redis;
    ASSERT_TRUE(check_installation(redis.url(), 16).ok());
    EXPECT_THAT(check_installation(redis.url(), 8).error, HasSubstr("set it to 16"));
}

TEST(InstallationTest, DataOfAnotherFormatIsRefused) {
    RedisServer redis;
    redis.command({"HSET", "{p00}:installation", "partitions", "16", "format", "2", "id", "x"});
    EXPECT_THAT(check_installation(redis.url(), 16).error, HasSubstr("format 2"));
}

TEST(InstallationTest, ReleaseBelowTheLevelThatIsNeededIsRefused) {
    RedisServer redis;
    const auto check = [&](store::Levels levels) {
        return check_installation(redis.url(), 16, std::chrono::seconds(20), 0, levels);
    };
    const auto needs = [&] { return redis.command({"HGET", "{p00}:installation", "needs"}); };
    EXPECT_TRUE(check({1, 1}).ok());
    EXPECT_TRUE(check({2, 1}).ok()) << "beside the one before";
    EXPECT_TRUE(check({1, 1}).ok());
    EXPECT_TRUE(check({3, 2}).ok());
    EXPECT_EQ(needs(), "2");
    EXPECT_TRUE(check({2, 1}).ok());
    EXPECT_EQ(needs(), "2") << "never lowered";
    EXPECT_THAT(check({1, 1}).error, HasSubstr("level 2 or above"));
    EXPECT_FALSE(check_installation(redis.url(), 8, std::chrono::seconds(20), 0, {4, 4}).ok());
    EXPECT_EQ(needs(), "2") << "whoever is refused leaves no mark";
}

struct Unsafe {
    const char* name;
    const char* value;
    const char* mend;
};
class UnsafeSettingTest : public testing::TestWithParam<Unsafe> {};

TEST_P(UnsafeSettingTest, IsRefused) {
    RedisServer redis({std::string("--") + GetParam().name, GetParam().value});
    const auto check = check_installation(redis.url(), 16);
    EXPECT_THAT(check.error, HasSubstr(GetParam().mend));
    EXPECT_EQ(redis.command({"EXISTS", "{p00}:installation"}), "0");
}

INSTANTIATE_TEST_SUITE_P(
    Settings, UnsafeSettingTest,
    testing::Values(Unsafe{"appendonly", "no", "CONFIG SET appendonly yes"},
                    Unsafe{"appendfsync", "everysec", "CONFIG SET appendfsync always"},
                    Unsafe{"appendfsync", "no", "CONFIG SET appendfsync always"},
                    Unsafe{"no-appendfsync-on-rewrite", "yes", "CONFIG SET no-appendfsync-on-rewrite no"},
                    Unsafe{"maxmemory-policy", "allkeys-lru", "CONFIG SET maxmemory-policy noeviction"}));

TEST(InstallationTest, MissingPasswordIsRefused) {
    RedisServer redis;
    redis.command({"CONFIG", "SET", "requirepass", "secret"});
    EXPECT_THAT(check_installation(redis.url(), 16, soon).error, HasSubstr("NOAUTH"));
}

TEST(InstallationTest, OldVersionAndReplicaAreRefused) {
    RedisServer redis;
    std::string info = "\r\nredis_version:6.2.14\r\nrole:master\r\n";
    FakeRedis fake(redis.socket(), [&](const auto& command) -> std::optional<std::string> {
        if (command[0] != "INFO") return std::nullopt;
        return "$" + std::to_string(info.size()) + "\r\n" + info + "\r\n";
    });
    EXPECT_THAT(check_installation(fake.url(), 16).error, HasSubstr("6.2.14 is too old"));
    info = "\r\nredis_version:7.0.15\r\nrole:slave\r\n";
    EXPECT_THAT(check_installation(fake.url(), 16).error, HasSubstr("replica"));
    info = "\r\nredis_version:8.0.2\r\nrole:master\r\ncluster_enabled:1\r\n";
    EXPECT_THAT(check_installation(fake.url(), 16).error, HasSubstr("cluster"));
}

TEST(InstallationTest, WaitsWhileRedisLoads) {
    RedisServer redis;
    int left = 3;
    FakeRedis fake(redis.socket(), [&](const auto& command) -> std::optional<std::string> {
        if (command[0] != "INFO" || left == 0) return std::nullopt;
        --left;
        return "-LOADING Redis is loading the dataset in memory\r\n";
    });
    EXPECT_EQ(check_installation(fake.url(), 16).error, "");
    EXPECT_EQ(left, 0);
}

class RewritingTest : public testing::TestWithParam<const char*> {};

// As just after CONFIG SET appendonly yes.
TEST_P(RewritingTest, IsWaitedFor) {
    RedisServer redis;
    int left = 3;
    const auto info = std::string("\r\nredis_version:7.0.15\r\nrole:master\r\n") + GetParam() + "\r\n";
    FakeRedis fake(redis.socket(), [&](const auto& command) -> std::optional<std::string> {
        if (command[0] != "INFO" || left == 0) return std::nullopt;
        --left;
        return "$" + std::to_string(info.size()) + "\r\n" + info + "\r\n";
    });
    EXPECT_EQ(check_installation(fake.url(), 16).error, "");
    EXPECT_EQ(left, 0);
    left = 1'000;
    EXPECT_THAT(check_installation(fake.url(), 16, soon).error, HasSubstr("rewrites its append-only file"));
}

INSTANTIATE_TEST_SUITE_P(Rewrites, RewritingTest,
                         testing::Values("aof_rewrite_in_progress:1", "aof_rewrite_scheduled:1"),
                         [](const auto& field) { return std::string(field.index == 0 ? "InProgress" : "Scheduled"); });

TEST(InstallationTest, ReplicasAreWarnedOf) {
    RedisServer redis;
    EXPECT_EQ(check_installation(redis.url(), 16).warning, "");
    const std::string info = "\r\nredis_version:7.0.15\r\nrole:master\r\nconnected_slaves:2\r\n";
    FakeRedis fake(redis.socket(), [&](const auto& command) -> std::optional<std::string> {
        if (command[0] != "INFO") return std::nullopt;
        return "$" + std::to_string(info.size()) + "\r\n" + info + "\r\n";
    });
    const auto check = check_installation(fake.url(), 16);
    EXPECT_EQ(check.error, "");
    EXPECT_THAT(check.warning, HasSubstr("replicas (2)"));
    const auto with = [&](std::uint32_t replicas) { return check_installation(fake.url(), 16, soon, replicas); };
    EXPECT_EQ(with(2).error + with(2).warning, "");
    EXPECT_THAT(with(1).warning, HasSubstr("redis.replicas is 1"));
    EXPECT_THAT(with(3).error, HasSubstr("2 replicas connected, but redis.replicas wants every change on 3"));
}

TEST(InstallationTest, NobodyThereIsAnErrorAtTheDeadline) {
    EXPECT_THAT(check_installation("unix:/nowhere/redis.sock", 16, soon).error, HasSubstr("Is Redis running"));
    const auto check = check_installation("redis://user:secret@127.0.0.1:1", 16, soon);
    EXPECT_THAT(check.error, HasSubstr("redis://user@127.0.0.1:1"));
    EXPECT_THAT(check.error, Not(HasSubstr("secret")));
    EXPECT_THAT(check_installation("http://x", 16).error, HasSubstr("URL is wrong"));
}

}  // namespace
}  // namespace foorumi::test
