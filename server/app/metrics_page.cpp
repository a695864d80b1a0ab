#include "app/metrics_page.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "dispatch/command_table.hpp"
#include "observability/exposition.hpp"

namespace foorumi::app {
namespace {

using observability::Exposition;
using observability::MetricType;
constexpr auto counter = MetricType::counter;
constexpr auto gauge = MetricType::gauge;

void add_by_reason(Exposition& out, std::string_view name, std::string_view help, const config::ReasonCounts& counts) {
    out.family(name, counter, help);
    for (const auto& row : counts.rows()) out.sample({{"reason", row.reason}}, row.count);
}

void add_server(Exposition& out, const ProcessFacts& facts) {
    out.family("foorumi_build_info", gauge, "Always 1; the label tells the version.");
    out.sample({{"version", std::string_view(facts.server).substr(facts.server.rfind(' ') + 1)}}, 1);
    out.single("foorumi_workers", gauge, "Worker threads.", facts.workers);
    out.single("foorumi_draining", gauge, "1 from when the server has been asked to stop.", facts.draining ? 1 : 0);
}

void add_connections(Exposition& out, const Figures& figures) {
    const auto& net = figures.net;
    out.single("foorumi_connections", gauge, "Open connections, those in their handshake included.",
               figures.connections);
    out.single("foorumi_sessions", gauge, "Open WebSockets.", figures.sessions);
    out.single("foorumi_handshakes_waiting", gauge, "Newcomers that wait for their turn.", figures.handshakes_waiting);
    out.single("foorumi_connections_accepted_total", counter, "Connections accepted.", net.accepted);
    out.family("foorumi_connections_refused_total", counter,
               "Connections that were answered with an HTTP error, or ended before a WebSocket was open.");
    out.sample({{"reason", "http_error"}}, net.refused - net.refused_as_too_many);
    out.sample({{"reason", "too_many_connections"}}, net.refused_as_too_many + net.dropped);
    out.sample({{"reason", "handshake_timeout"}}, net.handshake_timeouts);
    out.sample({{"reason", "proxy_header"}}, net.proxy_refusals);
    out.sample({{"reason", "tls"}}, net.tls_failures);
    out.single("foorumi_sessions_opened_total", counter, "WebSockets opened.", net.opened);
    add_by_reason(out, "foorumi_sessions_ended_total", "WebSockets that have ended, or begun to be closed.",
                  figures.dispatch.ended);
}

void add_traffic(Exposition& out, const net::Statistics& net) {
    out.single("foorumi_received_messages_total", counter, "Whole WebSocket messages received.", net.messages_in);
    out.single("foorumi_received_bytes_total", counter, "Payload of WebSocket messages received.", net.bytes_in);
    out.single("foorumi_outbox_items_total", counter, "Items put into outboxes.", net.items_out);
    out.single("foorumi_outbox_refused_items_total", counter,
               "Items that an outbox did not take: it was full, or its session closing.", net.items_refused);
    out.single("foorumi_sent_bytes_total", counter, "Bytes written to WebSockets, frame headers included.",
               net.bytes_out);
    out.single("foorumi_socket_writes_total", counter, "Writes to WebSockets' sockets.", net.writes);
    out.single("foorumi_socket_waits_total", counter, "Waits for a socket to take more.", net.writes_blocked);
}

void add_requests(Exposition& out, const dispatch::Counts& counts) {
    out.family("foorumi_requests_total", counter, "Requests, refused ones included; other: unknown ones.");
    for (std::size_t row = 0; row < counts.requests.size(); ++row)
        out.sample({{"command", dispatch::command_table()[row].name}}, counts.requests[row]);
    out.sample({{"command", "other"}}, counts.requests_without_row);
    add_by_reason(out, "foorumi_requests_refused_total", "Requests, and channels of a subscribe, refused.",
                  counts.refused);
    out.family("foorumi_changes_acknowledged_total", counter,
               "Changes acknowledged; repeated: done before under the same change id.");
    out.sample({{"repeated", "no"}}, counts.acknowledged - counts.repeated);
    out.sample({{"repeated", "yes"}}, counts.repeated);
    out.single("foorumi_expired_messages_total", counter, "Messages deleted for good by their room's retention.",
               counts.expired_messages);
    out.family("foorumi_change_acknowledgement_seconds", MetricType::histogram,
               "Time from when a change begins to be handled to its acknowledgement.");
    out.sample(counts.acknowledgement);
}

void add_store(Exposition& out, const Figures& figures) {
    out.single("foorumi_store_pending", gauge, "Changes and reads that wait for Redis or are under way.",
               figures.store.pending);
    out.single("foorumi_syncs", gauge, "Channels that are being read for who subscribes or resumes.",
               figures.openings.under_way);
    out.single("foorumi_syncs_waiting", gauge, "Channels that wait for their turn to be read.",
               figures.openings.waiting);
    out.single("foorumi_syncs_remembered_total", counter, "Channels opened without a read, from what was released.",
               figures.store.remembered);
    out.single("foorumi_recent_changes_bytes", gauge, "Memory of what was released, kept for that.",
               figures.store.recent_bytes);
    out.single("foorumi_feed_losses_total", counter, "Times that Redis was found to lack what was released.",
               figures.store.feeds.losses);
    out.single("foorumi_feed_epochs_total", counter, "Epochs of partitions that have begun, here or on another node.",
               figures.store.feeds.epochs);
    out.single("foorumi_feed_gaps_total", counter, "Times that feed entries were trimmed before they were read.",
               figures.store.feeds.gaps);
}

template <class Value>
void add_by_partition(Exposition& out, std::string_view name, std::string_view help,
                      const std::vector<store::PartitionFigures>& partitions, Value value) {
    out.family(name, gauge, help);
    for (const auto& partition : partitions)
        out.sample({{"partition", std::to_string(partition.number)}}, std::uint64_t{value(partition)});
}

void add_partitions(Exposition& out, std::vector<store::PartitionFigures> partitions) {
    using Partition = store::PartitionFigures;
    std::ranges::sort(partitions, {}, &Partition::number);
    // Not by partition: who knows the few channels of one would see when somebody acts.
    std::uint64_t released = 0;
    for (const auto& partition : partitions) released += partition.released;
    out.single("foorumi_feed_released_positions", gauge, "Sum of the feeds' positions that are released.", released);
    add_by_partition(out, "foorumi_partition_held", "1 while a fence holds the release.", partitions,
                     [](const Partition& partition) { return partition.held ? 1U : 0U; });
    add_by_partition(out, "foorumi_partition_replicas_missing",
                     "1 while replicas are missing, and changes are refused.", partitions,
                     [](const Partition& partition) { return partition.replicas_missing ? 1U : 0U; });
    out.single("foorumi_partitions_without_replicas", gauge, "Partitions whose replicas are missing.",
               std::ranges::count(partitions, true, &Partition::replicas_missing));
}

void add_redis(Exposition& out, const store::Figures& store) {
    struct Role {
        std::string_view name;
        const store::ConnectionFigures& figures;
    };
    const std::initializer_list<Role> roles{
        {"tail", store.tails}, {"commands", store.commands}, {"ephemerals", store.ephemerals}};
    out.family("foorumi_redis_connections", gauge, "Connections to Redis that there should be.");
    for (const auto& role : roles) out.sample({{"role", role.name}}, role.figures.count);
    out.family("foorumi_redis_connections_up", gauge, "Connections to Redis that there are.");
    for (const auto& role : roles) out.sample({{"role", role.name}}, role.figures.up);
    out.family("foorumi_redis_connections_lost_total", counter, "Connections to Redis that were lost or given up.");
    for (const auto& role : roles) out.sample({{"role", role.name}}, role.figures.lost);
}

void add_entrance(Exposition& out, const entrance::Counts& counts, std::uint64_t hashes_taken) {
    out.family("foorumi_sign_ins_total", counter,
               "Sign-ins made; code, setup: they wait for the second factor, or for one to be set up.");
    out.sample({{"outcome", "done"}}, counts.signed_in);
    out.sample({{"outcome", "code"}}, counts.pending_code);
    out.sample({{"outcome", "setup"}}, counts.pending_setup);
    add_by_reason(out, "foorumi_calls_refused_total", "Calls under /auth/ refused, such as sign-ins.", counts.refused);
    out.single("foorumi_password_hashes_pending", gauge, "Passwords that are hashed, or wait for it.", hashes_taken);
}

void add_process(Exposition& out, const observability::ProcessFigures& process) {
    out.single("process_cpu_seconds_total", counter, "User and system processor time.", process.cpu_seconds);
    out.single("process_resident_memory_bytes", gauge, "Resident memory.", process.resident_bytes);
    out.single("process_virtual_memory_bytes", gauge, "Virtual memory.", process.virtual_bytes);
    out.single("process_open_fds", gauge, "Open file descriptors.", process.open_fds);
    out.single("process_max_fds", gauge, "File descriptors that may be open.", process.max_fds);
    out.single("process_start_time_seconds", gauge, "Start of the process since 1970-01-01 UTC.",
               process.start_seconds);
}

}  // namespace

std::string metrics_page(const Figures& figures, const ProcessFacts& facts) {
    Exposition out;
    add_server(out, facts);
    add_connections(out, figures);
    add_traffic(out, figures.net);
    add_requests(out, figures.dispatch);
    add_store(out, figures);
    add_partitions(out, figures.store.partitions);
    add_redis(out, figures.store);
    if (figures.entrance) add_entrance(out, *figures.entrance, facts.hashes_taken);
    add_process(out, facts.process);
    return out.take();
}

}  // namespace foorumi::app
