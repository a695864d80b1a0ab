#include "core/node.hpp"

#include "store/released_marks.hpp"

namespace foorumi::core {
namespace {

constexpr const char* directory_channel = "directory";

}  // namespace

Node::Node(World& world, Network& network, Checker& checker, const Settings& settings, std::size_t number)
    : world_(world), network_(network), checker_(checker), settings_(settings), number_(number) {}

Node::~Node() { kill(); }

void Node::start(Server& server, bool restored) {
    kill();
    context_ = std::make_unique<boost::asio::io_context>(1);
    place_ = world_.add_place(*context_);
    ++run_;
    stopping_ = paused_ = loaded_ = false;
    doubts_ = true;
    directory_ = {};
    find(server);
    checker_.node_started(number_);
    const auto name = fmt::format("n{}", number_);
    marks_ = std::make_shared<store::ReleasedMarks>(name, "here", static_cast<std::uint16_t>(partition_count));
    store::Options options;
    options.url = "unix:/redis";
    options.installation = "here";
    options.partitions = static_cast<std::uint16_t>(partition_count);
    options.connections = settings_.connections;
    options.replicas = settings_.replicas;
    options.released = marks_;
    options.restored = restored;
    options.node = name;
    options.feed_length = settings_.feed_length;
    options.tail_batch = settings_.tail_batch;
    world_.tell("node {} starts at {}", number_, place_);
    world_.after(microseconds(0), place_, [this, run = run_, options] {
        if (run != run_) return;
        front_ = std::make_unique<Front>(world_, *context_, place_, settings_.outbox_bytes,
                                         [this]() -> store::ChannelStore& { return *store_; });
        store_ = store::make_channel_store(*context_, options, sinks());
        load_directory();
    });
}

store::Sinks Node::sinks() {
    store::Sinks sinks;
    sinks.released = [this](const std::shared_ptr<const store::Released>& commit) { released(*commit); };
    sinks.released_all = [this] { front_->released_all(); };
    sinks.directory_version = [this] { return directory(); };
    sinks.feed_gap = [this](std::uint16_t partition) { gap(partition); };
    sinks.audience = [this](auto channel) { return settings_.audience + front_->audience(channel); };
    sinks.may_release = [this] { return !paused_ && front_->has_room(); };
    return sinks;
}

void Node::later(microseconds delay, std::function<void()> event) {
    world_.after(delay, place_, [this, run = run_, event = std::move(event)] {
        if (run == run_ && store_) event();
    });
}

void Node::kill() {
    if (!context_) return;
    world_.tell("node {} ends", number_);
    ++run_;
    world_.remove_place(place_);
    store_.reset();
    auto told = front_ ? front_->vanish() : std::vector<std::function<void()>>();
    front_.reset();
    context_.reset();
    stopping_ = false;
    for (auto& [number, ended] : std::exchange(waiting_, {})) told.push_back(std::move(ended));
    for (const auto& tell : told) {
        if (tell) tell();
    }
}

void Node::stop(std::function<void()> stopped) {
    if (!is_serving()) return;
    stopping_ = true;
    world_.tell("node {} is stopped", number_);
    store_->stop([this, run = run_, stopped = std::move(stopped)] {
        world_.after(microseconds(0), [this, run, stopped] {
            if (run != run_) return;
            kill();
            stopped();
        });
    });
}

void Node::pause(bool paused) {
    paused_ = paused;
    if (!paused && store_) later(microseconds(0), [this] { store_->resume_tails(); });
}

bool Node::may(const std::string& who) const {
    const auto found = directory_.entities.find("right:" + who);
    return found == directory_.entities.end() || !found->second.second.starts_with("no");
}

std::uint64_t Node::wait(std::function<void()> ended) {
    waiting_[next_waiting_] = std::move(ended);
    return next_waiting_++;
}

void Node::released(const store::Released& commit) {
    checker_.released(number_, commit, directory());
    if (commit.channel == directory_channel && loaded_ && commit.version > directory_.version) {
        auto next = directory_;
        next.version = commit.version;
        for (const auto& entity : commit.entities) next.entities[entity.key] = {entity.version, entity.bytes};
        take_directory(std::move(next), false);
    }
    front_->released(commit);
    const auto partition = commit.partition;
    const auto position = commit.position;
    if (!settings_.consumes_late) return store_->consumed(partition, position);
    later(milliseconds(300), [this, partition, position, gaps = gaps_] {
        if (gaps == gaps_) store_->consumed(partition, position);
    });
}

void Node::gap(unsigned partition) {
    world_.tell("node {} has missed something of {}", number_, partition);
    ++gaps_;
    checker_.gap(number_, partition);
    front_->gap(partition);
    if (partition == store::partition_of(directory_channel, partition_count))
        later(microseconds(0), [this] { load_directory(); });
}

void Node::load_directory() {
    loaded_ = false;
    load_more(directory_, false);
}

void Node::load_more(Held so_far, bool replaces) {
    store::SyncRead read{so_far.version, 1'000, 0, so_far.version == 0 ? std::nullopt : std::optional(so_far.epoch)};
    store_->open_sync(
        directory_channel, read,
        [this, so_far, replaces](store::ReadOutcome<store::SyncResult> outcome, const auto& later_commits) mutable {
            if (outcome.failure == store::Failure::stopping) return;
            if (outcome.failure) return later(milliseconds(200), [=, this] { load_more(so_far, replaces); });
            const auto& result = outcome.result;
            if (result.unknown_version) {
                doubts_ = true;
                return load_more({}, true);
            }
            so_far.version = result.version;
            so_far.epoch = result.epoch;
            for (const auto& entity : result.entities) so_far.entities[entity.key] = {entity.version, entity.bytes};
            loaded_ = true;
            for (const auto& commit : later_commits) {
                so_far.version = commit->version;
                for (const auto& entity : commit->entities)
                    so_far.entities[entity.key] = {entity.version, entity.bytes};
            }
            take_directory(std::move(so_far), replaces);
        });
}

void Node::take_directory(Held directory, bool replaces) {
    directory_ = std::move(directory);
    doubts_ = false;
    if (replaces) ++generation_;
    world_.tell("node {} has directory {}", number_, directory_.version);
    later(microseconds(0), [this] { store_->directory_changed(); });
}

}  // namespace foorumi::core
