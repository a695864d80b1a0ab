// net::Connection for one socket, from the acceptance of its WebSocket handshake to its end. Internal to net/.
#pragma once

#include <string>

#include "net/connection_budget.hpp"
#include "net/transport.hpp"
#include "net/upgrade.hpp"

namespace foorumi::net {

class WorkerCore;

// Thread: the core's worker. REQUIRES: route(request).upgrade. The connection lives on its own, until its end.
void start_websocket(WorkerCore& core, Transport transport, const HttpRequest& request, std::string remote_address,
                     Ticket ticket);

}  // namespace foorumi::net
