// What one worker's sessions have asked for, for metrics. Plain counters, on the worker's thread.
#pragma once

#include <cstdint>
#include <vector>

#include "config/reason_counts.hpp"
#include "dispatch/command_table.hpp"
#include "observability/histogram.hpp"

namespace foorumi::dispatch {

struct Counts {
    explicit Counts(const config::Catalogue& catalogue)
        : requests(command_table().size()),
          refused(catalogue),
          ended(catalogue, {"sign_in_again", "peer_closed", "closed_by_us", "idle_timeout", "error"}) {}

    std::vector<std::uint64_t> requests;       // by row of the command table, refused ones included
    std::uint64_t requests_without_row = 0;    // malformed, or of no command of this server
    config::ReasonCounts refused;              // requests
    config::ReasonCounts ended;                // sessions, from when that has begun
    std::uint64_t acknowledged = 0;            // changes
    std::uint64_t repeated = 0;                // of these, done before under the same change id
    std::uint64_t expired_messages = 0;        // deleted for their age
    observability::Histogram acknowledgement;  // from a change's receipt to its acknowledgement

    Counts& operator+=(const Counts& other) {
        for (std::size_t row = 0; row < requests.size(); ++row) requests[row] += other.requests[row];
        requests_without_row += other.requests_without_row;
        refused += other.refused;
        ended += other.ended;
        acknowledged += other.acknowledged;
        repeated += other.repeated;
        expired_messages += other.expired_messages;
        acknowledgement += other.acknowledgement;
        return *this;
    }
};

}  // namespace foorumi::dispatch
