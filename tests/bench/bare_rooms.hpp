// The least that durable posts in many rooms can cost: one thread that hands each post to the commit script on a Redis
// of its own and then writes each delivery and the answer. No protocol, limits, rules or feed: what it reaches on one
// core, nothing that does these writes behind this script can pass.
#pragma once

#include <cstddef>
#include <filesystem>

#include "child.hpp"
#include "measure.hpp"

namespace foorumi::bench {

class BareRooms {
   public:
    BareRooms(int core, const std::filesystem::path& directory, std::size_t rooms, std::size_t sessions);
    // One publisher and `sessions` subscribers of each room, connected.
    [[nodiscard]] RoomsLoad load() const;

   private:
    std::size_t rooms_;
    std::size_t sessions_;
    std::uint16_t port_ = 0;
    int listening_;
    Child redis_;
    Child server_;
};

}  // namespace foorumi::bench
