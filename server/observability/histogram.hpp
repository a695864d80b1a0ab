// Durations by size, as Prometheus counts them. Not thread-safe: plain counters of one thread.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace foorumi::observability {

class Histogram {
   public:
    using Duration = std::chrono::steady_clock::duration;

    // Upper ends of the buckets, each included; above the last one there is one more without an end.
    static constexpr std::array<std::chrono::milliseconds, 13> bounds{
        std::chrono::milliseconds(1),    std::chrono::milliseconds(2),    std::chrono::milliseconds(5),
        std::chrono::milliseconds(10),   std::chrono::milliseconds(20),   std::chrono::milliseconds(50),
        std::chrono::milliseconds(100),  std::chrono::milliseconds(200),  std::chrono::milliseconds(500),
        std::chrono::milliseconds(1000), std::chrono::milliseconds(2000), std::chrono::milliseconds(5000),
        std::chrono::milliseconds(10000)};
    using Counts = std::array<std::uint64_t, bounds.size() + 1>;

    void observe(Duration duration) {
        std::size_t bucket = 0;
        while (bucket < bounds.size() && duration > bounds[bucket]) ++bucket;
        ++counts_[bucket];
        sum_ += duration;
    }

    Histogram& operator+=(const Histogram& other) {
        for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
        sum_ += other.sum_;
        return *this;
    }

    // Of each bucket by itself.
    [[nodiscard]] const Counts& counts() const { return counts_; }
    [[nodiscard]] Duration sum() const { return sum_; }

   private:
    Counts counts_{};
    Duration sum_{0};
};

}  // namespace foorumi::observability
