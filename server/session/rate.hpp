// Rate limits by the generic cell rate algorithm (GCRA, ITU-T I.371): one number instead of a bucket and its refill.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace foorumi::session {

struct Rate {
    std::uint32_t per_second = 1;
    std::uint32_t burst = 1;  // what may come at once
};

// Decides on `cost` units at `now`. Returns 0 if they fit, else the milliseconds (rounded up) until they would.
// `arrival` is the theoretical arrival time in nanoseconds, kept by the caller; changed only if the units fit.
[[nodiscard]] inline std::uint32_t take(std::int64_t& arrival, const Rate& rate, std::uint32_t cost,
                                        std::int64_t now_ns) {
    const std::int64_t interval = 1'000'000'000LL / rate.per_second;
    const std::int64_t next = (arrival > now_ns ? arrival : now_ns) + interval * cost;
    const std::int64_t over = next - now_ns - interval * static_cast<std::int64_t>(rate.burst);
    if (over > 0) return static_cast<std::uint32_t>((over + 999'999) / 1'000'000);
    arrival = next;
    return 0;
}

// The same for all sessions of one member, on any worker. Thread-safe, lock-free.
class SharedRate {
   public:
    [[nodiscard]] std::uint32_t take(const Rate& rate, std::uint32_t cost, std::int64_t now_ns) {
        std::int64_t seen = arrival_.load(std::memory_order_relaxed);
        for (;;) {
            std::int64_t next = seen;
            if (auto wait = session::take(next, rate, cost, now_ns)) return wait;
            if (arrival_.compare_exchange_weak(seen, next, std::memory_order_relaxed)) return 0;
        }
    }

    // Nothing of what was taken counts any more.
    [[nodiscard]] bool recovered(std::int64_t now_ns) const {
        return arrival_.load(std::memory_order_relaxed) <= now_ns;
    }

   private:
    std::atomic<std::int64_t> arrival_{0};
};

}  // namespace foorumi::session
