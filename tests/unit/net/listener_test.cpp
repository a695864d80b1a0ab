#include "net/listener.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <boost/system/system_error.hpp>

#include "unit/net/raw_client.hpp"
#include "unit/net/test_server.hpp"

namespace foorumi::test {
namespace {

using testing::HasSubstr;

HttpAnswer try_handshake(std::uint16_t port, const char* from = "127.0.0.1") {
    RawClient client(port, 0, from);
    return client.http(RawClient::upgrade_request());
}

TEST(Listener, ConnectionsGoToTheWorkersInTurn) {
    TestServer server(test_options(), 2);
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 6; ++i) {
        clients.push_back(std::make_unique<RawClient>(server.port()));
        clients.back()->open();
        EXPECT_EQ(server.expect("opened").worker, static_cast<std::size_t>(i % 2));
    }
    for (const std::size_t worker : {0U, 1U}) {
        EXPECT_EQ(server.run([&] { return server.net(worker).connections(); }, worker), 3U);
    }
}

TEST(Listener, ConnectionOverTheLimitGets503AndThePlaceIsGivenBack) {
    net::Options options = test_options();
    options.max_connections = 2;
    TestServer server(options, 2);
    RawClient first(server.port()), second(server.port());
    first.open();
    second.open();
    server.opened();
    server.opened();
    const HttpAnswer answer = try_handshake(server.port());
    EXPECT_EQ(answer.status, 503);
    EXPECT_THAT(answer.head, HasSubstr("Retry-After: 5\r\n"));
    EXPECT_THAT(answer.body, HasSubstr("too many connections"));
    EXPECT_EQ(RawClient(server.port()).http("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
    first.close();
    server.expect("closed");
    EXPECT_EQ(try_handshake(server.port()).status, 101);
}

TEST(Listener, MoreThanCanBeToldSoAreDroppedAndCounted) {
    net::Options options = test_options();
    options.max_connections = 1;
    TestServer server(options);
    constexpr std::size_t answered = 64;  // by default, of ConnectionBudget
    std::vector<std::unique_ptr<RawClient>> silent;
    for (std::size_t i = 0; i < 1 + answered; ++i) silent.push_back(std::make_unique<RawClient>(server.port()));
    server.until([&] { return server.net().connections() == 1 + answered; });
    EXPECT_EQ(server.run([&] { return server.listener().dropped(); }), 0U);
    RawClient(server.port()).read_to_end();
    EXPECT_EQ(server.run([&] { return server.listener().dropped(); }), 1U);
}

TEST(Listener, LimitPerAddressLeavesOtherAddressesIn) {
    net::Options options = test_options();
    options.max_connections_per_address = 1;
    TestServer server(options);
    RawClient first(server.port());
    first.open();
    EXPECT_EQ(try_handshake(server.port()).status, 503);
    EXPECT_EQ(try_handshake(server.port(), "127.0.0.2").status, 101);
}

TEST(Listener, StopClosesThePortAndLeavesConnections) {
    TestServer server;
    RawClient client(server.port());
    client.open();
    net::Connection& connection = server.opened();
    server.run([&] { server.listener().stop(); });
    EXPECT_THROW(RawClient(server.port()), std::system_error);
    EXPECT_TRUE(server.run([&] { return connection.send(make_item("still here"), net::Priority::reliable); }));
    EXPECT_EQ(client.frame().payload, "still here");
}

TEST(Listener, AddressInUseThrows) {
    TestServer server;
    net::Options options = test_options();
    options.port = server.port();
    boost::asio::io_context context;
    EXPECT_THROW(net::Listener(context, {}, options), boost::system::system_error);
}

TEST(Listener, GoesOnAfterItWasOutOfDescriptors) {
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "the undefined behaviour sanitizer needs descriptors for its own checks";
#endif
    TestServer server;
    RawClient waiting(0);  // has its descriptor before there are no more
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit none{0, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    waiting.connect(server.port());
    server.run([] {});
    server.run([] {});  // by now the listener has tried
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    waiting.open();
    server.opened();
}

TEST(WorkerNet, CloseAllSaysTheLastWordToEveryoneAndTellsWhenEmpty) {
    TestServer server;
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 3; ++i) {
        clients.push_back(std::make_unique<RawClient>(server.port()));
        clients.back()->open();
        server.opened();
    }
    RawClient in_handshake(server.port());
    in_handshake.send("GET /");
    while (server.run([&] { return server.net().connections(); }) < 4) std::this_thread::yield();
    std::promise<void> empty;
    server.run([&] {
        server.net().close_all(net::CloseCode::going_away, "restart", make_item("draining"));
        server.net().when_empty([&] { empty.set_value(); });
    });
    in_handshake.read_to_end();
    for (auto& client : clients) {
        EXPECT_EQ(client->frame().payload, "draining");
        EXPECT_EQ(client->frame().code(), 1001);
        client->send(encode_close(1001));
    }
    ASSERT_EQ(empty.get_future().wait_for(deadline), std::future_status::ready);
    EXPECT_EQ(try_handshake(server.port()).status, 503);
}

TEST(WorkerNet, WhenEmptyIsToldWithoutConnectionsToo) {
    TestServer server;
    std::promise<void> empty;
    server.run([&] { server.net().when_empty([&] { empty.set_value(); }); });
    EXPECT_EQ(empty.get_future().wait_for(deadline), std::future_status::ready);
}

TEST(ConnectionBudget, CountIsRightWhateverTheThreadsDo) {
    const auto budget = std::make_shared<net::ConnectionBudget>(50, 30, 4);
    std::atomic<bool> over = false;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&budget, &over, t] {
            const auto address = boost::asio::ip::make_address(t % 2 == 0 ? "10.0.0.1" : "::ffff:10.0.0.2");
            const auto counted = boost::asio::ip::make_address(t % 2 == 0 ? "10.0.0.1" : "10.0.0.2");
            std::vector<net::Ticket> held;
            for (int i = 0; i < 5000; ++i) {
                held.push_back(budget->admit(address));
                if (budget->admitted() > 50 || budget->admitted_from(counted) > 30) over = true;
                if (held.size() > 40) held.erase(held.begin(), held.begin() + 20);
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_FALSE(over);
    EXPECT_EQ(budget->admitted(), 0U);
    std::vector<net::Ticket> held;
    for (int i = 0; i < 35; ++i) held.push_back(budget->admit(boost::asio::ip::make_address("10.0.0.1")));
    EXPECT_EQ(held[29].verdict(), net::Ticket::Verdict::admitted);
    EXPECT_EQ(held[30].verdict(), net::Ticket::Verdict::answer);
    EXPECT_EQ(held[34].verdict(), net::Ticket::Verdict::drop);
}

}  // namespace
}  // namespace foorumi::test
