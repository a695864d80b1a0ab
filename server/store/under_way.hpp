// The changes of one partition that were sent to Redis and are not answered yet. Pure. Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

namespace foorumi::store {

class UnderWay {
   public:
    void sent() { ++sent_; }
    void answered() {
        ++answered_;
        if (waiter_ && answered_ >= awaited_) std::exchange(waiter_, nullptr)();
    }

    [[nodiscard]] bool none() const { return answered_ == sent_; }

    // Calls once all that are under way now are answered; at once where none is. One waits at a time: who waited before
    // waits no longer.
    void when_answered(std::function<void()> waiter) {
        hurry();
        if (none()) return waiter();
        awaited_ = sent_;
        waiter_ = std::move(waiter);
    }
    // Waits no longer: calls.
    void hurry() {
        if (waiter_) std::exchange(waiter_, nullptr)();
    }

   private:
    std::uint64_t sent_ = 0;
    std::uint64_t answered_ = 0;
    std::uint64_t awaited_ = 0;
    std::function<void()> waiter_;
};

}  // namespace foorumi::store
