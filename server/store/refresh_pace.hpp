// How often something may be asked anew that many may want anew at once: pure. Not thread-safe.
#pragma once

#include <chrono>

namespace foorumi::store {

class RefreshPace {
   public:
    using Time = std::chrono::steady_clock::time_point;

    explicit RefreshPace(std::chrono::milliseconds interval) : interval_(interval) {}

    // How long to wait before the next one begins; 0: not at all.
    [[nodiscard]] std::chrono::milliseconds delay(Time now) const {
        if (now >= not_before_) return std::chrono::milliseconds(0);
        return std::chrono::ceil<std::chrono::milliseconds>(not_before_ - now);
    }
    void began(Time now) { not_before_ = now + interval_; }

   private:
    std::chrono::milliseconds interval_;
    Time not_before_ = Time::min();
};

}  // namespace foorumi::store
