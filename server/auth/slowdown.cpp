#include "auth/slowdown.hpp"

#include <algorithm>

namespace foorumi::auth {
namespace {

// After so many tries that count.
std::int64_t delay_after(const Pace& pace, std::int64_t tries) {
    if (tries < static_cast<std::int64_t>(pace.tries)) return 0;
    std::int64_t delay = pace.delay_ns;
    for (auto i = static_cast<std::int64_t>(pace.tries); i < tries && delay < pace.longest_delay_ns; ++i) delay *= 2;
    return std::min(delay, pace.longest_delay_ns);
}

// Those that are not forgotten at this time.
std::int64_t counted(const Pace& pace, std::int64_t until_ns, std::int64_t now_ns) {
    return until_ns <= now_ns ? 0 : (until_ns - now_ns + pace.forget_ns - 1) / pace.forget_ns;
}

}  // namespace

std::int64_t Spent::wait_ns(std::int64_t now_ns) const { return std::max<std::int64_t>(next_ns_ - now_ns, 0); }

void Spent::charge(const Pace& pace, std::int64_t now_ns) {
    until_ns_ = std::max(until_ns_, now_ns) + pace.forget_ns;
    next_ns_ = now_ns + delay_after(pace, counted(pace, until_ns_, now_ns));
}

void Spent::give_back(const Pace& pace, std::int64_t now_ns) {
    until_ns_ -= pace.forget_ns;
    next_ns_ = std::min(next_ns_, now_ns + delay_after(pace, counted(pace, until_ns_, now_ns)));
}

void Spent::raise_to(const Spent& other) {
    until_ns_ = std::max(until_ns_, other.until_ns_);
    next_ns_ = std::max(next_ns_, other.next_ns_);
}

void Slowdown::charge(Key key, std::int64_t now_ns) {
    if (!spent_.contains(key) && spent_.size() >= most_) {
        const auto least = order_.begin()->second;
        left_.raise_to(spent_.at(least));
        forget(least);
    }
    Spent charged = spent(key);
    charged.charge(pace_, now_ns);
    put(key, charged);
}

void Slowdown::give_back(Key key, std::int64_t now_ns) {
    const auto found = spent_.find(key);
    if (found == spent_.end()) return;
    Spent less = found->second;
    less.give_back(pace_, now_ns);
    put(key, less);
}

void Slowdown::forget(Key key) {
    const auto found = spent_.find(key);
    if (found == spent_.end()) return;
    order_.erase({found->second.until_ns(), key});
    spent_.erase(found);
}

// Of a key that is not in the table: what it would begin with.
Spent Slowdown::spent(Key key) const {
    if (const auto found = spent_.find(key); found != spent_.end()) return found->second;
    Spent begin = left_;
    if (spent_.size() >= most_) begin.raise_to(spent_.at(order_.begin()->second));
    return begin;
}

void Slowdown::put(Key key, const Spent& value) {
    forget(key);
    order_.emplace(value.until_ns(), key);
    spent_.emplace(key, value);
}

}  // namespace foorumi::auth
