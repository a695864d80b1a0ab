// How far a partition's feed is released, and who waits for it. Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

namespace foorumi::store {

class Release {
   public:
    // True: released. False: the feed was found to end before that position (a restored backup).
    using Wait = std::function<void(bool released)>;
    enum class Fences : std::uint8_t { hold, pass };

    struct Ticket {
        Fences fences = Fences::hold;
        std::pair<std::uint64_t, std::uint64_t> place{0, 0};  // position, serial; serial 0: none
    };

    // Calls at once if it is released. With Fences::pass it is called, too, as soon as the release is held by a fence.
    Ticket when(std::uint64_t position, Fences fences, Wait wait) {
        if (position <= position_ || (held_ && fences == Fences::pass)) {
            wait(true);
            return {};
        }
        const Ticket ticket{fences, {position, ++serial_}};
        waits(fences).emplace(ticket.place, std::move(wait));
        return ticket;
    }
    void cancel(const Ticket& ticket) { waits(ticket.fences).erase(ticket.place); }

    void advance(std::uint64_t position) {
        if (position > position_) position_ = position;
        call_until(Fences::hold, position_, true);
        call_until(Fences::pass, position_, true);
    }

    // The release is held by a fence, or goes on.
    void hold(bool held) {
        held_ = held;
        if (held) call_until(Fences::pass, UINT64_MAX, true);
    }

    void rewind(std::uint64_t position) {
        position_ = position;
        call_until(Fences::hold, UINT64_MAX, false);
        call_until(Fences::pass, UINT64_MAX, false);
    }

    [[nodiscard]] std::uint64_t position() const { return position_; }

   private:
    using Waits = std::map<std::pair<std::uint64_t, std::uint64_t>, Wait>;

    Waits& waits(Fences fences) { return fences == Fences::hold ? waits_ : passing_; }

    // A call may add and cancel waits; those added to a released position were called already.
    void call_until(Fences fences, std::uint64_t position, bool released) {
        auto& waiting = waits(fences);
        const auto last_serial = serial_;
        while (!waiting.empty() && waiting.begin()->first.first <= position) {
            if (waiting.begin()->first.second > last_serial) break;
            const auto node = waiting.extract(waiting.begin());
            node.mapped()(released);
        }
    }

    std::uint64_t position_ = 0;
    bool held_ = false;
    std::uint64_t serial_ = 0;
    Waits waits_;
    Waits passing_;
};

}  // namespace foorumi::store
