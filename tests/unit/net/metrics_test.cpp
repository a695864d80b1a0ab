// What the listener for metrics serves, and that no other one serves it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/net/call_server.hpp"

namespace foorumi::test {
namespace {

using testing::HasSubstr;

net::Options for_metrics() {
    net::Options options = test_options();
    options.metrics_only = true;
    options.http.body_bytes = 0;
    options.max_connections = options.max_connections_per_address = 2;
    return options;
}

struct MetricsServer : CallServer {
    MetricsServer() : CallServer(for_metrics()) { answer = {200, "page\n", {}, 0, "text/plain; version=0.0.4"}; }
};

std::string asking(std::string_view method, std::string_view target = "/metrics", std::string_view fields = "") {
    return std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(fields) +
           "\r\n";
}

TEST(MetricsListener, AnswersGetWithWhatTheServiceMakes) {
    MetricsServer server;
    for (const auto* target : {"/metrics", "/metrics?name=x"}) {
        const HttpAnswer answer = ask(server, asking("GET", target));
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, "page\n");
        EXPECT_THAT(answer.head, HasSubstr("Content-Type: text/plain; version=0.0.4\r\n"));
    }
}

TEST(MetricsListener, AnswersHeadWithTheSameHeadersAndNoBody) {
    MetricsServer server;
    const HttpAnswer answer = ask(server, asking("HEAD"));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "");
    EXPECT_THAT(answer.head, HasSubstr("Content-Length: 5\r\n"));
    const HttpAnswer refused = ask(server, asking("HEAD", "/metrics", "Content-Length: 1\r\n") + "x");
    EXPECT_EQ(refused.status, 413);
    EXPECT_EQ(refused.body, "");
}

struct OtherRequest {
    const char* name;
    std::string request;
    int status;
};

std::vector<OtherRequest> other_requests() {
    return {
        {"Root", asking("GET", "/"), 404},
        {"WebSocket", RawClient::upgrade_request(), 404},
        {"Health", asking("GET", "/healthz"), 404},
        {"Call", post(json_type, ""), 404},
        {"LongerPath", asking("GET", "/metrics/x"), 404},
        {"OtherCase", asking("GET", "/Metrics"), 404},
        {"Post", post("", "", "/metrics"), 405},
        {"Options", asking("OPTIONS"), 405},
        {"Body", asking("GET", "/metrics", "Content-Length: 1\r\n") + "x", 413},
        {"Garbage", "\x16\x03\x01 not HTTP\r\n\r\n", 400},
        {"NoVersion", "GET /metrics\r\n\r\n", 400},
        {"LongHeader", asking("GET", "/metrics", "X: " + std::string(8 * 1024, 'x') + "\r\n"), 431},
    };
}

class MetricsRefused : public testing::TestWithParam<OtherRequest> {};

TEST_P(MetricsRefused, IsAnsweredWithoutTheService) {
    MetricsServer server;
    const HttpAnswer answer = ask(server, GetParam().request);
    EXPECT_EQ(answer.status, GetParam().status);
    EXPECT_EQ(answer.head.find("Allow: GET, HEAD\r\n") != std::string::npos, answer.status == 405);
    EXPECT_FALSE(server.run([&] { return server.call.has_value(); }));
}

INSTANTIATE_TEST_SUITE_P(Table, MetricsRefused, testing::ValuesIn(other_requests()),
                         [](const auto& row) { return row.param.name; });

TEST(MetricsListener, RefusesOneConnectionMoreThanThereMayBeAndCountsIt) {
    MetricsServer server;
    const auto accepted = [&] { return server.net().statistics().accepted; };
    RawClient first(server.port());
    {
        const RawClient second(server.port());
        server.until([&] { return accepted() == 2; });
        EXPECT_EQ(ask(server, asking("GET")).status, 503);
        EXPECT_EQ(server.run([&] { return server.net().statistics().refused_as_too_many; }), 1U);
    }
    server.until([&] { return server.listener().budget().admitted() == 1; });
    EXPECT_EQ(ask(server, asking("GET")).status, 200);
    EXPECT_EQ(first.http(asking("GET")).status, 200);
}

TEST(MetricsListener, EndsASilentClientAtItsDeadlineAndServesOthersMeanwhile) {
    MetricsServer server;
    server.stop_clock();
    RawClient silent(server.port());
    silent.send("GET /metr");
    server.until([&] { return server.net().connections() == 1; });
    EXPECT_EQ(ask(server, asking("GET")).status, 200);
    server.until([&] { return server.net().connections() == 1; });
    server.advance(std::chrono::milliseconds(test_options().handshake_timeout_ms + 1));
    EXPECT_TRUE(silent.read_to_end());
    EXPECT_EQ(server.run([&] { return server.net().statistics().handshake_timeouts; }), 1U);
}

TEST(MetricsListener, TakesNoPlaceOfThePageWhereItComesTooLate) {
    MetricsServer server;
    server.stop_clock();
    server.at_once = false;
    RawClient client(server.port());
    client.send(asking("GET"));
    server.until([&] { return server.call.has_value(); });
    server.advance(std::chrono::milliseconds(test_options().handshake_timeout_ms + 1));
    EXPECT_TRUE(client.read_to_end());
    server.run([&] { server.done(server.answer); });
    server.until([&] { return server.net().connections() == 0; });
}

TEST(MembersListener, HasNoMetrics) {
    CallServer server;
    for (const std::string_view method : {"GET", "HEAD", "POST"}) {
        const auto metrics = ask(server, asking(method));
        const auto unknown = ask(server, asking(method, "/no-such-path"));
        EXPECT_EQ(metrics.status, 404);
        EXPECT_EQ(metrics.head, unknown.head);
        EXPECT_EQ(metrics.body, unknown.body);
        EXPECT_EQ(metrics.body.empty(), method == "HEAD");
    }
    EXPECT_FALSE(server.run([&] { return server.call.has_value(); }));
}

}  // namespace
}  // namespace foorumi::test
