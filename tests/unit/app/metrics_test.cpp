// The listener for metrics with workers that answer, or stand still.
#include "app/metrics.hpp"

#include <gmock/gmock.h>

#include <memory>

#include "config/catalogue.hpp"
#include "unit/net/raw_client.hpp"

namespace foorumi::app {
namespace {

using testing::HasSubstr;

constexpr auto asking = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";

class MetricsOfWorkers : public testing::Test {
   protected:
    static dispatch::Settings settings() {
        dispatch::Settings settings;
        settings.workers = 2;
        settings.server = "foorumid 1.2.3";
        return settings;
    }
    test::HttpAnswer ask() { return test::RawClient(metrics_.port()).http(asking); }

    Clock clock_;
    config::Catalogue catalogue_;
    std::atomic<bool> second_stands_still_ = false;
    dispatch::Shared shared_{settings(),
                             clock_,
                             catalogue_,
                             {},
                             {},
                             [this](std::uint16_t worker, const std::function<void(dispatch::Worker&)>& task) {
                                 if (worker == 0 || !second_stands_still_) task(*worker_);
                             },
                             {}};
    std::unique_ptr<dispatch::Worker> worker_ = std::make_unique<dispatch::Worker>(0, shared_, nullptr);
    Metrics metrics_{
        {.listen = "127.0.0.1:0", .connections = 2, .timeout_ms = 5'000, .workers_ms = 100},
        shared_,
        [this](dispatch::Worker&) { return Figures{{}, 1, 2, 0, dispatch::Counts(catalogue_), {}, {}, std::nullopt}; },
        [] { return std::uint64_t{3}; }};
};

TEST_F(MetricsOfWorkers, AreTheSumOfAll) {
    const auto answer = ask();
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(answer.head, HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    EXPECT_THAT(answer.body, HasSubstr("\nfoorumi_connections 2\n"));
    EXPECT_THAT(answer.body, HasSubstr("\nfoorumi_sessions 4\n"));
    EXPECT_THAT(answer.body, HasSubstr("\nfoorumi_workers 2\n"));
    EXPECT_THAT(answer.body, HasSubstr("\nfoorumi_draining 0\n"));
    shared_.stopping = true;
    EXPECT_THAT(ask().body, HasSubstr("\nfoorumi_draining 1\n"));
}

TEST_F(MetricsOfWorkers, AreUnavailableWhileOneStandsStill) {
    second_stands_still_ = true;
    const auto answer = ask();
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.body, "a worker does not answer\n");
}

TEST_F(MetricsOfWorkers, AreNotServedAnyMoreOnceStopped) {
    test::RawClient waiting(metrics_.port());
    metrics_.stop();
    metrics_.stop();
}

TEST(MetricsAddress, ThatIsTakenIsAnError) {
    Clock clock;
    const config::Catalogue catalogue;
    dispatch::Shared shared{{}, clock, catalogue, {}, {}, {}, {}};
    config::MetricsOptions options;
    options.listen = "127.0.0.1:0";
    const auto figures = [&catalogue](dispatch::Worker&) {
        return Figures{{}, 0, 0, 0, dispatch::Counts(catalogue), {}, {}, std::nullopt};
    };
    const Metrics first(options, shared, figures, [] { return std::uint64_t{0}; });
    options.listen = "127.0.0.1:" + std::to_string(first.port());
    EXPECT_THROW(Metrics(options, shared, figures, [] { return std::uint64_t{0}; }), boost::system::system_error);
}

}  // namespace
}  // namespace foorumi::app
