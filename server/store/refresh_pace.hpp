// How often something may be asked anew that many may want anew at once: pure. Not thread-safe.
#pragma once

#include <chrono>
#include <optional>

namespace foorumi::store {

class RefreshPace {
   public:
    using Time = std::chrono::steady_clock::time_point;

    explicit RefreshPace(std::chrono::milliseconds interval) : interval_(interval) {}

    // How long to wait before the next one begins; 0: not at all.
    [[nodiscard]] std::chrono::milliseconds delay(Time now) const {
        if (!began_ || now - *began_ >= interval_) return std::chrono::milliseconds(0);
        return std::chrono::ceil<std::chrono::milliseconds>(interval_ - (now - *began_));
    }
    void began(Time now) { began_ = now; }

   private:
    std::chrono::milliseconds interval_;
    std::optional<Time> began_;
};

}  // namespace foorumi::store
