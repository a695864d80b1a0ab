// Counts the deliveries of one room's posts and checks that every subscriber sees each version once and in order.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace foorumi::bench {

class FanOutCounter {
   public:
    // version: the room's when the subscribers came.
    FanOutCounter(std::uint64_t version, std::size_t subscribers)
        : seen_(subscribers, version), first_(version), last_posted_(version), done_(version) {}

    void posted() {
        ++last_posted_;
        open_.push_back(0);
    }

    void delivered(std::size_t subscriber, std::uint64_t version) {
        if (version != seen_[subscriber] + 1) {
            throw std::runtime_error("subscriber " + std::to_string(subscriber) + " got version " +
                                     std::to_string(version) + " after " + std::to_string(seen_[subscriber]));
        }
        if (version > last_posted_) throw std::runtime_error("a version that nobody has posted");
        seen_[subscriber] = version;
        ++deliveries_;
        if (++open_[version - first_ - 1] == seen_.size()) ++done_;
    }

    [[nodiscard]] std::uint64_t deliveries() const { return deliveries_; }
    [[nodiscard]] std::uint64_t last_posted() const { return last_posted_; }
    // Posts that not every subscriber has seen.
    [[nodiscard]] std::size_t in_flight() const { return last_posted_ - done_; }

   private:
    std::vector<std::uint64_t> seen_;  // by subscriber
    std::vector<std::uint32_t> open_;  // by post: how many have seen it
    std::uint64_t first_;
    std::uint64_t last_posted_;
    std::uint64_t done_;  // up to here everyone has seen everything: subscribers see versions in order
    std::uint64_t deliveries_ = 0;
};

}  // namespace foorumi::bench
