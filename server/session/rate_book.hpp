// The members' rate limits over all their sessions, those that have ended included: to connect again gives no new
// burst. Thread-safe; asked only at Hello.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "session/rate.hpp"

namespace foorumi::session {

class RateBook {
   public:
    // The member's rate, the same for all sessions.
    [[nodiscard]] std::shared_ptr<SharedRate> of(std::uint64_t member, std::int64_t now_ns) {
        std::lock_guard lock(mutex_);
        if (rates_.size() > 2 * kept_ + 64) sweep(now_ns);
        auto& rate = rates_[member];
        if (!rate) rate = std::make_shared<SharedRate>();
        return rate;
    }

    [[nodiscard]] std::size_t size() const {
        std::lock_guard lock(mutex_);
        return rates_.size();
    }

   private:
    // Those that nobody holds and that have recovered are like fresh ones.
    void sweep(std::int64_t now_ns) {
        std::erase_if(rates_, [now_ns](const auto& entry) {
            return entry.second.use_count() == 1 && entry.second->recovered(now_ns);
        });
        kept_ = rates_.size();
    }
    mutable std::mutex mutex_;
    std::unordered_map<std::uint64_t, std::shared_ptr<SharedRate>> rates_;
    std::size_t kept_ = 0;  // after the last sweep
};

}  // namespace foorumi::session
