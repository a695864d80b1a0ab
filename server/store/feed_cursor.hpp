// Where a tail is in its feed: pure. Positions are consecutive, so what is missing shows.
#pragma once

#include <algorithm>
#include <cstdint>

namespace foorumi::store {

class FeedCursor {
   public:
    enum class Start : std::uint8_t { first, goes_on, rewound };
    enum class Step : std::uint8_t { next, gap, seen };

    // At each connect, with the feed's last position, what is consumed, the last position that was known to be in it,
    // which may be ahead of the cursor, and whether what was read is still what stands there. The first time it starts
    // behind what is consumed; `rewound`: the feed ends before what was there already, or is another one (a restored
    // backup, a promoted replica that lacked something), and the cursor starts behind what is consumed, as the first
    // time: what followed from later entries may be missing there.
    Start connected(std::uint64_t last, std::uint64_t consumed, std::uint64_t known, bool same = true) {
        if (!started_) {
            started_ = true;
            position_ = consumed;
            return Start::first;
        }
        if (same && last >= std::max(known, position_)) return Start::goes_on;
        position_ = std::min(last, consumed);
        return Start::rewound;
    }

    // `gap`: entries between the cursor and this one were trimmed away; the cursor is right before it now. Not `next`
    // until passed() is called.
    Step meet(std::uint64_t position) {
        if (position <= position_) return Step::seen;
        if (position == position_ + 1) return Step::next;
        position_ = position - 1;
        return Step::gap;
    }

    void passed(std::uint64_t position) { position_ = position; }

    [[nodiscard]] bool started() const { return started_; }
    [[nodiscard]] std::uint64_t position() const { return position_; }

   private:
    std::uint64_t position_ = 0;
    bool started_ = false;
};

}  // namespace foorumi::store
