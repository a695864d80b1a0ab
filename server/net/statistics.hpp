// What one worker's connections did. Plain counters, read on the worker's thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace foorumi::net {

struct Statistics {
    std::uint64_t accepted = 0;            // sockets taken over from the listener
    std::uint64_t refused = 0;             // answered with an HTTP error
    std::uint64_t handshake_timeouts = 0;  // ended before the WebSocket was open
    std::uint64_t proxy_refusals = 0;      // ended for what came, or came from whom, instead of a PROXY header
    std::uint64_t tls_failures = 0;        // TLS handshakes that failed, but for HTTP without TLS
    std::uint64_t opened = 0;              // WebSockets
    std::uint64_t ended = 0;               // WebSockets
    std::uint64_t idle_ended = 0;          // of these, for their silence
    std::uint64_t messages_in = 0;         // whole messages handed over
    std::uint64_t bytes_in = 0;            // payload of messages
    std::uint64_t items_out = 0;           // items taken by outboxes
    std::uint64_t items_refused = 0;       // items not taken: outbox full, or closing
    std::uint64_t bytes_out = 0;           // written to sockets, frame headers included, TLS's own bytes not
    std::uint64_t writes = 0;              // sendmsg calls; over TLS records
    std::uint64_t writes_whole = 0;        // of these, took at once all that was offered
    std::uint64_t writes_blocked = 0;      // waits for a socket to become writable
};

}  // namespace foorumi::net
