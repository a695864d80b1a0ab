#include "store/deadlines.hpp"

#include <boost/asio/steady_timer.hpp>

namespace foorumi::store {

struct Deadlines::Timer {
    explicit Timer(boost::asio::io_context& context) : timer(context) {}
    boost::asio::steady_timer timer;
};

Deadlines::Deadlines(boost::asio::io_context& context) : timer_(std::make_shared<Timer>(context)) {}

Deadlines::~Deadlines() = default;

Deadlines::Time Deadlines::now() { return std::chrono::steady_clock::now(); }

Deadlines::Ticket Deadlines::after(std::chrono::milliseconds delay, std::function<void()> expired) {
    const Ticket ticket(now() + delay, next_++);
    waiting_.emplace(ticket, std::move(expired));
    if (ticket.first < armed_for_) arm();
    return ticket;
}

// A cancelled deadline leaves the timer as it is: it fires for nothing once, instead of being set for every command.
void Deadlines::arm() {
    armed_for_ = waiting_.empty() ? Time::max() : waiting_.begin()->first.first;
    if (waiting_.empty()) return;
    timer_->timer.expires_at(armed_for_);
    timer_->timer.async_wait([this, guard = std::weak_ptr(timer_)](boost::system::error_code error) {
        if (!error && !guard.expired()) fire();
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
