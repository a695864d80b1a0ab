// Stands in for server/store/deadlines.cpp: the same on the simulation's time.
#include "store/deadlines.hpp"

#include "core/world.hpp"

namespace foorumi::store {

using core::World;

struct Deadlines::Timer {
    std::size_t place;
};

Deadlines::Deadlines(boost::asio::io_context& context)
    : timer_(std::make_shared<Timer>(World::current().place_of(context))) {}

Deadlines::~Deadlines() = default;

Deadlines::Time Deadlines::now() { return World::current().now(); }

Deadlines::Ticket Deadlines::after(std::chrono::milliseconds delay, std::function<void()> expired) {
    const Ticket ticket(now() + delay, next_++);
    waiting_.emplace(ticket, std::move(expired));
    if (ticket.first < armed_for_) arm();
    return ticket;
}

void Deadlines::arm() {
    armed_for_ = waiting_.empty() ? Time::max() : waiting_.begin()->first.first;
    if (waiting_.empty()) return;
    World::current().at(armed_for_, timer_->place, [this, guard = std::weak_ptr(timer_), time = armed_for_] {
        if (!guard.expired() && time == armed_for_) fire();
    });
}

void Deadlines::fire() {
    const auto reached = now();
    while (!waiting_.empty() && waiting_.begin()->first.first <= reached) {
        const auto expired = waiting_.extract(waiting_.begin());
        expired.mapped()();
    }
    arm();
}

}  // namespace foorumi::store
