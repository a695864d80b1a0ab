// Entries of a partition's feed, from XREAD's reply.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "store/channel_store.hpp"
#include "store/feed_trace.hpp"
#include "store/reply.hpp"

namespace foorumi::store {

// A commit, a fence, or neither: something that is not ours, which is passed over.
struct FeedEntry {
    std::uint64_t position = 0;
    std::shared_ptr<const Released> commit = nullptr;
    std::optional<Version> fence = std::nullopt;
    std::uint64_t epoch = 0;   // that begins with it; 0: none
    std::uint64_t digest = 0;  // of all that it says; the same in every process
};

// Of one stream: [[key, [[id, [field, value, ...]], ...]]], or nil if the wait ended without entries.
[[nodiscard]] std::vector<FeedEntry> parse_feed(const Reply& reply, std::uint16_t partition);

// Of XRANGE's or XREVRANGE's reply: [[id, [field, value, ...]], ...].
[[nodiscard]] std::vector<FeedMark> parse_marks(const Reply& reply);

}  // namespace foorumi::store
