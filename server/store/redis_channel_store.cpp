#include "store/redis_channel_store.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <limits>

#include "base/mutants.hpp"
#include "store/requirements.hpp"

namespace foorumi::store {
namespace {

// For what is under way when the store is stopped, and again for the last consumed positions.
constexpr std::chrono::milliseconds stop_deadline{2'000};
constexpr std::chrono::milliseconds stop_check{5};

// What was released meanwhile is not noticed to be gone by a node that was killed.
constexpr std::chrono::milliseconds write_released{500};

// Between two looks, while replicas are missing, whether another server is the primary by now.
constexpr std::chrono::seconds look_elsewhere{5};

// From a frame that is read to a change that is sent: to the home worker, and to the end of its turn.
constexpr int turns_to_commit = 3;

// A sink that is not given has no wishes.
Sinks complete(Sinks sinks) {
    if (!sinks.released) sinks.released = [](const auto&) {};
    if (!sinks.released_all) sinks.released_all = [] {};
    if (!sinks.ephemeral) sinks.ephemeral = [](const auto&, const auto&) {};
    if (!sinks.directory_version) sinks.directory_version = [] { return std::numeric_limits<Version>::max(); };
    if (!sinks.feed_gap) sinks.feed_gap = [](auto) {};
    if (!sinks.audience) sinks.audience = [](auto) { return std::size_t{0}; };
    if (!sinks.replicas_missing) sinks.replicas_missing = [](auto) {};
    if (!sinks.may_release) sinks.may_release = [] { return true; };
    return sinks;
}

template <class T>
OpenDone<T> without_hand_over(ReadDone<T> done) {
    return [done = std::move(done)](ReadOutcome<T> outcome, const auto&) { done(std::move(outcome)); };
}

}  // namespace

RedisChannelStore::RedisChannelStore(boost::asio::io_context& context, Options options, Sinks sinks, Topology topology)
    : core_(context, std::move(options), std::move(sinks)),
      locators_(context, std::move(topology), connection_name("locator")),
      changes_(core_),
      reads_(core_),
      fences_(core_),
      purges_(core_),
      rewrites_(core_, locators_, connection_name("rewrite")) {
    for (std::uint32_t p = core_.options.worker; p < core_.options.partitions; p += core_.options.workers) {
        add_partition(static_cast<std::uint16_t>(p));
    }
    ephemerals_ = std::make_unique<Ephemerals>(core_, ephemeral_options());
    for (const auto& pipeline : core_.pipelines) pipeline->start();
    for (const auto& [number, partition] : core_.partitions) partition.tail->start();
    if (!core_.partitions.empty()) ephemerals_->start();
}

std::string RedisChannelStore::connection_name(std::string_view role) const {
    return fmt::format("foorumi-{}-w{}-{}", core_.options.node, core_.options.worker, role);
}

RedisClientOptions RedisChannelStore::client_options(std::string_view role, std::uint16_t partition) const {
    RedisClientOptions options;
    options.locator = locators_.of_partition(partition);
    options.setup = locators_.checks();
    // The one record that there is, or that of the partition beside whose keys it is.
    const std::uint16_t record = locators_.apart() ? partition : 0;
    for (auto& check : connection_checks(core_.options.installation, record)) options.setup.push_back(std::move(check));
    options.identify = true;
    options.name = connection_name(role);
    return options;
}

// Any primary of a cluster will do, also one that has no partition, and so nothing to tell the installation by.
RedisClientOptions RedisChannelStore::ephemeral_options() const {
    auto options = client_options("ephemerals", 0);
    if (!locators_.apart()) return options;
    options.locator = locators_.of_any();
    options.identify = false;
    options.setup = connection_checks({});
    return options;
}

// One of a few that partitions share, but where they must not.
ScriptPipeline* RedisChannelStore::pipeline_of(std::uint16_t partition) {
    auto& pipelines = core_.pipelines;
    const std::size_t place = partition / core_.options.workers;  // among those at home here
    const auto number = locators_.apart() ? place : place % core_.options.connections;
    if (number < pipelines.size()) return pipelines[number].get();
    auto role = number == 0 ? std::string("commands") : fmt::format("commands-{}", number + 1);
    if (locators_.apart()) role = fmt::format("commands-p{:02}", partition);
    pipelines.push_back(std::make_unique<ScriptPipeline>(
        core_.context, core_.deadlines, client_options(role, partition), [this] { changes_.pipeline_ready(); },
        [this, number] { pipeline_lost(*core_.pipelines[number]); }));
    return pipelines.back().get();
}

void RedisChannelStore::add_partition(std::uint16_t number) {
    auto& partition = core_.partitions.try_emplace(number, number).first->second;
    partition.pipeline = pipeline_of(number);
    consumed_.try_emplace(number, core_, partition);
    auto client = client_options(fmt::format("p{:02}", number), number);
    FeedTailOptions options{.locator = std::move(client.locator),
                            .moves = locators_.apart(),
                            .name = std::move(client.name),
                            .setup = std::move(client.setup),
                            .partition = number,
                            .batch = core_.options.tail_batch,
                            .replicas = core_.options.replicas,
                            .replica_wait = core_.options.replica_wait,
                            .remembered = remembered(number),
                            .restored = core_.options.restored};
    partition.tail = std::make_unique<FeedTail>(core_.context, std::move(options), tail_hooks(partition));
}

std::optional<ReleasedMark> RedisChannelStore::remembered(std::uint16_t partition) const {
    return core_.options.released ? core_.options.released->remembered(partition) : std::nullopt;
}

void RedisChannelStore::remember(std::uint16_t partition, const ReleasedMark& mark) {
    const auto& released = core_.options.released;
    if (!released) return;
    released->note(partition, mark);
    if (std::exchange(writes_released_, true)) return;
    core_.deadlines.after(write_released, [this] {
        writes_released_ = false;
        core_.options.released->write();
    });
}

FeedTailHooks RedisChannelStore::tail_hooks(Partition& partition) {
    return {.release = [this](const std::shared_ptr<const Released>& commit) { release(commit); },
            .released_all = [this] { core_.sinks.released_all(); },
            .passed = [&partition](std::uint64_t position) { partition.release.advance(position); },
            .gap = [this, &partition](std::uint64_t) { missed(partition); },
            .rewound =
                [this, &partition](std::uint64_t position) {
                    consumed_.at(partition.number).rewind(position);
                    missed(partition);
                    partition.release.rewind(0);  // as at the start, until it is passed
                    partition.replicated.rewind(0);
                },
            .held = [&partition](bool held) { partition.release.hold(held); },
            .doubtful =
                [&partition] {
                    partition.release.rewind(0);
                    partition.replicated.rewind(0);
                },
            .epoch_began = [this, &partition] { missed(partition); },
            .remember = [this, &partition](const ReleasedMark& mark) { remember(partition.number, mark); },
            .replicated = [this, &partition](std::uint64_t position) { replicated(partition, position); },
            .replicas_missing = [this, &partition] { replicas_missing(partition); },
            .unsure = [this, &partition] { unsure(partition); },
            .began = [this, &partition] { began(partition); },
            .directory_version = [this] { return core_.sinks.directory_version(); },
            .may_release = [this] { return core_.sinks.may_release(); },
            .is_wide = [this](const Released& commit) { return is_wide(commit); },
            .gather = [this, &partition](
                          std::function<void()> gathered) { gather(partition, std::move(gathered), turns_to_commit); },
            .after = [this](std::chrono::milliseconds delay,
                            std::function<void()> function) { core_.deadlines.after(delay, std::move(function)); },
            .later = [this](std::function<void()> function) { core_.later(std::move(function)); }};
}

// What has come with the entry, from clients, is decided and sent first.
void RedisChannelStore::gather(Partition& partition, std::function<void()> gathered, int turns) {
    if (turns > 0) {
        return core_.later([this, &partition, gathered = std::move(gathered), turns]() mutable {
            gather(partition, std::move(gathered), turns - 1);
        });
    }
    if (partition.under_way.none()) return gathered();
    partition.under_way.when_answered([this, &partition, gathered = std::move(gathered)] {
        core_.deadlines.cancel(partition.gathering);
        core_.later(gathered);
    });
    core_.deadlines.cancel(partition.gathering);
    partition.gathering =
        core_.deadlines.after(core_.options.gather_time, [&partition] { partition.under_way.hurry(); });
}

bool RedisChannelStore::is_wide(const Released& commit) const {
    const auto& options = core_.options;
    return options.gather_time.count() > 0 && core_.sinks.audience(commit.channel) >= options.gather_audience;
}

void RedisChannelStore::release(const std::shared_ptr<const Released>& commit) {
    changes_.released(*commit, core_.partitions.at(commit->partition).same_server());
    reads_.released(commit);
    core_.sinks.released(commit);
}

// With replicas the server may have become another one's replica, and a primary again: what was read for decisions may
// be gone, and a connection for commands lives on through that, where none came in between.
void RedisChannelStore::unsure(Partition& partition) {
    if (core_.options.replicas == 0 && FOORUMI_MUTANT(positions_outlive_connections)) return;
    partition.release.away();
    partition.replicated.rewind(0);  // the next connection has to show it anew
    if (core_.options.replicas > 0 && partition.pipeline->client().ready()) partition.pipeline->client().reconnect();
}

// What has come meanwhile, without replicas, is of the connection for commands that there is: what came over an earlier
// one waits no longer.
void RedisChannelStore::began(Partition& partition) {
    if (!core_.comparable(partition) && !FOORUMI_MUTANT(positions_outlive_connections)) partition.release.fail();
    partition.release.back();
}

void RedisChannelStore::pipeline_lost(const ScriptPipeline& pipeline) {
    changes_.pipeline_lost(pipeline);
    if (core_.options.replicas > 0 || FOORUMI_MUTANT(positions_outlive_connections)) return;
    for (auto& [number, partition] : core_.partitions) {
        if (partition.pipeline == &pipeline) partition.release.fail();
    }
}

void RedisChannelStore::replicated(Partition& partition, std::uint64_t position) {
    if (std::exchange(partition.replicas_missing, false)) {
        spdlog::warn("partition {}: the replicas are back, changes are taken again", partition.number);
        core_.sinks.replicas_missing(false);
    }
    partition.replicated.advance(position);
}

void RedisChannelStore::replicas_missing(Partition& partition) {
    reads_.pass(partition);
    const auto now = Deadlines::now();
    if (!partition.replicas_missing) partition.looked_elsewhere = now;
    // Another server may have taken this one's place, and nobody can tell us here.
    if (core_.comparable(partition) && now - partition.looked_elsewhere >= look_elsewhere) {
        partition.looked_elsewhere = now;
        core_.reconnect(partition);
    }
    if (std::exchange(partition.replicas_missing, true)) return;
    spdlog::critical(
        "partition {}: not all of {} replicas have what was committed; changes are refused until they have it",
        partition.number, core_.options.replicas);
    core_.sinks.replicas_missing(true);
}

void RedisChannelStore::missed(Partition& partition) {
    changes_.forget_cache();
    reads_.start_over(partition);
    core_.sinks.feed_gap(partition.number);
}

void RedisChannelStore::change(ChangeRequest request, Decide decide, std::function<void(ChangeOutcome)> done) {
    changes_.add(std::move(request), std::move(decide), std::move(done));
}

void RedisChannelStore::read_entities(std::string channel, std::vector<std::string> keys,
                                      ReadDone<EntitiesResult> done) {
    reads_.entities(std::move(channel), std::move(keys), std::move(done));
}

void RedisChannelStore::read_index(std::string channel, IndexRead read, ReadDone<IndexResult> done) {
    reads_.index(std::move(channel), std::move(read), without_hand_over(std::move(done)), false);
}

void RedisChannelStore::count_indexes(std::string channel, CountRead read, ReadDone<CountResult> done) {
    reads_.count(std::move(channel), std::move(read), std::move(done));
}

void RedisChannelStore::read_audit(std::uint16_t partition, AuditRead read, ReadDone<AuditResult> done) {
    reads_.audit(partition, read, std::move(done));
}

void RedisChannelStore::read_sync(std::string channel, SyncRead read, ReadDone<SyncResult> done) {
    reads_.sync(std::move(channel), read, without_hand_over(std::move(done)), false);
}

void RedisChannelStore::open_sync(std::string channel, SyncRead read, OpenDone<SyncResult> done) {
    reads_.sync(std::move(channel), read, std::move(done), true);
}

void RedisChannelStore::open_index(std::string channel, IndexRead read, OpenDone<IndexResult> done) {
    reads_.index(std::move(channel), std::move(read), std::move(done), true);
}

bool RedisChannelStore::remembers(std::string_view channel, const SyncRead& read) const {
    return reads_.remembered(channel, read);
}

void RedisChannelStore::consumed(std::uint16_t partition, std::uint64_t position) {
    if (closed_) return;
    if (const auto found = consumed_.find(partition); found != consumed_.end()) found->second.consumed(position);
}

void RedisChannelStore::fence(Version directory_version, std::function<void(std::optional<Failure>)> done) {
    fences_.add(directory_version, std::move(done));
}

void RedisChannelStore::purge_feed(std::uint16_t partition, std::function<void(std::optional<Failure>)> done) {
    purges_.add(partition, std::move(done));
}

void RedisChannelStore::rewrite_log(std::function<void(std::optional<RewriteFailure>)> done) {
    rewrites_.add(std::move(done));
}

void RedisChannelStore::publish(std::string_view channel, std::string bytes) { ephemerals_->publish(channel, bytes); }

void RedisChannelStore::directory_changed() {
    changes_.directory_changed();
    resume_tails();
}

void RedisChannelStore::resume_tails() {
    for (const auto& [number, partition] : core_.partitions) partition.tail->resume();
}

void RedisChannelStore::stop(std::function<void()> done) {
    if (core_.stopping) return;
    core_.stopping = true;
    stopped_ = std::move(done);
    changes_.stop();
    reads_.stop();
    fences_.stop();
    purges_.stop();
    rewrites_.stop();
    wait_for_answers(Deadlines::now() + stop_deadline);
}

// What is under way may well succeed, and its author should know.
void RedisChannelStore::wait_for_answers(std::chrono::steady_clock::time_point until) {
    if (core_.pending != 0 && Deadlines::now() < until) {
        core_.deadlines.after(stop_check, [this, until] { wait_for_answers(until); });
        return;
    }
    changes_.give_up();
    for (auto& [number, partition] : core_.partitions) partition.release.fail();
    core_.later([this] { flush_consumed(); });
}

void RedisChannelStore::flush_consumed() {
    core_.deadlines.after(stop_deadline, [this] { close(); });
    flushing_ = consumed_.size() + 1;
    const auto flushed = [this] {
        if (--flushing_ == 0) core_.later([this] { close(); });
    };
    for (auto& [number, mark] : consumed_) mark.flush(flushed);
    flushed();
}

void RedisChannelStore::close() {
    if (std::exchange(closed_, true)) return;
    ephemerals_->stop();
    for (const auto& [number, partition] : core_.partitions) partition.tail->stop();
    for (const auto& pipeline : core_.pipelines) pipeline->stop();
    core_.deadlines.clear();
    if (core_.options.released) core_.options.released->write();
    const auto done = std::move(stopped_);
    if (done) done();
}

std::unique_ptr<ChannelStore> make_channel_store(boost::asio::io_context& context, Options options, Sinks sinks) {
    auto topology = parse_topology(options.url);
    if (!topology) throw boost::system::system_error(topology.error());
    return std::make_unique<RedisChannelStore>(context, std::move(options), complete(std::move(sinks)),
                                               std::move(*topology));
}

}  // namespace foorumi::store
