#include "dispatch/worker.hpp"

#include <utility>

namespace foorumi::dispatch {
namespace {

// A node that sees a directory with a fence which another node may have died before spreading spreads it after this.
constexpr std::chrono::seconds fence_patience{5};

// Asks at the home of a partition, or of a channel, and brings the answer back to `worker`.
template <class Result, class Start>
void ask_home(Worker& worker, std::uint16_t partition, Start start, store::ReadDone<Result> then) {
    auto& shared = worker.shared();
    const auto me = worker.index();
    const auto at = static_cast<std::uint16_t>(partition % shared.settings.workers);
    shared.post(at, [&shared, me, start = std::move(start), then = std::move(then)](Worker& home) mutable {
        start(home.store(), [&shared, me, then = std::move(then)](store::ReadOutcome<Result> outcome) mutable {
            auto answer = std::make_shared<store::ReadOutcome<Result>>(std::move(outcome));
            shared.post(me, [answer, then = std::move(then)](Worker& asker) {
                asker.refresh_directory();
                then(std::move(*answer));
            });
        });
    });
}

template <class Result, class Start>
void ask_home(Worker& worker, const std::string& channel, Start start, store::ReadDone<Result> then) {
    ask_home<Result>(worker, store::partition_of(channel, worker.settings().partitions), std::move(start),
                     std::move(then));
}

}  // namespace

Worker::Worker(std::uint16_t index, Shared& shared, After after)
    : index_(index),
      shared_(shared),
      after_(std::move(after)),
      view_(shared.directory),
      home_(*this),
      dispatcher_(*this) {}

Worker::~Worker() = default;

store::Sinks Worker::sinks() {
    store::Sinks sinks;
    sinks.released = [this](std::shared_ptr<const store::Released> released) { home_.released(released); };
    sinks.released_all = [this] { home_.released_all(); };
    sinks.ephemeral = [this](std::string channel, std::string bytes) { home_.ephemeral(channel, bytes); };
    sinks.directory_version = [this] { return shared_.directory.version(); };
    sinks.feed_gap = [this](std::uint16_t partition) { home_.feed_gap(partition); };
    sinks.audience = [this](std::string_view channel) { return home_.broadcaster().audience(channel); };
    sinks.replicas_missing = [this](bool missing) {
        missing ? ++shared_.partitions_without_replicas : --shared_.partitions_without_replicas;
        shared_.post_all([](Worker& worker) { worker.dispatcher().look_whether_reads_only(); });
    };
    sinks.may_release = [this] { return home_.has_room(); };
    return sinks;
}

void Worker::refresh_directory() {
    if (!view_.refresh()) return;
    // Whatever takes something away comes with the fence; what only adds, such as a sign-in, shuts nobody out.
    const auto fence = directory().fence();
    if (fence == fence_seen_ && view_.generation() == generation_seen_) return;
    generation_seen_ = view_.generation();
    dispatcher_.revalidate();
    if (fence > fence_seen_) after_(fence_patience, [this, fence] { home_.fence_own_later(fence, [](bool) {}); });
    fence_seen_ = fence;
}

void Worker::read_entities(std::string channel, std::vector<std::string> keys,
                           store::ReadDone<store::EntitiesResult> then) {
    ask_home<store::EntitiesResult>(
        *this, channel,
        [channel, keys = std::move(keys)](store::ChannelStore& store, store::ReadDone<store::EntitiesResult> done) {
            store.read_entities(channel, keys, std::move(done));
        },
        std::move(then));
}

void Worker::read_index(std::string channel, store::IndexRead read, store::ReadDone<store::IndexResult> then) {
    ask_home<store::IndexResult>(
        *this, channel,
        [channel, read = std::move(read)](store::ChannelStore& store, store::ReadDone<store::IndexResult> done) {
            store.read_index(channel, read, std::move(done));
        },
        std::move(then));
}

void Worker::read_sync(std::string channel, store::SyncRead read, store::ReadDone<store::SyncResult> then) {
    ask_home<store::SyncResult>(
        *this, channel,
        [channel, read](store::ChannelStore& store, store::ReadDone<store::SyncResult> done) {
            store.read_sync(channel, read, std::move(done));
        },
        std::move(then));
}

void Worker::read_audit(std::uint16_t partition, store::AuditRead read, store::ReadDone<store::AuditResult> then) {
    ask_home<store::AuditResult>(
        *this, partition,
        [partition, read](store::ChannelStore& store, store::ReadDone<store::AuditResult> done) {
            store.read_audit(partition, read, std::move(done));
        },
        std::move(then));
}

void Worker::count_indexes(std::string channel, store::CountRead read, store::ReadDone<store::CountResult> then) {
    ask_home<store::CountResult>(
        *this, channel,
        [channel, read = std::move(read)](store::ChannelStore& store, store::ReadDone<store::CountResult> done) {
            store.count_indexes(channel, read, std::move(done));
        },
        std::move(then));
}

void Worker::note_use(const std::string& token_hash) {
    const auto* session = directory().session(token_hash);
    if (session == nullptr || session->expires == 0 ||
        shared_.clock.wall_ms() - session->used < settings().membership.session_touch_ms)
        return;
    shared_.post_home(forum::directory_channel, [token_hash](Worker& home) { home.home().note_use(token_hash); });
}

void Worker::tick() {
    dispatcher_.tick();
    home_.tick();
}

}  // namespace foorumi::dispatch
