// The last entries that a tail has read, by which it knows its feed again: pure. What two feeds have in common at one
// of them they have in common before it, since a feed is only appended to.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
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
        if (size_ == length) std::shift_left(marks_.begin(), marks_.end(), 1);
        size_ = std::min(size_ + 1, length);
        marks_[size_ - 1] = mark;
    }

    // What was read behind the position is read again, or was given up.
    void cut(std::uint64_t position) {
        while (size_ > 0 && marks_[size_ - 1].first > position) --size_;
    }

    void clear() { size_ = 0; }
    // Ascending.
    [[nodiscard]] std::span<const FeedMark> marks() const { return std::span(marks_).first(size_); }
    // Of position 0: there is none.
    [[nodiscard]] FeedMark newest() const { return empty() ? FeedMark{0, 0} : marks_[size_ - 1]; }
    [[nodiscard]] FeedMark oldest() const { return empty() ? FeedMark{0, 0} : marks_[0]; }
    [[nodiscard]] bool empty() const { return size_ == 0; }

    // Whether an entry that was read is another one now. What is gone from the feed tells nothing.
    [[nodiscard]] bool contradicts(const std::vector<FeedMark>& found) const {
        return std::ranges::any_of(found, [this](const FeedMark& mark) {
            const auto read = std::ranges::find(marks(), mark.first, &FeedMark::first);
            return read != marks().end() && read->second != mark.second;
        });
    }

    friend bool operator==(const FeedTrace& one, const FeedTrace& other) {
        return std::ranges::equal(one.marks(), other.marks());
    }

   private:
    std::array<FeedMark, length> marks_{};
    std::size_t size_ = 0;
};

}  // namespace foorumi::store
