// What the parts of one worker's store share.
#pragma once

#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <vector>

#include "base/mutants.hpp"
#include "store/channel_store.hpp"
#include "store/deadlines.hpp"
#include "store/feed_tail.hpp"
#include "store/redis_keys.hpp"
#include "store/release.hpp"
#include "store/script_pipeline.hpp"
#include "store/under_way.hpp"

namespace foorumi::store {

// One partition at home on this worker.
struct Partition {
    explicit Partition(std::uint16_t partition) : number(partition), keys(partition) {}

    std::uint16_t number;
    RedisKeys keys;
    Release release;
    Release replicated;             // with replicas: how far all of them have the feed
    bool replicas_missing = false;  // as the tail has found
    std::chrono::steady_clock::time_point looked_elsewhere;
    UnderWay under_way;
    Deadlines::Ticket gathering;  // when the tail waits no longer for what is under way
    // Of its audit log, as it is when all that was sent is done; nothing: it is not known here.
    std::optional<AuditHead> audit;
    std::uint64_t audit_line = 0;  // of those that follow each other since `audit` was last found to be another one
    ScriptPipeline* pipeline = nullptr;  // of its commits and reads; shared with other partitions
    std::unique_ptr<FeedTail> tail;

    // Commands and feed come from the same run of the same server, so what one says holds for the other. Else one of
    // them is still with a server that another has taken the place of or that has come back since, or has no
    // connection.
    [[nodiscard]] bool same_server() const {
        const auto& run = tail->server_history();
        return !run.empty() && run == pipeline->client().server_history();
    }
};

// Requests by their `number`, in the order in which they came: where many are answered or asked again at once, it is in
// that order.
template <class Request>
struct ByNumber {
    bool operator()(const std::shared_ptr<Request>& one, const std::shared_ptr<Request>& other) const {
        return one->number < other->number;
    }
};

struct StoreCore {
    StoreCore(boost::asio::io_context& io_context, Options store_options, Sinks store_sinks)
        : context(io_context),
          options(std::move(store_options)),
          sinks(std::move(store_sinks)),
          deadlines(io_context) {}

    // Nothing: the channel's partition is at home elsewhere.
    [[nodiscard]] Partition* home(std::string_view channel) {
        const auto found = partitions.find(partition_of(channel, options.partitions));
        return found == partitions.end() ? nullptr : &found->second;
    }

    // Runs it in a later turn, unless the store is gone by then.
    void later(std::function<void()> function);

    [[nodiscard]] std::uint64_t next_number() { return ++last_number; }

    // Nothing: the request may be taken, and counts as pending from now on.
    [[nodiscard]] std::optional<Failure> take_request() {
        if (stopping) return Failure::stopping;
        if (pending >= options.max_pending) return Failure::overloaded;
        ++pending;
        return std::nullopt;
    }

    // What a reply of the partition's commands says may be compared with its feed: both are of the same run of the same
    // server. Redis may have come back between the two with less, and have other entries at the same positions by now.
    // False: the caller asks again after elsewhere_retry. Which of the two is the right one is for the next connections
    // to find out. Without replicas it is compared when the tail has begun, for what waits until then.
    [[nodiscard]] bool comparable(Partition& partition) {
        if (partition.same_server() || FOORUMI_MUTANT(commands_of_any_server)) return true;
        if (options.replicas == 0 && partition.tail->server_history().empty()) return true;
        const bool both =
            !partition.tail->server_history().empty() && !partition.pipeline->client().server_history().empty();
        if (both) reconnect_all(*partition.pipeline);
        return false;
    }
    // Where one of those that share the connection for commands is with another run, or knows another history of it,
    // the next replies would tell the same of each of the others.
    void reconnect_all(ScriptPipeline& pipeline);
    static void reconnect(Partition& partition) {
        partition.tail->reconnect();
        partition.pipeline->client().reconnect();
    }

    boost::asio::io_context& context;
    Options options;
    Sinks sinks;
    Deadlines deadlines;
    std::map<std::uint16_t, Partition> partitions;
    std::vector<std::unique_ptr<ScriptPipeline>> pipelines;  // of the partitions at home here
    std::size_t pending = 0;                                 // changes and reads without answer
    std::uint64_t last_number = 0;                           // of a request
    bool stopping = false;
    std::shared_ptr<int> alive = std::make_shared<int>();
};

// Told with overloaded and unavailable.
inline constexpr std::uint32_t retry_soon_ms = 200;
inline constexpr std::uint32_t retry_later_ms = 1'000;

inline constexpr std::chrono::milliseconds elsewhere_retry{50};

}  // namespace foorumi::store
