// Bounds how many of a kind are under way at once; the others wait in their order. Not thread-safe.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <utility>

namespace foorumi::dispatch {

class Turnstile {
   public:
    // REQUIRES: at_once > 0.
    Turnstile(std::size_t at_once, std::size_t most_waiting) : at_once_(at_once), most_waiting_(most_waiting) {}

    // Begins it now or when its turn comes; leave() is to follow each that has begun. False: too many wait, and it
    // never begins.
    [[nodiscard]] bool enter(std::function<void()> begin) {
        if (under_way_ >= at_once_) {
            if (waiting_.size() >= most_waiting_) return false;
            waiting_.push_back(std::move(begin));
            return true;
        }
        ++under_way_;
        begin();
        return true;
    }

    // One that has begun is over.
    void leave() {
        if (waiting_.empty()) {
            --under_way_;
            return;
        }
        const auto next = std::move(waiting_.front());
        waiting_.pop_front();
        next();
    }

    [[nodiscard]] std::size_t under_way() const { return under_way_; }
    [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

   private:
    std::size_t at_once_;
    std::size_t most_waiting_;
    std::size_t under_way_ = 0;
    std::deque<std::function<void()>> waiting_;
};

}  // namespace foorumi::dispatch
