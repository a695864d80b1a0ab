// What one worker's connections did. Plain counters, read on the worker's thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace foorumi::net {

struct Statistics {
    std::uint64_t accepted = 0;             // sockets taken over from the listener
    std::uint64_t refused = 0;              // answered with an HTTP error
    std::uint64_t refused_as_too_many = 0;  // of these, as one connection more than there may be
    std::uint64_t dropped = 0;              // ended without an answer, for the same
    std::uint64_t handshake_timeouts = 0;   // ended before the WebSocket was open
    std::uint64_t proxy_refusals = 0;       // ended for what came, or came from whom, instead of a PROXY header
    std::uint64_t tls_failures = 0;         // TLS handshakes that failed, but for HTTP without TLS
    std::uint64_t opened = 0;               // WebSockets
    std::uint64_t ended = 0;                // WebSockets
    std::uint64_t idle_ended = 0;           // of these, for their silence
    std::uint64_t messages_in = 0;          // whole messages handed over
    std::uint64_t bytes_in = 0;             // payload of messages
    std::uint64_t items_out = 0;            // items taken by outboxes
    std::uint64_t items_refused = 0;        // items not taken: outbox full, or closing
    std::uint64_t bytes_out = 0;            // written to sockets, frame headers included, TLS's own bytes not
    std::uint64_t writes = 0;               // sendmsg calls; over TLS records
    std::uint64_t writes_whole = 0;         // of these, took at once all that was offered
    std::uint64_t writes_blocked = 0;       // waits for a socket to become writable

    Statistics& operator+=(const Statistics& other) {
        accepted += other.accepted;
        refused += other.refused;
        refused_as_too_many += other.refused_as_too_many;
        dropped += other.dropped;
        handshake_timeouts += other.handshake_timeouts;
        proxy_refusals += other.proxy_refusals;
        tls_failures += other.tls_failures;
        opened += other.opened;
        ended += other.ended;
        idle_ended += other.idle_ended;
        messages_in += other.messages_in;
        bytes_in += other.bytes_in;
        items_out += other.items_out;
        items_refused += other.items_refused;
        bytes_out += other.bytes_out;
        writes += other.writes;
        writes_whole += other.writes_whole;
        writes_blocked += other.writes_blocked;
        return *this;
    }
};

}  // namespace foorumi::net
