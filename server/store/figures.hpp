// What one worker's store tells of itself, for metrics. Plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace foorumi::store {

// Connections to Redis of one kind.
struct ConnectionFigures {
    std::size_t count = 0;
    std::size_t up = 0;      // of these, ready for commands
    std::uint64_t lost = 0;  // after they were ready

    void add(bool ready, std::uint64_t losses) {
        ++count;
        if (ready) ++up;
        lost += losses;
    }
    ConnectionFigures& operator+=(const ConnectionFigures& other) {
        count += other.count;
        up += other.up;
        lost += other.lost;
        return *this;
    }
};

// What a feed's tail has met since the start.
struct FeedCounts {
    std::uint64_t losses = 0;  // times that the feed was found to lack what was released
    std::uint64_t epochs = 0;  // that have begun, here or on another node
    std::uint64_t gaps = 0;    // times that entries were trimmed before they were read

    FeedCounts& operator+=(const FeedCounts& other) {
        losses += other.losses;
        epochs += other.epochs;
        gaps += other.gaps;
        return *this;
    }
};

struct PartitionFigures {
    std::uint16_t number = 0;
    std::uint64_t released = 0;  // position of its feed
    bool held = false;           // by a fence
    bool replicas_missing = false;
};

struct Figures {
    std::size_t pending = 0;       // changes and reads without answer
    std::uint64_t remembered = 0;  // channels opened since the start without a read
    std::size_t recent_bytes = 0;  // of commits kept for that
    std::vector<PartitionFigures> partitions;
    FeedCounts feeds;
    ConnectionFigures tails;
    ConnectionFigures commands;
    ConnectionFigures ephemerals;

    Figures& operator+=(const Figures& other) {
        pending += other.pending;
        remembered += other.remembered;
        recent_bytes += other.recent_bytes;
        partitions.insert(partitions.end(), other.partitions.begin(), other.partitions.end());
        feeds += other.feeds;
        tails += other.tails;
        commands += other.commands;
        ephemerals += other.ephemerals;
        return *this;
    }
};

}  // namespace foorumi::store
