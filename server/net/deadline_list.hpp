// Deadlines of many connections in order of time, for one coarse timer: no timer per connection. Pure; times come in.
// Not thread-safe.
#pragma once

#include <boost/intrusive/set.hpp>
#include <chrono>
#include <functional>
#include <optional>

namespace foorumi::net {

using TimePoint = std::chrono::steady_clock::time_point;
using Clock = std::function<TimePoint()>;

// One moment at which its owner wants to be called. Leaves the list when it is destroyed.
class Deadline : public boost::intrusive::set_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>,
                                                        boost::intrusive::optimize_size<true>> {
   public:
    virtual ~Deadline() = default;
    // May arm itself again, disarm or destroy any deadline.
    virtual void on_deadline(TimePoint now) = 0;

    [[nodiscard]] TimePoint due() const { return due_; }
    [[nodiscard]] bool armed() const { return is_linked(); }
    void disarm() {
        if (is_linked()) unlink();
    }
    friend bool operator<(const Deadline& a, const Deadline& b) { return a.due_ < b.due_; }

   private:
    friend class DeadlineList;
    TimePoint due_{};
};

class DeadlineList {
   public:
    // Arms it, or moves it to another time.
    void arm(Deadline& deadline, TimePoint due);

    // Calls each that is due once, the earliest first; what is armed meanwhile waits for the next run, even if due.
    void run(TimePoint now);

    [[nodiscard]] std::optional<TimePoint> next() const;
    [[nodiscard]] bool empty() const { return deadlines_.empty(); }

   private:
    using Set = boost::intrusive::multiset<Deadline, boost::intrusive::constant_time_size<false>>;
    Set deadlines_;
};

}  // namespace foorumi::net
