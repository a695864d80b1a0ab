// Many deadlines on one timer. Thread: the one that runs the io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>

namespace foorumi::store {

class Deadlines {
   public:
    using Time = std::chrono::steady_clock::time_point;
    using Ticket = std::pair<Time, std::uint64_t>;

    explicit Deadlines(boost::asio::io_context& context);
    ~Deadlines();

    // By the clock that deadlines are counted on.
    [[nodiscard]] static Time now();

    // `expired` runs once, in a later turn, unless cancelled before.
    Ticket after(std::chrono::milliseconds delay, std::function<void()> expired);
    void cancel(const Ticket& ticket) { waiting_.erase(ticket); }
    void clear() { waiting_.clear(); }

   private:
    struct Timer;
    void arm();
    void fire();

    std::shared_ptr<Timer> timer_;
    std::map<Ticket, std::function<void()>> waiting_;
    std::uint64_t next_ = 0;
    Time armed_for_ = Time::max();
};

}  // namespace foorumi::store
