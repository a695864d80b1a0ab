// Of Server: its life, its turns, and its replicas. server_commands.cpp has the commands.
#include "core/server.hpp"

#include <algorithm>

namespace foorumi::core {

Server::Server(World& world, Network& network, Scripts& scripts, std::string name, std::uint64_t stream_node)
    : world_(world),
      network_(network),
      scripts_(scripts),
      name_(std::move(name)),
      stream_node_(stream_node),
      data_(stream_node) {
    new_history();
    run_id_ = history_;
}

void Server::new_history() { history_ = fmt::format("{:016x}", world_.random().next()); }

void Server::seed(const RecordPtr& record) {
    bool wrote = false;
    for (const auto& command : *record) static_cast<void>(data_.execute(command, wrote));
    log_.push_back(record);
    synced_ = log_.size();
}

void Server::later(microseconds delay, std::function<void()> event) {
    world_.after(delay, [this, run = run_, event = std::move(event)] {
        if (run == run_) event();
    });
}

void Server::receive(const ConnectionPtr& connection, const std::vector<Command>& commands) {
    if (!up_ || connection->run != run_) return;
    for (const auto& command : commands) inbox_.emplace_back(connection, command);
    wake();
}

void Server::wake() {
    if (woken_ || busy_ || frozen_ || !up_ || inbox_.empty()) return;
    woken_ = true;
    later(world_.some_time(0, 30), [this] { turn(); });
}

// Connections are served in an order that nobody chose.
void Server::turn() {
    woken_ = false;
    if (frozen_) return;
    auto all = std::exchange(inbox_, {});
    std::vector<ConnectionPtr> order;
    for (const auto& [connection, command] : all) {
        if (std::ranges::find(order, connection) == order.end()) order.push_back(connection);
    }
    world_.random().shuffle(order);
    for (const auto& turn : order) {
        for (const auto& [connection, command] : all) {
            if (connection == turn) execute(connection, command);
        }
    }
    if (log_.size() == synced_) return end_turn();
    busy_ = true;
    const bool slow = slow_disk_until_ > world_.now();
    later(slow ? world_.some_time(1'000, 300'000) : world_.some_time(50, 1'500), [this] { end_turn(); });
}

void Server::end_turn() {
    if (frozen_) {
        end_is_due_ = true;
        return;
    }
    busy_ = false;
    synced_ = log_.size();
    for (auto& [connection, value] : std::exchange(replies_, {})) network_.answer(connection, std::move(value));
    replicate();
    wake();
}

void Server::crash() {
    if (!up_) return;
    up_ = frozen_ = busy_ = woken_ = end_is_due_ = false;
    ++run_;
    for (const auto& connection : network_.open_to(this)) network_.cut(connection);
    inbox_.clear();
    replies_.clear();
    blocked_.clear();
    lose_followers();
    unfollow();
    const auto kept = world_.random().between(synced_, log_.size());
    world_.tell("{} crashes with {} of {} records, {} synced", name_, kept, log_.size(), synced_);
    if (kept < log_.size()) restore(kept);
}

void Server::restore(std::size_t length) {
    log_.resize(length);
    ++generation_;
    rebuild();
}

void Server::rebuild() {
    data_ = Dataset(stream_node_);
    bool wrote = false;
    for (const auto& record : log_) {
        for (const auto& command : *record) static_cast<void>(data_.execute(command, wrote));
    }
    synced_ = std::min(synced_, log_.size());
}

void Server::start() {
    if (up_) return;
    up_ = true;
    synced_ = log_.size();
    loaded_.clear();
    refuse({}, {});
    new_history();
    run_id_ = history_;
    origin_ = std::string(8, '0');
    world_.tell("{} starts with {} records", name_, log_.size());
    if (followed_ != nullptr) follow(*followed_);
}

void Server::freeze() { frozen_ = up_; }

void Server::thaw() {
    if (!std::exchange(frozen_, false)) return;
    if (std::exchange(end_is_due_, false)) end_turn();
    wake();
}

void Server::promote() {
    unfollow();
    followed_ = nullptr;
    origin_ = history_;
    new_history();
    world_.tell("{} is promoted with {} records", name_, log_.size());
}

void Server::follow(Server& primary) {
    unfollow();
    const bool was_primary = std::exchange(followed_, &primary) == nullptr;
    if (was_primary) {
        lose_followers();
        drop_blocked();
    }
    attach();
}

// Where there is a link. It may be made again.
void Server::unfollow() {
    ++link_;
    attached_ = false;
    if (followed_ == nullptr) return;
    std::erase_if(followed_->followers_, [this](const Follower& follower) { return follower.server == this; });
}

void Server::lose_followers() {
    for (const auto& follower : std::exchange(followers_, {})) {
        auto* const server = follower.server;
        server->attached_ = false;
        ++server->link_;
        server->attach();
    }
}

// As soon as it can: with what it lacks, or, where it has something else, with all.
void Server::attach() {
    if (followed_ == nullptr || attached_ || !up_) return;
    auto& primary = *followed_;
    const bool can = primary.up_ && !primary.frozen_ && !frozen_ && primary.is_primary() &&
                     std::max(link_held_until_, primary.link_held_until_) <= world_.now();
    if (!can) {
        return later(world_.some_time(5'000, 60'000), [this, link = link_] {
            if (link == link_) attach();
        });
    }
    const auto size = log_.size();
    const bool is_prefix = size <= primary.synced_ && (size == 0 || log_[size - 1] == primary.log_[size - 1]);
    if (!is_prefix) {
        log_.assign(primary.log_.begin(), primary.log_.begin() + static_cast<std::ptrdiff_t>(primary.synced_));
        ++generation_;
        rebuild();
        synced_ = log_.size();
    }
    history_ = primary.history_;
    attached_ = true;
    world_.tell("{} follows {} from {} records on{}", name_, primary.name_, log_.size(), is_prefix ? "" : ", afresh");
    primary.followers_.push_back({this, link_, log_.size(), 0, {}});
    later(world_.some_time(100, 900),
          [this, &primary, link = link_, length = synced_] { primary.acknowledged(this, link, length); });
    primary.replicate();
}

void Server::replicate() {
    for (auto& follower : followers_) {
        if (follower.sent >= synced_) continue;
        const auto from = follower.sent;
        Log records(log_.begin() + static_cast<std::ptrdiff_t>(from),
                    log_.begin() + static_cast<std::ptrdiff_t>(synced_));
        follower.sent = synced_;
        auto* const to = follower.server;
        follower.last_arrival = std::max(
            {follower.last_arrival, world_.now() + world_.some_time(50, 900), link_held_until_, to->link_held_until_});
        world_.at(
            follower.last_arrival, World::nowhere,
            [to, link = follower.link, from, records = std::move(records)] { to->replicated(link, from, records); });
    }
}

void Server::replicated(std::uint64_t link, std::size_t from, const Log& records) {
    if (link != link_ || !attached_ || from < log_.size()) return;
    if (frozen_ || from > log_.size()) {  // what comes before waits as well
        return later(milliseconds(2), [this, link, from, records] { replicated(link, from, records); });
    }
    bool wrote = false;
    for (const auto& record : records) {
        log_.push_back(record);
        for (const auto& command : *record) static_cast<void>(data_.execute(command, wrote));
    }
    later(world_.some_time(50, 1'500), [this, link, length = log_.size()] {
        if (link != link_) return;
        synced_ = std::max(synced_, length);
        later(world_.some_time(50, 900), [this, link, length] {
            if (link == link_ && followed_ != nullptr) followed_->acknowledged(this, link, length);
        });
    });
}

void Server::acknowledged(Server* replica, std::uint64_t link, std::size_t length) {
    for (auto& follower : followers_) {
        if (follower.server != replica || follower.link != link) continue;
        follower.acknowledged = std::max(follower.acknowledged, length);
    }
    if (frozen_) return;
    for (const auto& connection : std::vector(blocked_)) {
        if (!connection->blocked || !connection->blocked->stream.empty()) continue;
        const auto count = replicas_with(connection->blocked->written);
        if (count >= connection->blocked->replicas)
            unblock(connection, Value::number(static_cast<std::int64_t>(count)));
    }
    wake();
    if (!busy_ && !woken_) end_turn();
}

std::uint64_t Server::replicas_with(std::size_t length) const {
    return static_cast<std::uint64_t>(
        std::ranges::count_if(followers_, [length](const auto& one) { return one.acknowledged >= length; }));
}

}  // namespace foorumi::core
