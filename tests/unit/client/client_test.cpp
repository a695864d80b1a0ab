// The client against a server of a few lines on loopback: real sockets, real breaks.
#include "client/client.hpp"

#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <thread>

namespace foorumi::client {
namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using foorumi::v1::ClientFrame;
using foorumi::v1::Error;
using foorumi::v1::Item;
using foorumi::v1::Request;
using foorumi::v1::ServerFrame;

constexpr auto deadline = std::chrono::seconds(30);

// One connection at a time, each handled by the next script, on a thread of its own.
class FakeServer {
   public:
    class Connection {
       public:
        explicit Connection(asio::ip::tcp::socket socket) : stream_(std::move(socket)) {}

        bool accept(const char* subprotocol = "foorumi.v1") {
            stream_.set_option(websocket::stream_base::decorator([subprotocol](websocket::response_type& response) {
                if (*subprotocol != 0) response.set(boost::beast::http::field::sec_websocket_protocol, subprotocol);
            }));
            error_code error;
            stream_.accept(error);
            stream_.binary(true);
            return !error;
        }

        // The next request; an empty one when the client has gone.
        Request next() {
            while (read_.empty()) {
                boost::beast::flat_buffer buffer;
                error_code error;
                stream_.read(buffer, error);
                if (error) return {};
                ClientFrame frame;
                EXPECT_TRUE(frame.ParseFromString(boost::beast::buffers_to_string(buffer.data())));
                for (const auto& request : frame.requests()) read_.push_back(request);
            }
            Request request = read_.front();
            read_.pop_front();
            return request;
        }

        void send(const Item& item) {
            ServerFrame frame;
            *frame.add_items() = item;
            send_bytes(frame.SerializeAsString());
        }
        void send_bytes(const std::string& bytes) {
            error_code ignored;
            stream_.write(asio::buffer(bytes), ignored);
        }

        bool greet() {
            if (!accept()) return false;
            const Request hello = next();
            EXPECT_EQ(hello.hello().token(), "secret");
            EXPECT_EQ(hello.hello().language(), "sv");
            Item item;
            item.mutable_response()->set_id(hello.id());
            auto& welcome = *item.mutable_response()->mutable_welcome();
            welcome.set_now_ms(5'000'000);
            welcome.mutable_limits()->set_requests_per_second(1'000);
            welcome.mutable_limits()->set_requests_per_frame(8);
            send(item);
            return true;
        }

        void commit(const Request& request, std::uint64_t version) {
            Item item;
            item.mutable_response()->set_id(request.id());
            item.mutable_response()->mutable_committed()->set_version(version);
            send(item);
        }

        // Until the client goes.
        void stay() {
            while (next().id() != 0) {
            }
        }

       private:
        websocket::stream<asio::ip::tcp::socket, false> stream_;
        std::deque<Request> read_;
    };
    using Script = std::function<void(Connection&)>;

    explicit FakeServer(std::vector<Script> scripts)
        : acceptor_(io_, {asio::ip::make_address("127.0.0.1"), 0}), thread_([this, scripts = std::move(scripts)] {
              for (const auto& script : scripts) {
                  error_code error;
                  auto socket = acceptor_.accept(error);
                  if (error) return;
                  Connection connection(std::move(socket));
                  script(connection);
              }
          }) {}
    ~FakeServer() { thread_.join(); }
    FakeServer(const FakeServer&) = delete;
    FakeServer& operator=(const FakeServer&) = delete;

    [[nodiscard]] Url url() const { return {"127.0.0.1", std::to_string(acceptor_.local_endpoint().port()), "/"}; }

   private:
    asio::io_context io_;
    asio::ip::tcp::acceptor acceptor_;
    std::thread thread_;
};

using Connection = FakeServer::Connection;

class Recorder : public Listener {
   public:
    void on_welcome(const foorumi::v1::Welcome&, bool again) override {
        ++welcomes;
        if (again) ++returns;
        if (welcomed) welcomed();
    }
    void on_lost(const ConnectionEnd&, std::int64_t) override { ++losses; }
    void on_failed(const std::optional<Error>& given, const ConnectionEnd& end_of_it) override {
        failed = true;
        refusal = given;
        why = end_of_it.detail;
        if (end) end();
    }
    void on_change(const foorumi::v1::Change& change) override { versions.push_back(change.version()); }
    void on_synced(const foorumi::v1::Synced& synced) override {
        versions.push_back(synced.version());
        if (on_version) on_version();
    }

    int welcomes = 0;
    int returns = 0;
    int losses = 0;
    bool failed = false;
    std::optional<Error> refusal;
    std::string why;
    std::vector<std::uint64_t> versions;
    std::function<void()> welcomed;
    std::function<void()> on_version;
    std::function<void()> end;
};

class ClientTest : public testing::Test {
   protected:
    ClientTest() {
        recorder.end = [this] { finish(); };
    }

    void start(const Url& url) {
        client.emplace(io, Client::Settings{.url = url, .token = "secret", .language = "sv", .window = 8}, recorder);
        client->start();
    }

    void finish() {
        finished = true;
        io.stop();
    }

    // Until finish().
    void run() {
        io.run_for(deadline);
        EXPECT_TRUE(finished) << "in time";
        client->stop();
        io.restart();
        io.run_for(std::chrono::milliseconds(200));
    }

    static Request post(const std::string& change_id) {
        Request request;
        request.set_change_id(change_id);
        request.mutable_post_message()->set_text("hei");
        return request;
    }

