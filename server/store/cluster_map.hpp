// What one worker knows of a Redis Cluster: the slot map, read from one node after the other.
//
// It is read anew where a connection was lost or a node says that it is outdated, never more often than every
// `map_interval`. Thread: the one that runs the io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <set>
#include <vector>

#include "store/ask_order.hpp"
#include "store/deadlines.hpp"
#include "store/locator.hpp"
#include "store/redis_query.hpp"
#include "store/refresh_pace.hpp"
#include "store/slot_map.hpp"
#include "store/topology.hpp"

namespace foorumi::store {

// A failover takes seconds, and CLUSTER SLOTS of a thousand nodes takes a node some milliseconds.
inline constexpr std::chrono::milliseconds map_interval{200};

// That may be asked for the map, those of the URL and those that the map tells.
inline constexpr std::size_t most_asked_nodes = 64;

class ClusterMap {
   public:
    ClusterMap(boost::asio::io_context& context, Topology topology, std::string name);

    // The slot's primary: at once where it is known and not doubted, else when the map was read.
    void locate(std::uint16_t slot, Locator::Found found);
    // Any primary, not always the same.
    void locate_any(Locator::Found found);
    // All primaries that have slots, when the map was read. Empty: it cannot be.
    using FoundAll = std::function<void(std::vector<Endpoint>)>;
    void locate_primaries(FoundAll found);

    // Another primary than this one has the slot, as far as is known.
    [[nodiscard]] bool elsewhere(std::uint16_t slot, const Endpoint& endpoint) const;

    // The address is used at once; the map is read in a while.
    void moved(const Moved& moved);
    // The slot's primary is not what it was, or cannot be reached; no news where the map has another one already.
    void doubt(std::uint16_t slot, const Address& primary);
    // Reads it anew, in a while.
    void refresh();

    [[nodiscard]] std::string display() const { return topology_.display(); }

   private:
    void begin();
    void ask_next();
    void answered(const Address& asked, const Reply* reply);
    void end(bool known);
    void wait(std::function<void(bool known)> waiting);
    void drop_query();

    boost::asio::io_context& context_;
    Topology topology_;
    std::string name_;  // of the connections
    SlotMap map_;
    bool known_ = false;  // the map was read once
    std::set<std::uint16_t> doubted_;
    AskOrder nodes_;
    RefreshPace pace_{map_interval};
    bool refreshing_ = false;  // under way, or waits for its time
    std::size_t any_ = 0;
    std::vector<Address> left_;  // to ask in this round, the next one last
    std::vector<std::function<void(bool known)>> waiting_;
    Deadlines deadlines_;
    std::unique_ptr<RedisQuery> query_;
};

}  // namespace foorumi::store
