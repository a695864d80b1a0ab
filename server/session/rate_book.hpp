// The members' rate limits over all their sessions. Thread-safe; asked only at Hello.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "session/rate.hpp"

namespace foorumi::session {

class RateBook {
   public:
    // The member's rate, the same for all sessions that hold it at the same time.
    [[nodiscard]] std::shared_ptr<SharedRate> of(std::uint64_t member) {
        std::lock_guard lock(mutex_);
        if (auto known = rates_[member].lock()) return known;
        auto fresh = std::make_shared<SharedRate>();
        rates_[member] = fresh;
        if (rates_.size() > 2 * live_ + 64) sweep();
        return fresh;
    }

   private:
    void sweep() {
        std::erase_if(rates_, [](const auto& entry) { return entry.second.expired(); });
        live_ = rates_.size();
    }
    std::mutex mutex_;
    std::unordered_map<std::uint64_t, std::weak_ptr<SharedRate>> rates_;
    std::size_t live_ = 0;
};

}  // namespace foorumi::session
