// In which order several Redis, of which each may know the answer, are asked: pure. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "store/address.hpp"

namespace foorumi::store {

class AskOrder {
   public:
    // Some are given and stay; the others are learnt from their answers, up to `most` in all.
    AskOrder(std::vector<Address> given, std::size_t most) : given_(std::move(given)), order_(given_), most_(most) {}

    [[nodiscard]] const std::vector<Address>& all() const { return order_; }

    // The others go first the next time.
    void defer(const Address& address) {
        const auto found = std::ranges::find(order_, address);
        if (found != order_.end()) std::rotate(found, found + 1, order_.end());
    }

    // The others that there are now. Those that were learnt before and are not told any more are forgotten; new ones go
    // to the end.
    void learn(const std::vector<Address>& told) {
        std::erase_if(order_, [&](const Address& address) { return !has(given_, address) && !has(told, address); });
        for (const auto& address : told) {
            if (order_.size() >= most_) return;
            if (!has(order_, address)) order_.push_back(address);
        }
    }

   private:
    static bool has(const std::vector<Address>& list, const Address& address) {
        return std::ranges::find(list, address) != list.end();
    }
    std::vector<Address> given_;
    std::vector<Address> order_;
    std::size_t most_;
};

}  // namespace foorumi::store
