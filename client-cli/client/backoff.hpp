// How long to wait before the next attempt to connect. Pure; the random source is the caller's.
#pragma once

#include <cstdint>
#include <functional>

namespace foorumi::client {

using Millis = std::int64_t;

// A number from 0 (included) to 1 (excluded).
using Random = std::function<double()>;

// Doubles from `first_ms` to `most_ms`; each delay lies at random between half of that and all of it, so that clients
// that were cut off together do not come back together.
class Backoff {
   public:
    static constexpr Millis first_ms = 250;
    static constexpr Millis most_ms = 15'000;

    explicit Backoff(Random random) : random_(std::move(random)) {}

    [[nodiscard]] Millis next() {
        const Millis ceiling = ceiling_;
        ceiling_ = ceiling_ * 2 < most_ms ? ceiling_ * 2 : most_ms;
        const Millis half = ceiling / 2;
        const Millis rest = ceiling - half;
        return half + static_cast<Millis>(random_() * static_cast<double>(rest));
    }

    // At random between 0 and `most`.
    [[nodiscard]] Millis spread(Millis most) { return static_cast<Millis>(random_() * static_cast<double>(most)); }

    void reset() { ceiling_ = first_ms; }

   private:
    Random random_;
    Millis ceiling_ = first_ms;
};

}  // namespace foorumi::client