    asio::io_context io;
    Recorder recorder;
    std::optional<Client> client;
    bool finished = false;
};

TEST_F(ClientTest, NobodyListeningIsAFailureWithoutRefusal) {
    asio::ip::tcp::acceptor unused(io, {asio::ip::make_address("127.0.0.1"), 0});
    const auto port = unused.local_endpoint().port();
    unused.close();
    start({"127.0.0.1", std::to_string(port), "/"});
    run();
    EXPECT_TRUE(recorder.failed);
    EXPECT_FALSE(recorder.refusal);
    EXPECT_FALSE(recorder.why.empty());
}

TEST_F(ClientTest, AServerOfAnotherProtocolIsAFailure) {
    FakeServer server({[](Connection& connection) { EXPECT_TRUE(connection.accept("other.v1")); }});
    start(server.url());
    run();
    EXPECT_TRUE(recorder.failed);
    EXPECT_NE(recorder.why.find("foorumi.v1"), std::string::npos);
}

TEST_F(ClientTest, AWrongTokenIsARefusal) {
    FakeServer server({[](Connection& connection) {
        ASSERT_TRUE(connection.accept());
        Item item;
        item.mutable_response()->set_id(connection.next().id());
        item.mutable_response()->mutable_error()->set_code(Error::CODE_UNAUTHENTICATED);
        connection.send(item);
        connection.stay();
    }});
    start(server.url());
    run();
    ASSERT_TRUE(recorder.refusal);
    EXPECT_EQ(recorder.refusal->code(), Error::CODE_UNAUTHENTICATED);
}

TEST_F(ClientTest, AnUnansweredChangeIsRepeatedOnTheNextConnectionAsItWas) {
    Request first;
    Request second;
    FakeServer server({[&](Connection& connection) {
                           ASSERT_TRUE(connection.greet());
                           first = connection.next();  // and the connection is gone
                       },
                       [&](Connection& connection) {
                           ASSERT_TRUE(connection.greet());
                           second = connection.next();
                           connection.commit(second, 77);
                           connection.stay();
                       }});
    start(server.url());
    std::uint64_t version = 0;
    client->request(post("0123456789abcdef"), [&](const Answer& answer) {
        version = answer.response.committed().version();
        finish();
    });
    run();
    EXPECT_EQ(version, 77U);
    EXPECT_EQ(first.SerializeAsString(), second.SerializeAsString());
    EXPECT_GE(first.made_at_ms(), 5'000'000) << "by the server's clock";
    EXPECT_LT(first.made_at_ms(), 5'060'000);
    EXPECT_EQ(recorder.losses, 1);
    EXPECT_EQ(recorder.returns, 1);
}

TEST_F(ClientTest, ManyRequestsAreAnsweredInOrder) {
    constexpr std::uint64_t count = 100;
    FakeServer server({[](Connection& connection) {
        ASSERT_TRUE(connection.greet());
        for (std::uint64_t i = 1; i <= count; ++i) connection.commit(connection.next(), i);
        connection.stay();
    }});
    start(server.url());
    std::vector<std::uint64_t> versions;
    for (std::uint64_t i = 1; i <= count; ++i) {
        client->request(post("change " + std::to_string(i)), [&](const Answer& answer) {
            versions.push_back(answer.response.committed().version());
            if (versions.size() == count) finish();
        });
    }
    run();
    ASSERT_EQ(versions.size(), count);
    for (std::uint64_t i = 1; i <= count; ++i) EXPECT_EQ(versions[i - 1], i);
}

TEST_F(ClientTest, AChannelGoesOnAfterAGarbledFrame) {
    const auto synced = [](Connection& connection, std::uint64_t version) {
        const Request subscribe = connection.next();
        Item item;
        item.mutable_synced()->set_channel("room:1");
        item.mutable_synced()->set_generation(subscribe.subscribe().cursors(0).generation());
        item.mutable_synced()->set_since(subscribe.subscribe().cursors(0).since());
        item.mutable_synced()->set_version(version);
        connection.send(item);
        return subscribe.subscribe().cursors(0).since();
    };
    FakeServer server({[&](Connection& connection) {
                           ASSERT_TRUE(connection.greet());
                           EXPECT_EQ(synced(connection, 5), 3U);
                           connection.send_bytes("\xff\xff\xff");
                           connection.stay();
                       },
                       [&](Connection& connection) {
                           ASSERT_TRUE(connection.greet());
                           EXPECT_EQ(synced(connection, 9), 5U);
                           connection.stay();
                       }});
    start(server.url());
    recorder.on_version = [this] {
        if (recorder.versions.size() == 2) finish();
    };
    client->subscribe("room:1", 3);
    run();
    EXPECT_EQ(recorder.versions, (std::vector<std::uint64_t>{5, 9}));
}

TEST_F(ClientTest, StoppingLeavesWhatIsNotAnsweredToBeAskedFor) {
    FakeServer server({[](Connection& connection) {
        ASSERT_TRUE(connection.greet());
        EXPECT_EQ(connection.next().change_id(), "0123456789abcdef");
        connection.stay();
    }});
    start(server.url());
    recorder.welcomed = [this] {
        client->request(post("0123456789abcdef"), [](const Answer&) { FAIL() << "nobody answered"; });
        asio::post(io, [this] { finish(); });
    };
    run();
    ASSERT_EQ(client->pending().size(), 1U);
    EXPECT_EQ(RequestQueue::fate(client->pending().front()), RequestQueue::Fate::unknown);
}

}  // namespace
}  // namespace foorumi::client
