// The last entries that a tail has read, by which it knows its feed again: pure. What two feeds have in common at one
// of them they have in common before it, since a feed is only appended to.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

namespace foorumi::store {

// A position and a digest of all that the entry says. Entries that say the same leave the same state behind, whoever
// made them.
using FeedMark = std::pair<std::uint64_t, std::uint64_t>;

class FeedTrace {
   public:
    // A fence says little, and may be the same in both feeds, so one entry is not enough.
    static constexpr std::size_t length = 32;

    void note(FeedMark mark) {
        cut(mark.first - 1);
        marks_.push_back(mark);
        if (marks_.size() > length) marks_.pop_front();
    }

    // What was read behind the position is read again, or was given up.
    void cut(std::uint64_t position) {
        while (!marks_.empty() && marks_.back().first > position) marks_.pop_back();
    }

    void clear() { marks_.clear(); }
    // Of position 0: there is none.
    [[nodiscard]] FeedMark newest() const { return marks_.empty() ? FeedMark{0, 0} : marks_.back(); }
    [[nodiscard]] FeedMark oldest() const { return marks_.empty() ? FeedMark{0, 0} : marks_.front(); }
    [[nodiscard]] bool empty() const { return marks_.empty(); }

    // Whether an entry that was read is another one now. What is gone from the feed tells nothing.
    [[nodiscard]] bool contradicts(const std::vector<FeedMark>& found) const {
        return std::ranges::any_of(found, [this](const FeedMark& mark) {
            const auto read = std::ranges::find(marks_, mark.first, &FeedMark::first);
            return read != marks_.end() && read->second != mark.second;
        });
    }

   private:
    std::deque<FeedMark> marks_;
};

}  // namespace foorumi::store
