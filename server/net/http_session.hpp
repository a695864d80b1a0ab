// One socket until its WebSocket handshake: learns from proxies of ours who the client is, reads one HTTP request
// within limits, then hands the socket on to a WebSocketConnection, or answers, by the HttpService for what is its own,
// and ends.
#pragma once

#include "net/connection_budget.hpp"
#include "net/unique_fd.hpp"

namespace foorumi::net {

class WorkerCore;

// Bytes of a request's line and headers together.
inline constexpr std::size_t max_header_bytes = 8 * 1024;

// Thread: the core's worker. A WebSocket handshake or a call whose ticket is not admitted gets HTTP 503 with
// Retry-After. The session lives on its own; the handshake timeout bounds it, with the body and the service's answer.
void start_http_session(WorkerCore& core, UniqueFd fd, Ticket ticket);

}  // namespace foorumi::net
