// The private Redis: started, supervised, stopped, one owner.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fstream>

#include "store/embedded_redis.hpp"
#include "store/installation.hpp"
#include "support/temporary_directory.hpp"

namespace foorumi::test {
namespace {

using store::check_installation;
using store::EmbeddedRedis;
using store::OwnerLock;
using testing::HasSubstr;

class EmbeddedRedisTest : public testing::Test {
   protected:
    template <class F>
    void run_until(F holds) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!holds()) {
            ASSERT_LT(std::chrono::steady_clock::now(), deadline);
            context.restart();
            context.run_one_for(std::chrono::milliseconds(50));
        }
    }
    void stop(EmbeddedRedis& redis) {
        bool stopped = false;
        redis.stop([&] { stopped = true; });
        run_until([&] { return stopped; });
    }

    TemporaryDirectory temporary;
    std::filesystem::path directory = temporary.path() / "data";
    boost::asio::io_context context{1};
};

TEST_F(EmbeddedRedisTest, IsSetUpAsTheInstallationNeedsItAndKeepsItsData) {
    std::string id;
    {
        EmbeddedRedis redis(context, {.directory = directory});
        ASSERT_EQ(redis.start(), "");
        const auto check = check_installation(redis.url(), 16);
        ASSERT_EQ(check.error, "");
        id = check.id;
        struct stat status{};
        ASSERT_EQ(::stat(directory.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777u, 0700u);
        EXPECT_EQ(::getsid(redis.pid()), redis.pid());  // Ctrl-C in our terminal does not reach it
        const auto pid = redis.pid();
        stop(redis);
        EXPECT_EQ(::kill(pid, 0), -1);
    }
    EmbeddedRedis again(context, {.directory = directory});
    ASSERT_EQ(again.start(), "");
    EXPECT_EQ(check_installation(again.url(), 16).id, id);
}

// What is erased from the data has to leave the directory.
TEST_F(EmbeddedRedisTest, KeepsNothingBesideItsLog) {
    EmbeddedRedis redis(context, {.directory = directory});
    ASSERT_EQ(redis.start(), "");
    ASSERT_TRUE(check_installation(redis.url(), 16).ok());
    stop(redis);
    const auto files = [this] {
        std::vector<std::string> names;
        for (const auto& file : std::filesystem::directory_iterator(directory))
            names.push_back(file.path().filename().string());
        return names;
    };
    const auto before = files();
    EXPECT_THAT(before, testing::Contains("appendonlydir"));
    EXPECT_THAT(before, testing::Not(testing::Contains(HasSubstr(".rdb"))));
    for (const auto* unfinished : {"temp-rewriteaof-bg-77.aof", "temp-rewriteaof-78.aof", "temp-79.rdb"})
        std::ofstream(directory / unfinished) << "of a rewrite that was killed";
    std::ofstream(directory / "temp-notes.txt") << "somebody else's";
    EmbeddedRedis again(context, {.directory = directory});
    ASSERT_EQ(again.start(), "");
    ASSERT_TRUE(check_installation(again.url(), 16).ok());
    stop(again);
    auto expected = before;
    expected.emplace_back("temp-notes.txt");
    EXPECT_THAT(files(), testing::UnorderedElementsAreArray(expected));
}

TEST_F(EmbeddedRedisTest, IsStartedAgainWhenItDies) {
    EmbeddedRedis redis(context, {.directory = directory});
    ASSERT_EQ(redis.start(), "");
    const auto first = check_installation(redis.url(), 16);
    ASSERT_TRUE(first.ok());
    for (int i = 0; i < 2; ++i) {
        const auto pid = redis.pid();
        ASSERT_EQ(::kill(pid, SIGKILL), 0);
        run_until([&] { return redis.pid() > 0 && redis.pid() != pid; });
        EXPECT_EQ(check_installation(redis.url(), 16).id, first.id);
    }
}

TEST_F(EmbeddedRedisTest, LongPathOfTheDirectoryDoesNotMatter) {
    directory = temporary.path() / std::string(120, 'd') / std::string(120, 'e');
    EmbeddedRedis redis(context, {.directory = directory});
    ASSERT_EQ(redis.start(), "");
    EXPECT_EQ(check_installation(redis.url(), 16).error, "");
}

TEST_F(EmbeddedRedisTest, MissingProgramIsAnErrorAndFreesTheDirectory) {
    EmbeddedRedis redis(context, {.directory = directory, .program = "no-such-redis-server"});
    EXPECT_THAT(redis.start(), HasSubstr("no-such-redis-server cannot be started: No such file"));
    EXPECT_EQ(OwnerLock::acquire(directory).error, "");
}

TEST_F(EmbeddedRedisTest, SecondServerIsRefusedAtOnceAndToldTheFirst) {
    EmbeddedRedis redis(context, {.directory = directory});
    ASSERT_EQ(redis.start(), "");
    EmbeddedRedis second(context, {.directory = directory});
    EXPECT_THAT(second.start(), HasSubstr("is in use by process " + std::to_string(::getpid())));
}

// A server in a process of its own that starts a Redis and waits to be killed. Tells the Redis's process by a pipe.
pid_t start_server(const std::filesystem::path& directory, pid_t& redis) {
    int report[2];
    if (::pipe(report) != 0) return -1;
    const auto server = ::fork();
    if (server == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        boost::asio::io_context own;
        EmbeddedRedis embedded(own, {.directory = directory});
        pid_t pid = embedded.start().empty() && check_installation(embedded.url(), 16).ok() ? embedded.pid() : -1;
        [[maybe_unused]] const auto written = ::write(report[1], &pid, sizeof pid);
        ::pause();
        ::_exit(0);
    }
    const auto length = ::read(report[0], &redis, sizeof redis);
    ::close(report[0]);
    ::close(report[1]);
    return length == sizeof redis ? server : -1;
}

TEST_F(EmbeddedRedisTest, RedisOfAKilledServerEndsAndTheNextServerTakesOver) {
    pid_t orphan = -1;
    const auto server = start_server(directory, orphan);
    ASSERT_GT(server, 0);
    ASSERT_GT(orphan, 0);
    EXPECT_THAT(OwnerLock::acquire(directory).error, HasSubstr("process " + std::to_string(server)));
    ::kill(server, SIGKILL);
    ::waitpid(server, nullptr, 0);
    EmbeddedRedis redis(context, {.directory = directory});
    ASSERT_EQ(redis.start(), "");
    EXPECT_EQ(check_installation(redis.url(), 16).error, "");
}

TEST_F(EmbeddedRedisTest, OrphanThatDoesNotEndIsAnError) {
    pid_t orphan = -1;
    const auto server = start_server(directory, orphan);
    ASSERT_GT(orphan, 0);
    ::kill(orphan, SIGSTOP);
    ::kill(server, SIGKILL);
    ::waitpid(server, nullptr, 0);
    EXPECT_THAT(OwnerLock::acquire(directory, std::chrono::milliseconds(100)).error, HasSubstr("does not end"));
    ::kill(orphan, SIGCONT);
    EXPECT_EQ(OwnerLock::acquire(directory).error, "");
}

}  // namespace
}  // namespace foorumi::test
