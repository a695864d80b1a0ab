// net::Connection for one socket, from the acceptance of its WebSocket handshake to its end. Internal to net/.
#pragma once

#include <string>

#include "net/connection_budget.hpp"
#include "net/transport.hpp"
#include "net/upgrade.hpp"

namespace foorumi::net {

class WorkerCore;

// What is known of the client by the time of its handshake.
struct Arrival {
    std::string remote_address;
    std::string cookie_token;  // empty: none
    bool secure;
    Ticket ticket;
};

// Thread: the core's worker. REQUIRES: route() led here. The connection lives on its own, until its end.
void start_websocket(WorkerCore& core, Transport transport, const HttpRequest& request, Arrival arrival);

}  // namespace foorumi::net
