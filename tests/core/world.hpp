// Time, chance, and what is going to happen, of one simulation. Nothing waits: time leaps to the next event.
//
// One world at a time in a process; what the server asks for (timers, connections) finds it by current().
#pragma once

#include <any>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "core/trace.hpp"

namespace foorumi::core {

class Network;

using std::chrono::microseconds;
using std::chrono::milliseconds;

class World {
   public:
    static constexpr std::size_t nowhere = ~std::size_t{0};

    World(std::uint64_t seed, bool readable);
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    [[nodiscard]] static World& current();

    [[nodiscard]] Time now() const { return now_; }
    // By the wall clock of all, in milliseconds.
    [[nodiscard]] std::int64_t wall_ms() const { return wall_begin_ms + now_.time_since_epoch() / milliseconds(1); }
    [[nodiscard]] Random& random() { return random_; }
    [[nodiscard]] microseconds some_time(std::uint64_t least_us, std::uint64_t most_us) {
        return microseconds(random_.between(least_us, most_us));
    }

    // `place` is where it happens: what it leaves to later turns of that io_context is done behind it, or a little
    // later.
    void at(Time time, std::size_t place, std::function<void()> event);
    void after(microseconds delay, std::size_t place, std::function<void()> event) {
        at(now_ + delay, place, std::move(event));
    }
    void after(microseconds delay, std::function<void()> event) { at(now_ + delay, nowhere, std::move(event)); }

    // The next event, if there is one until then; else time is `until`, and false.
    bool step(Time until);

    // A place where server code runs.
    std::size_t add_place(boost::asio::io_context& context);
    void remove_place(std::size_t place) { places_[place] = nullptr; }
    [[nodiscard]] std::size_t place_of(const boost::asio::io_context& context) const;

    template <class... Arguments>
    void tell(fmt::format_string<Arguments...> text, Arguments&&... arguments) {
        trace_.tell(now_, text, std::forward<Arguments>(arguments)...);
    }
    [[nodiscard]] std::uint64_t hash() const { return trace_.hash(); }

    // Something that must not be. The first one is what the run is about; those behind it may follow from it.
    void violation(std::string what);
    [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }

    // Of whoever makes the world, for what finds it by current().
    Network* network = nullptr;
    std::map<std::string, std::any> files;

   private:
    static constexpr std::int64_t wall_begin_ms = 1'700'000'000'000;

    struct Event {
        Time time;
        std::uint64_t order;
        std::size_t place;
        std::function<void()> happen;
    };
    static bool is_later(const Event& one, const Event& other) {
        return one.time != other.time ? one.time > other.time : one.order > other.order;
    }
    void turn(std::size_t place);

    Random random_;
    Trace trace_;
    Time now_{std::chrono::seconds(1'000)};
    std::uint64_t next_order_ = 0;
    std::vector<Event> events_;  // a heap
    std::vector<boost::asio::io_context*> places_;
    std::vector<std::string> violations_;
};

}  // namespace foorumi::core
