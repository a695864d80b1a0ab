// Who is in which room, over all nodes. Pure: events and the time in, what to tell out.
//
// Every node tells the others all its members of a room when they have changed, and again every `heartbeat`; what a
// node has not repeated for `expiry` is forgotten, so that a node that died leaves no ghosts.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "forum/entities.hpp"

namespace foorumi::dispatch {

struct PresenceChange {
    std::vector<forum::Id> joined;
    std::vector<forum::Id> left;
    std::size_t present = 0;
    std::size_t before = 0;  // present when it was last told
};

class Presence {
   public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr std::chrono::seconds heartbeat{20};
    static constexpr std::chrono::seconds expiry{50};

    // A session of the member entered or left the room on this node.
    void enter(forum::Id room, forum::Id member);
    void leave(forum::Id room, forum::Id member);
    // Another node's word.
    void heard(forum::Id room, std::string_view node, std::vector<forum::Id> members, Time now);

    struct Own {
        forum::Id room = 0;
        std::vector<forum::Id> members;
    };
    // What this node has to tell the others now. Coalesces: call it about once a second.
    [[nodiscard]] std::vector<Own> due(Time now);

    struct Changed {
        forum::Id room = 0;
        PresenceChange change;
    };
    // What has changed for the members in each room since the last call. Forgets nodes that have expired.
    [[nodiscard]] std::vector<Changed> changes(Time now);

    // Who is in the room, ascending.
    [[nodiscard]] std::vector<forum::Id> members(forum::Id room) const;

   private:
    struct OtherNode {
        std::vector<forum::Id> members;
        Time heard;
    };
    struct Room {
        std::map<forum::Id, unsigned> own;  // sessions per member
        std::map<std::string, OtherNode, std::less<>> others;
        std::set<forum::Id> told;  // what the members in the room know
        bool own_changed = false;
        bool changed = false;
        Time next_heartbeat{};
    };
    [[nodiscard]] static std::set<forum::Id> all(const Room& room);
    static void expire(Room& room, Time now);
    std::map<forum::Id, Room> rooms_;
};

}  // namespace foorumi::dispatch
