// Which servers an installation's Redis is on, at the start of a process. Blocks; not for workers.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "store/slot_map.hpp"
#include "store/topology.hpp"

namespace foorumi::store {

struct Places {
    std::vector<Endpoint> primaries;  // at least one where there is no problem
    SlotMap slots;                    // of a cluster
    std::string problem;              // why they are not known, and how to mend it
    bool passing = false;             // it may go away by waiting

    // That has the partition's keys. REQUIRES: no problem.
    [[nodiscard]] Endpoint of_partition(const Topology& topology, std::uint16_t partition) const;
};

// Asks sentinels or nodes in turn, each for as long as `timeout` at most. The first one is another with each attempt:
// it may be one that is cut off from the others.
[[nodiscard]] Places find_places(const Topology& topology, std::size_t attempt, std::chrono::milliseconds timeout);

}  // namespace foorumi::store
