// Holds the page of metrics and its list in tests/data/metrics.txt together.
#include "app/metrics_page.hpp"

#include <gmock/gmock.h>

#include <array>
#include <fstream>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <string_view>

#include "config/catalogue.hpp"

namespace foorumi::app {
namespace {

using testing::HasSubstr;

Figures sample_figures() {
    static const config::Catalogue catalogue;
    Figures figures{
        {}, 3, 2, 0, dispatch::Counts(catalogue), {}, {}, entrance::Counts{0, 0, 0, config::ReasonCounts(catalogue)}};
    figures.store.partitions = {{7, 70, false, true}, {2, 20, true, false}};
    return figures;
}

ProcessFacts sample_facts() { return {"foorumid 1.2.3", 2, true, 4, {1.5, 10, 20, 30, 40, 50.5}}; }

// "name type label,label", in the order of the page; labels of the first sample.
std::string families_of(const std::string& page) {
    std::istringstream lines(page);
    std::string families;
    std::string name, type;
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string hash, keyword;
        if (line.starts_with("# TYPE ")) words >> hash >> keyword >> name >> type;
        if (line.starts_with('#') || name.empty()) continue;
        families += name + ' ' + type;
        const auto open = line.find('{');
        char before = ' ';
        for (auto at = open; at != std::string::npos && line[at] != '}';) {
            const auto equals = line.find("=\"", at);
            families += before + line.substr(at + 1, equals - at - 1);
            before = ',';
            at = line.find('"', equals + 2) + 1;
        }
        families += '\n';
        name.clear();
    }
    return families;
}

TEST(MetricsPage, HasExactlyTheMetricsOfTheList) {
    std::ifstream file(FOORUMI_SOURCE_DIR "/tests/data/metrics.txt");
    const std::string listed{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(families_of(metrics_page(sample_figures(), sample_facts())), listed);
}

TEST(MetricsPage, NamesFollowTheConvention) {
    std::istringstream lines(families_of(metrics_page(sample_figures(), sample_facts())));
    for (std::string name, type, rest; lines >> name >> type && std::getline(lines, rest);) {
        EXPECT_TRUE(name.starts_with("foorumi_") || name.starts_with("process_")) << name;
        EXPECT_EQ(name.ends_with("_total"), type == "counter") << name;
    }
}

// Every value is another one.
Figures told_figures() {
    auto figures = sample_figures();
    auto& net = figures.net;
    net.accepted = 101, net.refused = 110, net.refused_as_too_many = 3, net.dropped = 4, net.handshake_timeouts = 105;
    figures.handshakes_waiting = 4;
    net.proxy_refusals = 106, net.tls_failures = 117, net.opened = 108, net.messages_in = 109, net.bytes_in = 111;
    net.items_out = 112, net.items_refused = 113, net.bytes_out = 114, net.writes = 115, net.writes_blocked = 116;
    figures.dispatch.requests.front() = 201;
    figures.dispatch.requests_without_row = 202;
    figures.dispatch.acknowledged = 10, figures.dispatch.repeated = 3;
    figures.dispatch.expired_messages = 11;
    figures.dispatch.acknowledgement.observe(std::chrono::milliseconds(1500));
    figures.dispatch.refused.count("rate_limited");
    figures.dispatch.ended.count("slow_reader");
    figures.openings = {301, 302};
    figures.store.pending = 401, figures.store.remembered = 408, figures.store.recent_bytes = 409;
    figures.store.feeds = {402, 403, 404};
    figures.store.tails = {16, 15, 405}, figures.store.commands = {4, 3, 406}, figures.store.ephemerals = {1, 0, 407};
    figures.entrance->signed_in = 501, figures.entrance->pending_code = 502, figures.entrance->pending_setup = 503;
    figures.entrance->refused.count("credentials_invalid");
    return figures;
}

constexpr auto told_lines =
    std::to_array<std::string_view>({"foorumi_build_info{version=\"1.2.3\"} 1",
                                     "foorumi_workers 2",
                                     "foorumi_draining 1",
                                     "foorumi_connections 3",
                                     "foorumi_sessions 2",
                                     "foorumi_handshakes_waiting 4",
                                     "foorumi_connections_accepted_total 101",
                                     "foorumi_connections_refused_total{reason=\"http_error\"} 107",
                                     "foorumi_connections_refused_total{reason=\"too_many_connections\"} 7",
                                     "foorumi_connections_refused_total{reason=\"handshake_timeout\"} 105",
                                     "foorumi_connections_refused_total{reason=\"proxy_header\"} 106",
                                     "foorumi_connections_refused_total{reason=\"tls\"} 117",
                                     "foorumi_sessions_opened_total 108",
                                     "foorumi_sessions_ended_total{reason=\"slow_reader\"} 1",
                                     "foorumi_sessions_ended_total{reason=\"peer_closed\"} 0",
                                     "foorumi_received_messages_total 109",
                                     "foorumi_received_bytes_total 111",
                                     "foorumi_outbox_items_total 112",
                                     "foorumi_outbox_refused_items_total 113",
                                     "foorumi_sent_bytes_total 114",
                                     "foorumi_socket_writes_total 115",
                                     "foorumi_socket_waits_total 116",
                                     "foorumi_requests_total{command=\"hello\"} 201",
                                     "foorumi_requests_total{command=\"other\"} 202",
                                     "foorumi_requests_refused_total{reason=\"rate_limited\"} 1",
                                     "foorumi_changes_acknowledged_total{repeated=\"no\"} 7",
                                     "foorumi_changes_acknowledged_total{repeated=\"yes\"} 3",
                                     "foorumi_expired_messages_total 11",
                                     "foorumi_change_acknowledgement_seconds_bucket{le=\"1\"} 0",
                                     "foorumi_change_acknowledgement_seconds_bucket{le=\"2\"} 1",
                                     "foorumi_change_acknowledgement_seconds_sum 1.5",
                                     "foorumi_store_pending 401",
                                     "foorumi_syncs 301",
                                     "foorumi_syncs_waiting 302",
                                     "foorumi_syncs_remembered_total 408",
                                     "foorumi_recent_changes_bytes 409",
                                     "foorumi_feed_losses_total 402",
                                     "foorumi_feed_epochs_total 403",
                                     "foorumi_feed_gaps_total 404",
                                     "foorumi_feed_released_positions 90",
                                     "foorumi_partition_held{partition=\"2\"} 1",
                                     "foorumi_partition_held{partition=\"7\"} 0",
                                     "foorumi_partition_replicas_missing{partition=\"2\"} 0",
                                     "foorumi_partition_replicas_missing{partition=\"7\"} 1",
                                     "foorumi_partitions_without_replicas 1",
                                     "foorumi_redis_connections{role=\"tail\"} 16",
                                     "foorumi_redis_connections_up{role=\"commands\"} 3",
                                     "foorumi_redis_connections_up{role=\"ephemerals\"} 0",
                                     "foorumi_redis_connections_lost_total{role=\"tail\"} 405",
                                     "foorumi_redis_connections_lost_total{role=\"ephemerals\"} 407",
                                     "foorumi_sign_ins_total{outcome=\"done\"} 501",
                                     "foorumi_sign_ins_total{outcome=\"code\"} 502",
                                     "foorumi_sign_ins_total{outcome=\"setup\"} 503",
                                     "foorumi_calls_refused_total{reason=\"credentials_invalid\"} 1",
                                     "foorumi_password_hashes_pending 4",
                                     "process_cpu_seconds_total 1.5",
                                     "process_resident_memory_bytes 10",
                                     "process_virtual_memory_bytes 20",
                                     "process_open_fds 30",
                                     "process_max_fds 40",
                                     "process_start_time_seconds 50.5"});

TEST(MetricsPage, TellsEachValueUnderItsName) {
    const auto page = metrics_page(told_figures(), sample_facts());
    for (const auto line : told_lines) EXPECT_THAT(page, HasSubstr('\n' + std::string(line) + '\n'));
}

TEST(MetricsPage, HasARowForEachCommand) {
    const auto page = metrics_page(sample_figures(), sample_facts());
    for (const auto& row : dispatch::command_table())
        EXPECT_THAT(page, HasSubstr("\nfoorumi_requests_total{command=\"" + std::string(row.name) + "\"} 0\n"));
}

// Series -> value, of those that are made of the workers' figures.
std::map<std::string, double> told_by_workers(const std::string& page) {
    std::map<std::string, double> values;
    std::istringstream lines(page);
    for (std::string series, value; lines >> series >> value;) {
        const bool of_the_process = series.starts_with("process_") || series.starts_with("foorumi_build_info") ||
                                    series == "foorumi_workers" || series == "foorumi_draining" ||
                                    series == "foorumi_password_hashes_pending";
        if (series != "#" && !of_the_process) values[series] = std::stod(value);
        lines.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    }
    return values;
}

TEST(FiguresOfWorkers, TwoOfTheSameAreTwiceAsMuch) {
    auto sum = told_figures();
    sum.store.partitions.clear();
    const auto once = told_by_workers(metrics_page(sum, sample_facts()));
    const auto other = sum;
    sum += other;
    const auto twice = told_by_workers(metrics_page(sum, sample_facts()));
    ASSERT_EQ(once.size(), twice.size());
    EXPECT_GT(once.size(), 100U);
    for (const auto& [series, value] : once) {
        // One worker has the entrance.
        const bool of_one =
            series.starts_with("foorumi_sign_ins_total") || series.starts_with("foorumi_calls_refused_total");
        EXPECT_EQ(twice.at(series), (of_one ? 1 : 2) * value) << series;
    }
}

TEST(FiguresOfWorkers, AreAddedUp) {
    auto sum = sample_figures();
    auto other = sample_figures();
    sum.handshakes_waiting = 1, other.handshakes_waiting = 2;
    sum.net.accepted = 1, other.net.accepted = 2;
    sum.dispatch.requests.back() = 3, other.dispatch.requests.back() = 4;
    sum.openings = {1, 2}, other.openings = {3, 4};
    sum.store.pending = 5, other.store.pending = 6;
    sum.store.remembered = 1, other.store.remembered = 2;
    sum.store.recent_bytes = 3, other.store.recent_bytes = 4;
    sum.store.tails = {1, 1, 1}, other.store.tails = {2, 1, 3};
    sum.entrance.reset();
    other.entrance->signed_in = 9;
    other.store.partitions = {{1, 10, false, false}};
    sum += other;
    EXPECT_EQ(sum.connections, 6U);
    EXPECT_EQ(sum.sessions, 4U);
    EXPECT_EQ(sum.handshakes_waiting, 3U);
    EXPECT_EQ(sum.net.accepted, 3U);
    EXPECT_EQ(sum.dispatch.requests.back(), 7U);
    EXPECT_EQ(sum.openings.under_way, 4U);
    EXPECT_EQ(sum.openings.waiting, 6U);
    EXPECT_EQ(sum.store.pending, 11U);
    EXPECT_EQ(sum.store.remembered, 3U);
    EXPECT_EQ(sum.store.recent_bytes, 7U);
    EXPECT_EQ(sum.store.tails.count, 3U);
    EXPECT_EQ(sum.store.tails.up, 2U);
    EXPECT_EQ(sum.store.tails.lost, 4U);
    EXPECT_EQ(sum.store.partitions.size(), 3U);
    ASSERT_TRUE(sum.entrance);
    EXPECT_EQ(sum.entrance->signed_in, 9U);
}

}  // namespace
}  // namespace foorumi::app
