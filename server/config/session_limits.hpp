// What bounds one session and one member. Plain values.
#pragma once

#include <cstddef>
#include <cstdint>

namespace foorumi::config {

struct SessionLimits {
    std::uint32_t requests_per_frame = 64;
    std::uint32_t in_flight = 256;                   // requests of one session under way
    std::uint32_t requests_per_second = 50;          // of one session, in the long run
    std::uint32_t request_burst = 200;               // of one session, at once after a pause
    std::uint32_t member_requests_per_second = 100;  // of all sessions of one member
    std::uint32_t member_request_burst = 400;
    std::uint32_t connections_per_member = 50;  // live ones, in this process
    std::uint32_t subscriptions = 64;           // channels of one session
    std::uint32_t bad_requests = 20;            // malformed requests after which the connection is ended
    std::uint32_t limited_requests = 1'000;     // refused for their rate in a row, after which the connection is ended
    std::uint32_t hello_timeout_ms = 10'000;    // WebSocket handshake to Hello
    std::uint32_t typing_interval_ms = 2'000;   // between two typing events of a session
    std::uint32_t page = 100;                   // entries of the largest page
    std::uint32_t page_default = 50;            // entries of a page where the request names no limit
    std::uint32_t rooms = 1'000;                // in one answer to list_rooms
    std::uint32_t snapshot_threads = 50;        // threads in the snapshot of a room
    std::uint32_t unread_cap = 100;             // unread messages of a thread are counted up to this
    std::uint32_t sync_entities =
        1'000;                         // changed entities in one answer; more: the client asks again, or gets a reset
    std::uint32_t syncs_at_once = 16;  // channels of a partition read for who subscribes or resumes
    std::uint32_t syncs_waiting =
        20'000;                         // for their turn, of a partition: every connection's. Further ones are refused
    std::uint32_t presence_list = 200;  // members in a room up to which they are listed; above only counted
    std::uint32_t inbox_entries = 500;  // entries kept in a member's inbox
};

}  // namespace foorumi::config
