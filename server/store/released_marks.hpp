// What was released last of each partition, kept outside of Redis: by it a node that starts notices that Redis has come
// back with less, or with something else.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "store/channel_store.hpp"
#include "store/feed_trace.hpp"

namespace foorumi::store {

struct ReleasedMark {
    Epoch epoch = 0;
    FeedTrace entries;  // of the feed, the last ones; empty: none of this epoch yet
    bool operator==(const ReleasedMark&) const = default;
};

// Thread: any; each partition is noted by its own worker.
class ReleasedMarks {
   public:
    // Reads the file, if it is there and of this installation with so many partitions; what cannot be read is as if it
    // were not there, with a warning. An empty path: nothing is read or written.
    ReleasedMarks(std::string path, std::string installation, std::uint16_t partitions);

    // As the file had it; nothing: not known.
    [[nodiscard]] std::optional<ReleasedMark> remembered(std::uint16_t partition) const {
        return remembered_.at(partition);
    }

    void note(std::uint16_t partition, const ReleasedMark& mark);

    // Writes what was noted since, if anything was: whole or not at all. What was noted right before a power loss may
    // be missing from it. An error is logged once.
    void write();

   private:
    void read();
    [[nodiscard]] std::string text(const std::vector<std::optional<ReleasedMark>>& marks) const;
    [[nodiscard]] bool replace(const std::string& text) const;

    const std::string path_;
    const std::string installation_;
    std::vector<std::optional<ReleasedMark>> remembered_;
    std::mutex writing_;  // of the file
    std::mutex mutex_;    // of all that follows
    std::vector<std::optional<ReleasedMark>> marks_;
    bool changed_ = false;
    bool failed_ = false;
};

}  // namespace foorumi::store
