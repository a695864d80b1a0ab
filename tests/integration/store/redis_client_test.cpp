// The driver by itself: sign-in over TCP, lost and dead connections.
#include "store/redis_client.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include "captured_log.hpp"
#include "store_fixture.hpp"

namespace foorumi::test {
namespace {

using testing::HasSubstr;
using testing::Not;

int free_port() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), length), 0);
    EXPECT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length), 0);
    ::close(fd);
    return ntohs(address.sin_port);
}

class RedisClientTest : public StoreTest {
   protected:
    // Restarts Redis with a port as well; another one if somebody was faster.
    int listen_on_tcp() {
        redis.shut_down();
        for (int attempt = 0;; ++attempt) {
            const int port = free_port();
            try {
                redis.start_with({"--port", std::to_string(port), "--bind", "127.0.0.1"});
                return port;
            } catch (const std::runtime_error&) {
                if (attempt == 4) throw;
            }
        }
    }
};

TEST_F(RedisClientTest, SignsInOverTcpAndUsesItsDatabase) {
    const int port = listen_on_tcp();
    redis.command({"ACL", "SETUSER", "forum", "on", ">p@ss:word", "~*", "&*", "+@all"});
    const CapturedLog log;
    auto external = options();
    external.url = "redis://forum:p%40ss%3aword@127.0.0.1:" + std::to_string(port) + "/2";
    Worker worker(context, external);
    EXPECT_FALSE(wait_for(put(worker, "room:1", "a", "1")).failure);
    EXPECT_EQ(redis.command({"DBSIZE"}), "0");
    EXPECT_THAT(redis.command({"CLIENT", "LIST"}), HasSubstr("name=foorumi-test-w0-commands"));
    EXPECT_THAT(log.text(), HasSubstr("redis://forum@127.0.0.1"));
    EXPECT_THAT(log.text(), Not(HasSubstr("p@ss")));
    EXPECT_THAT(log.text(), Not(HasSubstr("p%40ss")));
}

TEST_F(RedisClientTest, PartitionsShareAsManyCommandConnectionsAsConfigured) {
    for (const std::size_t connections : {1U, 2U, 3U}) {
        auto some = options();
        some.connections = connections;
        Worker worker(context, some);
        for (const auto* channel : {"room:1", "room:2", "room:3"})
            EXPECT_FALSE(wait_for(put(worker, channel, "a", "1")).failure);
        const std::string list = redis.command({"CLIENT", "LIST"});
        std::size_t found = 0;
        for (auto at = list.find("-commands"); at != std::string::npos; at = list.find("-commands", at + 1)) ++found;
        EXPECT_EQ(found, std::min<std::size_t>(connections, some.partitions)) << "of " << connections;
        stop(worker);
    }
}

TEST_F(RedisClientTest, WrongPasswordMakesChangesUnavailableAndIsNotLogged) {
    const int port = listen_on_tcp();
    redis.command({"CONFIG", "SET", "requirepass", "right"});
    const CapturedLog log;
    auto external = options();
    external.url = "redis://:secret-but-wrong@127.0.0.1:" + std::to_string(port);
    external.change_deadline = std::chrono::milliseconds(300);
    Worker worker(context, external);
    EXPECT_EQ(wait_for(put(worker, "room:1", "a", "1")).failure, Failure::unavailable);
    EXPECT_THAT(log.text(), HasSubstr("AUTH refused: WRONGPASS"));
    EXPECT_THAT(log.text(), Not(HasSubstr("secret")));
}

TEST_F(RedisClientTest, ServerThatDoesNotAnswerIsLeftAndFoundAgain) {
    int ready = 0;
    int lost = 0;
    RedisClientOptions impatient;
    impatient.locator = always_at(*parse_endpoint(redis.url()));
    impatient.name = "test";
    impatient.reply_deadline = std::chrono::milliseconds(100);
    impatient.connect_deadline = std::chrono::milliseconds(100);
    RedisClient client(context, impatient, {.ready = [&] { ++ready; }, .lost = [&] { ++lost; }, .push = nullptr});
    client.start();
    run_until([&] { return ready == 1; });
    redis.freeze();
    std::vector<bool> answered;
    const std::vector<std::string_view> ping{"PING"};
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(client.send(ping, [&](const Reply* reply) {
            answered.push_back(reply != nullptr);
            EXPECT_EQ(lost, 0);
        }));
    }
    run_until([&] { return lost == 1; });
    EXPECT_EQ(answered, (std::vector<bool>{false, false, false}));
    EXPECT_FALSE(client.ready());
    EXPECT_FALSE(client.send(ping, [](const Reply*) { FAIL(); }));
    redis.thaw();
    run_until([&] { return ready == 2; });
    std::string pong;
    ASSERT_TRUE(client.send(ping, [&](const Reply* reply) { pong = reply->text(); }));
    run_until([&] { return !pong.empty(); });
    EXPECT_EQ(pong, "PONG");
}

TEST_F(RedisClientTest, CommandsBeyondTheBoundAreNotTaken) {
    RedisClientOptions bounded;
    bounded.locator = always_at(*parse_endpoint(redis.url()));
    bounded.name = "test";
    bounded.max_outstanding = 2;
    RedisClient client(context, bounded, {.ready = nullptr, .lost = nullptr, .push = nullptr});
    client.start();
    run_until([&] { return client.ready(); });
    int answers = 0;
    const std::vector<std::string_view> ping{"PING"};
    const auto count = [&](const Reply*) { ++answers; };
    EXPECT_TRUE(client.send(ping, count));
    EXPECT_TRUE(client.send(ping, count));
    EXPECT_FALSE(client.send(ping, count));
    run_until([&] { return answers == 2; });
    EXPECT_TRUE(client.send(ping, count));
    client.stop();
    EXPECT_FALSE(client.ready());
}

// A frozen server is the worst case for a store: everything under way is sent again, and done once.
TEST_F(RedisClientTest, FrozenRedisDelaysChangesAndLosesNone) {
    Worker worker(context, options());
    wait_for(put(worker, "room:1", "a", "1"));
    redis.freeze();
    std::vector<Answer<ChangeOutcome>> answers;
    for (int i = 0; i < 20; ++i) answers.push_back(increment(worker, "room:1", "n"));
    context.restart();
    while (context.poll_one() > 0) {
    }
    redis.thaw();
    for (const auto& answer : answers) EXPECT_FALSE(wait_for(answer).failure);
    EXPECT_EQ(state(worker, "room:1").at("n"), "20");
}

}  // namespace
}  // namespace foorumi::test
