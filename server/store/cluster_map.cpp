#include "store/cluster_map.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>
#include <utility>

namespace foorumi::store {
namespace {

// For the handshake with one node, and again for its answer. The next one is asked then.
constexpr std::chrono::milliseconds node_deadline{1'000};

}  // namespace

ClusterMap::ClusterMap(boost::asio::io_context& context, Topology topology, std::string name)
    : context_(context),
      topology_(std::move(topology)),
      name_(std::move(name)),
      nodes_(topology_.hosts, most_asked_nodes),
      deadlines_(context) {}

void ClusterMap::locate(std::uint16_t slot, Locator::Found found) {
    const auto tell = [this, slot, found = std::move(found)](bool known) {
        const auto owner = known ? map_.owner(slot) : std::nullopt;
        if (!owner) return found(std::nullopt);
        found(topology_.endpoint.at(*owner));
    };
    if (known_ && !doubted_.contains(slot) && map_.owner(slot)) return tell(true);
    wait(tell);
}

void ClusterMap::locate_any(Locator::Found found) {
    const auto tell = [this, found = std::move(found)](bool known) {
        const auto primaries = known ? map_.primaries() : std::vector<Address>{};
        if (primaries.empty()) return found(std::nullopt);
        found(topology_.endpoint.at(primaries[any_++ % primaries.size()]));
    };
    if (known_ && !refreshing_) return tell(true);
    wait(tell);
}

void ClusterMap::locate_primaries(FoundAll found) {
    wait([this, found = std::move(found)](bool known) {
        std::vector<Endpoint> all;
        if (known && map_.covers_all()) {
            for (const auto& primary : map_.primaries()) all.push_back(topology_.endpoint.at(primary));
        }
        found(std::move(all));
    });
}

bool ClusterMap::elsewhere(std::uint16_t slot, const Endpoint& endpoint) const {
    const auto* const owner = map_.owner_place(slot);
    return owner != nullptr && (owner->port != endpoint.port || owner->host != endpoint.host);
}

void ClusterMap::moved(const Moved& moved) {
    map_.move(moved.slot, moved.owner);
    doubted_.erase(moved.slot);
    refresh();
}

void ClusterMap::doubt(std::uint16_t slot, const Address& primary) {
    if (map_.owner(slot) != primary) return;
    doubted_.insert(slot);
    refresh();
}

void ClusterMap::wait(std::function<void(bool known)> waiting) {
    waiting_.push_back(std::move(waiting));
    refresh();
}

void ClusterMap::refresh() {
    if (std::exchange(refreshing_, true)) return;
    const auto delay = pace_.delay(std::chrono::steady_clock::now());
    deadlines_.after(delay, [this] { begin(); });
}

void ClusterMap::begin() {
    pace_.began(std::chrono::steady_clock::now());
    left_.assign(nodes_.all().rbegin(), nodes_.all().rend());
    ask_next();
}

void ClusterMap::ask_next() {
    drop_query();
    if (left_.empty()) return end(false);
    const auto node = left_.back();
    left_.pop_back();
    query_ = std::make_unique<RedisQuery>(context_, topology_.endpoint.at(node), name_,
                                          RedisQuery::Commands{{"CLUSTER", "SLOTS"}}, node_deadline,
                                          [this, node](std::size_t, const Reply* reply) { answered(node, reply); });
}

// One that is cut off from the others tells what was; so another one is asked the next time, whatever this one says.
void ClusterMap::answered(const Address& asked, const Reply* reply) {
    nodes_.defer(asked);
    auto map = reply == nullptr ? std::nullopt : SlotMap::parse(*reply, asked.host);
    if (!map) {
        if (reply != nullptr) spdlog::warn("redis {}: no slot map: {}", asked.display(), reply->text());
        return ask_next();
    }
    map_ = std::move(*map);
    known_ = true;
    doubted_.clear();
    nodes_.learn(map_.nodes());
    spdlog::debug("redis cluster: slot map of {}, {} primaries", asked.display(), map_.primaries().size());
    end(true);
}

void ClusterMap::end(bool known) {
    refreshing_ = false;
    const auto waiting = std::exchange(waiting_, {});
    for (const auto& tell : waiting) tell(known);
}

// It may be that it is calling.
void ClusterMap::drop_query() {
    if (!query_) return;
    query_->cancel();
    boost::asio::post(context_, [query = std::shared_ptr<RedisQuery>(std::move(query_))] {});
}

}  // namespace foorumi::store
