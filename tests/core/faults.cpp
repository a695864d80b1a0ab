// Of Episode: what breaks.
#include <algorithm>

#include "core/episode.hpp"

namespace foorumi::core {

void Episode::after_up_to(std::uint64_t most_ms, std::function<void()> event) {
    world_.after(milliseconds(world_.random().between(1, most_ms)), std::move(event));
}

void Episode::plan_faults() {
    const auto count = world_.random().between(1, 7);
    const auto length = (faults_end_ - world_.now()) / milliseconds(1);
    for (std::size_t i = 0; i < count; ++i) {
        const auto at = world_.now() + milliseconds(world_.random().below(static_cast<std::uint64_t>(length)));
        world_.at(at, World::nowhere, [this] { begin_fault(); });
    }
}

void Episode::begin_fault() {
    struct Fault {
        const char* name;
        std::function<void()> begin;
    };
    std::vector<Fault> faults{
        {"connections are cut", [this] { cut_some(40); }},
        {"all connections are cut", [this] { cut_some(100); }},
        {"connections are held", [this] { hold_some(false); }},
        {"connections are half open", [this] { hold_some(true); }},
        {"the network is disturbed", [this] { disturb_network(); }},
        {"Redis refuses", [this] { disturb_commands(); }},
        {"Redis crashes", [this] { crash_server(); }},
        {"Redis stands still", [this] { freeze_server(); }},
        {"a node is stopped", [this] { end_node(true); }},
        {"a node has no room", [this] { pause_node(); }},
        {"readers leave or are slow", [this] { readers_leave(); }},
    };
    // What a node released last and did not write before it was killed is not noticed to be lost: a known limit.
    if (topology_ != Topology::lossy) faults.push_back({"a node is killed", [this] { end_node(false); }});
    // Of what was purged nobody can tell whether it is what was released: a known limit, too.
    if (topology_ != Topology::lossy) faults.push_back({"a feed is purged", [this] { purge_feed(); }});
    if (topology_ == Topology::replicated) {
        for (int i = 0; i < 3; ++i) faults.push_back({"a replica is promoted", [this] { fail_over(); }});
        faults.push_back({"a replica crashes", [this] { crash_replica(); }});
        faults.push_back({"replication is held", [this] { hold_replication(); }});
    }
    if (topology_ == Topology::lossy) {
        for (int i = 0; i < 2; ++i) faults.push_back({"a backup is restored", [this] { restore_backup(); }});
        faults.push_back({"a backup is restored while no node runs", [this] { restore_while_stopped(); }});
        faults.push_back({"a late replica is promoted", [this] { lose_by_promotion(); }});
    }
    const auto& fault = faults[world_.random().below(faults.size())];
    world_.tell("FAULT {}", fault.name);
    verdict_.faults.emplace_back(fault.name);
    fault.begin();
}

void Episode::cut_some(std::size_t percent) {
    const auto place = world_.random().chance(50) ? any_node().place() : World::nowhere;
    for (const auto& connection : network_.open()) {
        const bool meant = place == World::nowhere || connection->place == place;
        if (meant && world_.random().chance(static_cast<unsigned>(percent))) network_.cut(connection);
    }
}

void Episode::hold_some(bool for_good) {
    for (const auto& connection : network_.open()) {
        if (!world_.random().chance(40)) continue;
        if (for_good)
            connection->half_open = true;
        else
            connection->held_until = world_.now() + milliseconds(world_.random().between(10, 3'000));
    }
}

void Episode::disturb_network() {
    const auto place = any_node().place();
    const auto until = world_.now() + milliseconds(world_.random().between(50, 2'000));
    switch (world_.random().below(3)) {
        case 0:
            network_.refuse_until(place, until);
            break;
        case 1:
            network_.ignore_until(place, until);
            break;
        default:
            return network_.slow_until(place, until);
    }
    for (const auto& connection : network_.open()) {
        if (connection->place == place) network_.cut(connection);
    }
}

void Episode::disturb_commands() {
    auto* const server = primary_;
    switch (world_.random().below(6)) {
        case 0:
            return server->flush_scripts();
        case 1:
            return server->slow_disk_until(world_.now() + milliseconds(world_.random().between(100, 2'000)));
        case 2:
            server->refuse("BUSY Redis is busy running a script.", {});
            break;
        case 3:
            server->refuse({}, "MISCONF Errors writing to the AOF file");
            break;
        case 4:
            server->refuse({}, "OOM command not allowed when used memory > 'maxmemory'.");
            break;
        default:
            server->refuse("LOADING Redis is loading the dataset in memory", {});
    }
    after_up_to(800, [server] { server->refuse({}, {}); });
}

void Episode::crash_server() {
    if (std::exchange(moving_, true)) return;
    primary_->crash();
    after_up_to(1'500, [this] {
        primary_->start();
        moving_ = false;
    });
}

void Episode::freeze_server() {
    auto* const server = servers_[world_.random().below(servers_.size())].get();
    server->freeze();
    after_up_to(world_.random().chance(20) ? 8'000 : 1'500, [server] { server->thaw(); });
}

void Episode::crash_replica() {
    auto* const server = servers_[world_.random().below(servers_.size())].get();
    if (server == primary_ || moving_) return;
    moving_ = true;
    server->crash();
    after_up_to(1'500, [this, server] {
        server->start();
        moving_ = false;
    });
}

void Episode::hold_replication() {
    servers_[world_.random().below(servers_.size())]->hold_link_until(world_.now() +
                                                                      milliseconds(world_.random().between(10, 2'000)));
}

void Episode::lead_all(Server& server, bool one_by_one) {
    for (const auto& node : nodes_) {
        if (one_by_one)
            after_up_to(1'500, [this, node = node.get()] { node->find(*primary_); });
        else
            node->find(server);
    }
}

// All that may be promoted have what was released, whatever else they lack. The old primary goes on beside the new one,
// or is gone.
void Episode::fail_over() {
    std::vector<Server*> able;
    for (const auto& server : servers_) {
        if (server.get() != primary_ && server->is_up() && !server->is_frozen() && server->followed() == primary_)
            able.push_back(server.get());
    }
    if (able.empty() || moving_) return;
    moving_ = true;
    auto& old = *primary_;
    const auto way = world_.random().below(3);
    if (way == 0) old.crash();
    primary_ = world_.random().pick(able);
    primary_->promote();
    for (auto* const server : able) {
        if (server != primary_)
            after_up_to(500, [this, server] {
                if (server != primary_) server->follow(*primary_);
            });
    }
    lead_all(*primary_, world_.random().chance(50));
    if (way == 1) {
        for (const auto& connection : network_.open_to(&old)) {
            if (world_.random().chance(50)) network_.cut(connection);
        }
    }
    demote_later(old);
}

void Episode::demote_later(Server& old) {
    after_up_to(3'000, [this, &old] {
        old.start();
        old.follow(*primary_);  // with what it is told of at once, or afresh
        moving_ = false;
        for (const auto& connection : network_.open_to(&old)) {
            if (world_.random().chance(50)) network_.cut(connection);
        }
    });
}

void Episode::restore_backup() {
    if (std::exchange(moving_, true)) return;
    after_up_to(100, [this] {
        moving_ = !ground_->ends;
        if (!moving_) return;
        primary_->crash();
        const auto length = primary_->log().size();
        const auto kept = length - world_.random().below(std::min<std::size_t>(length, 20));
        checker_->lost(*primary_, kept);
        world_.tell("{} of {} records are restored", kept, length);
        primary_->restore(kept);
        after_up_to(800, [this] {
            primary_->start();
            moving_ = false;
        });
    });
}

// Both nodes remember what they have released; or who restores it says so.
void Episode::restore_while_stopped() {
    if (std::exchange(moving_, true)) return;
    const auto left = std::make_shared<std::size_t>(nodes_.size());
    const bool tells = world_.random().chance(50);
    const auto stopped = [this, left, tells] {
        if (--*left > 0) return;
        primary_->crash();
        const auto length = primary_->log().size();
        const auto kept = length - world_.random().below(std::min<std::size_t>(length, 20));
        checker_->lost(*primary_, kept);
        primary_->restore(kept);
        primary_->start();
        moving_ = false;
        for (const auto& node : nodes_) {
            after_up_to(500, [this, tells, node = node.get()] {
                if (!node->is_running() && !over_) node->start(*primary_, tells);
            });
        }
    };
    for (const auto& node : nodes_) {
        if (node->is_serving())
            node->stop(stopped);
        else
            --*left;
    }
    if (*left == 0) moving_ = false;
}

void Episode::lose_by_promotion() {
    auto& replica = *(servers_[0].get() == primary_ ? servers_[1] : servers_[0]);
    if (moving_ || !replica.is_attached()) return;
    moving_ = true;
    replica.hold_link_until(world_.now() + milliseconds(world_.random().between(10, 1'000)));
    after_up_to(1'000, [this, &replica] {
        moving_ = !ground_->ends && replica.is_attached();
        if (!moving_) return;
        auto& old = *primary_;
        old.crash();
        checker_->lost(old, std::min(replica.log().size(), old.log().size()));
        replica.promote();
        primary_ = &replica;
        lead_all(replica, false);
        demote_later(old);
    });
}

void Episode::end_node(bool cleanly) {
    auto& node = any_node();
    if (!node.is_serving()) return;
    const auto starts = [this, &node] {
        after_up_to(1'000, [this, &node] {
            if (!node.is_running() && !over_) node.start(*primary_);
        });
    };
    if (cleanly) return node.stop(starts);
    node.kill();
    starts();
}

void Episode::purge_feed() {
    auto& node = any_node();
    const auto partition = static_cast<std::uint16_t>(world_.random().below(partition_count));
    world_.after(microseconds(1), node.place(), [this, &node, partition] {
        if (node.is_serving())
            node.store().purge_feed(partition, [this](auto failure) { world_.tell("purged: {}", !failure); });
    });
}

void Episode::pause_node() {
    auto& node = any_node();
    node.pause(true);
    after_up_to(1'500, [&node] { node.pause(false); });
}

void Episode::readers_leave() {
    for (const auto& reader : readers_) {
        if (!world_.random().chance(60)) continue;
        if (world_.random().chance(50))
            reader->leave();
        else
            reader->stall();
    }
}

}  // namespace foorumi::core
