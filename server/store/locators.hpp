// The locators of one worker's store, as the topology of its Redis wants them. Thread: the one that runs the
// io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "store/cluster_map.hpp"
#include "store/locator.hpp"
#include "store/redis_client.hpp"
#include "store/topology.hpp"

namespace foorumi::store {

class Locators {
   public:
    // `name`: of the connections that only look for something.
    Locators(boost::asio::io_context& context, Topology topology, const std::string& name);

    // Partitions may be on different servers, and move: they must not share a connection.
    [[nodiscard]] bool apart() const { return topology_.is_cluster(); }
    // For all that is done with a partition's keys.
    [[nodiscard]] std::shared_ptr<Locator> of_partition(std::uint16_t partition) const;
    // For what any primary does as well.
    [[nodiscard]] std::shared_ptr<Locator> of_any() const;

    // Of a connection's setup: what is looked at before anything else.
    [[nodiscard]] std::vector<SetupStep> checks() const;

    // A locator for each primary that there is now. Empty: that is not known at present.
    using FoundAll = std::function<void(std::vector<std::shared_ptr<Locator>>)>;
    void primaries(FoundAll found) const;

   private:
    Topology topology_;
    std::shared_ptr<ClusterMap> map_;   // of a cluster
    std::shared_ptr<Locator> primary_;  // of all others
};

}  // namespace foorumi::store
