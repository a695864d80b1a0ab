// When to connect again: a pure state machine, events in, what to do next out. Not thread-safe.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace foorumi::store {

// Doubling delays up to a limit, each shortened by a random part of its half, so that many clients do not come at once.
class Backoff {
   public:
    using Delay = std::chrono::milliseconds;

    constexpr Backoff(Delay first, Delay limit) : first_(first), limit_(limit), next_(first) {}

    [[nodiscard]] constexpr Delay next(std::uint32_t random) {
        const auto delay = next_;
        next_ = std::min(limit_, next_ * 2);
        return delay - Delay(static_cast<Delay::rep>(random % static_cast<std::uint32_t>(delay.count() / 2 + 1)));
    }
    constexpr void reset() { next_ = first_; }

   private:
    Delay first_;
    Delay limit_;
    Delay next_;
};

class Reconnect {
   public:
    enum class State : std::uint8_t { idle, connecting, handshaking, ready, waiting, stopped };

    constexpr explicit Reconnect(Backoff backoff) : backoff_(backoff) {}

    [[nodiscard]] constexpr State state() const { return state_; }
    // Of connections that were ready.
    [[nodiscard]] constexpr std::uint64_t losses() const { return losses_; }

    // True: connect now.
    [[nodiscard]] constexpr bool start() { return move(State::idle, State::connecting); }
    // True: connect now.
    [[nodiscard]] constexpr bool waited() { return move(State::waiting, State::connecting); }
    // True: begin the handshake.
    [[nodiscard]] constexpr bool connected() { return move(State::connecting, State::handshaking); }
    // True: the connection may be used.
    [[nodiscard]] constexpr bool handshaken() { return move(State::handshaking, State::ready); }
    // The connection is of use. Only this ends the growth of the delays: a server that accepts, and then refuses what
    // it is asked for, is not back yet.
    constexpr void settled() {
        if (state_ == State::ready) backoff_.reset();
    }

    struct Loss {
        bool wait = false;       // try again after `delay`
        bool was_ready = false;  // users must be told
        Backoff::Delay delay{};
    };
    [[nodiscard]] constexpr Loss lost(std::uint32_t random) {
        const bool alive = state_ == State::connecting || state_ == State::handshaking || state_ == State::ready;
        if (!alive) return {};
        const bool was_ready = state_ == State::ready;
        if (was_ready) ++losses_;
        state_ = State::waiting;
        return {.wait = true, .was_ready = was_ready, .delay = backoff_.next(random)};
    }

    constexpr void stop() { state_ = State::stopped; }

   private:
    constexpr bool move(State from, State to) {
        if (state_ != from) return false;
        state_ = to;
        return true;
    }

    Backoff backoff_;
    State state_ = State::idle;
    std::uint64_t losses_ = 0;
};

}  // namespace foorumi::store
