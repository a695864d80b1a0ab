// Time as a seam: everything that decides on time asks a Clock, so that tests choose it. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>

namespace foorumi {

class Clock {
   public:
    virtual ~Clock() = default;
    // Milliseconds since 1970-01-01 UTC; may jump.
    [[nodiscard]] virtual std::int64_t wall_ms() const {
        using namespace std::chrono;
        return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
    }
    // Never jumps; for rates and waits.
    [[nodiscard]] virtual std::chrono::steady_clock::time_point steady() const {
        return std::chrono::steady_clock::now();
    }
};

}  // namespace foorumi
