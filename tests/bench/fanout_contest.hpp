// Servers that deliver the same posts, in turn, and what a delivery costs each.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "raw_server.hpp"
#include "suites.hpp"

namespace foorumi::bench {

struct Contest {
    std::string what;  // "1000 sessions, 1 in flight"
    std::size_t in_flight;
    std::string beside;                // the load that the others are compared with
    std::string goal;                  // of foorumid beside it
    std::vector<std::string> cost_of;  // loads whose CPU time is told
};

void compete_at(const Plan& plan, Report& report, std::vector<FanOutLoad>& loads, const Contest& contest);

// Subscribers and a publisher of a raw server; each delivery has the size of a change.
[[nodiscard]] FanOutLoad raw_fanout(const std::string& name, const RawServer& server, std::size_t subscribers);

// The part of the fan-out suite that goes over TLS.
void fanout_over_tls(const Plan& plan, Report& report);

}  // namespace foorumi::bench
