// How far a partition's feed is released, and who waits for it. Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

namespace foorumi::store {

class Release {
   public:
    // True: released. False: the feed was found to end before that position (a restored backup).
    using Wait = std::function<void(bool released)>;
    enum class Fences : std::uint8_t { hold, pass };

    using Place = std::pair<std::uint64_t, std::uint64_t>;  // position, serial from 1
    struct Ticket {
        Fences fences = Fences::hold;
        Place place{0, 0};
    };

    // Calls at once if it is released, unless the feed is away. With Fences::pass it is called, too, as soon as the
    // release is held by a fence.
    Ticket when(std::uint64_t position, Fences fences, Wait wait) {
        if (!away_ && (position <= position_ || (held_ && fences == Fences::pass))) {
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
        if (!away_) call_released();
    }

    // The release is held by a fence, or goes on.
    void hold(bool held) {
        held_ = held;
        if (!away_) call_released();
    }

    // It is not known what the feed is now: whoever waits already learns that, and nobody is called until back().
    void away() {
        away_ = true;
        fail();
    }
    void back() {
        away_ = false;
        call_released();
    }

    void rewind(std::uint64_t position) {
        position_ = position;
        fail();
    }

    // Whoever waits learns that what they wait for may never come; the position stays.
    void fail() {
        fail_all(waits_);
        fail_all(passing_);
    }

    [[nodiscard]] std::uint64_t position() const { return position_; }
    [[nodiscard]] bool held() const { return held_; }

   private:
    using Waits = std::map<Place, Wait>;

    Waits& waits(Fences fences) { return fences == Fences::hold ? waits_ : passing_; }

    void call_released() {
        call_until(waits_, position_);
        call_until(passing_, held_ ? UINT64_MAX : position_);
    }

    // A call may cancel waits; those it adds to a released position are called on the spot.
    static void call_until(Waits& waiting, std::uint64_t position) {
        while (!waiting.empty() && waiting.begin()->first.first <= position) {
            const auto node = waiting.extract(waiting.begin());
            node.mapped()(true);
        }
    }

    // Those that a call adds are none of these.
    static void fail_all(Waits& waiting) {
        std::vector<Place> places;
        for (const auto& [place, wait] : waiting) places.push_back(place);
        for (const auto& place : places) {
            const auto node = waiting.extract(place);
            if (!node.empty()) node.mapped()(false);
        }
    }

    std::uint64_t position_ = 0;
    bool held_ = false;
    bool away_ = false;
    std::uint64_t serial_ = 0;
    Waits waits_;
    Waits passing_;
};

}  // namespace foorumi::store
