// Where a page ends, for pages over what the asker may not see: two numbers that tell nothing, and that nobody can make
// up. A key of its own for each process: after a restart, or on another node, a page begins anew from nothing found.
//
// Immutable and thread-safe.
#pragma once

#include <array>
#include <cstdint>

#include "forum/entities.hpp"

namespace foorumi::dispatch {

struct PageCursor {
    std::uint64_t room = 0;
    std::uint64_t since = 0;
    friend bool operator==(const PageCursor&, const PageCursor&) = default;
};

class CursorCipher {
   public:
    CursorCipher();

    // One block of AES-256 under a key for the member. What was not made for the member opens as two random numbers.
    [[nodiscard]] PageCursor close(forum::Id member, PageCursor cursor) const { return pass(member, cursor, true); }
    [[nodiscard]] PageCursor open(forum::Id member, PageCursor cursor) const { return pass(member, cursor, false); }

   private:
    [[nodiscard]] PageCursor pass(forum::Id member, PageCursor cursor, bool encrypt) const;

    std::array<unsigned char, 32> key_{};
};

}  // namespace foorumi::dispatch
