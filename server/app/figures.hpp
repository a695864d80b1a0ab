// What one worker, or all together, tell of themselves for metrics: counts, and never whose.
#pragma once

#include <cstddef>
#include <optional>

#include "dispatch/counts.hpp"
#include "dispatch/worker.hpp"
#include "entrance/entrance.hpp"
#include "net/statistics.hpp"
#include "net/worker_net.hpp"
#include "store/figures.hpp"

namespace foorumi::app {

struct Figures {
    net::Statistics net;
    std::size_t connections = 0;  // sockets of members, those in their handshake included
    std::size_t sessions = 0;     // open WebSockets
    std::size_t handshakes_waiting = 0;
    dispatch::Counts dispatch;
    dispatch::Home::Openings openings;
    store::Figures store;
    std::optional<entrance::Counts> entrance;  // which is at home on one worker

    // REQUIRES: both are of one process.
    Figures& operator+=(const Figures& other);
};

// But for what is not of every worker. On that worker.
[[nodiscard]] Figures figures_of(dispatch::Worker& worker, const net::WorkerNet& net);

}  // namespace foorumi::app
