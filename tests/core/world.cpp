#include "core/world.hpp"

#include <algorithm>
#include <stdexcept>

namespace foorumi::core {
namespace {

World* the_world = nullptr;

// Turns of one io_context's queue without an end are a fault of what runs there.
constexpr int most_turns = 100'000;

}  // namespace

World::World(std::uint64_t seed, bool readable) : random_(seed), trace_(readable) { the_world = this; }

World::~World() { the_world = nullptr; }

World& World::current() {
    if (the_world == nullptr) throw std::logic_error("no world");
    return *the_world;
}

void World::at(Time time, std::size_t place, std::function<void()> event) {
    events_.push_back({std::max(time, now_), next_order_++, place, std::move(event)});
    std::push_heap(events_.begin(), events_.end(), is_later);
}

bool World::step(Time until) {
    if (events_.empty() || events_.front().time > until) {
        now_ = std::max(now_, until);
        return false;
    }
    std::pop_heap(events_.begin(), events_.end(), is_later);
    const auto event = std::move(events_.back());
    events_.pop_back();
    now_ = event.time;
    event.happen();
    if (event.place != nowhere) turn(event.place);
    return true;
}

// Sockets and timers of a real loop come between the handlers that were posted, so what was posted is now and then left
// until something else has happened.
void World::turn(std::size_t place) {
    auto* const context = places_[place];
    if (context == nullptr) return;
    const bool leaves = random_.chance(15);
    const auto most = leaves ? static_cast<int>(random_.below(3)) : most_turns;
    context->restart();
    for (int done = 0; done < most; ++done) {
        if (context->poll_one() == 0) return;
        if (places_[place] != context) return;
    }
    if (!leaves) throw std::runtime_error("turns without an end");
    after(some_time(1, 200), place, [] {});
}

std::size_t World::add_place(boost::asio::io_context& context) {
    places_.push_back(&context);
    return places_.size() - 1;
}

std::size_t World::place_of(const boost::asio::io_context& context) const {
    const auto found = std::ranges::find(places_, &context);
    if (found == places_.end()) throw std::logic_error("an io_context of no place");
    return static_cast<std::size_t>(found - places_.begin());
}

void World::violation(std::string what) {
    tell("VIOLATION {}", what);
    violations_.push_back(std::move(what));
}

}  // namespace foorumi::core
