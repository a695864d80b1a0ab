// Threads for work that takes too long for a worker. Both what is under way and what waits are bounded.
//
// Thread-safe, but for stop(), which one thread calls, and no job. A job runs on one of the threads, in the order of
// submit(); exactly one of its two functions is called, once. Neither may throw.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "forum/decision.hpp"

namespace foorumi::auth {

class HashingPool {
   public:
    struct Job {
        std::function<void()> run;
        std::function<void()> cancel;  // instead, by stop()
    };
    // Of one job among those that run or wait: given back when nobody holds it any more, of the pool or outside.
    using Place = std::shared_ptr<void>;

    // REQUIRES: threads > 0, queue > 0.
    HashingPool(std::uint32_t threads, std::uint32_t queue);
    ~HashingPool() { stop(); }
    HashingPool(const HashingPool&) = delete;
    HashingPool& operator=(const HashingPool&) = delete;

    // For a job that is to come, so that nothing is done for one that is refused. Refusals: sign_in_busy, where every
    // thread is taken and `queue` jobs wait; stopping.
    [[nodiscard]] forum::Result<Place> reserve();
    [[nodiscard]] std::uint64_t taken() const { return taken_->load(); }
    // Refusal, and the job is dropped: stopping.
    // REQUIRES: `place` is of this pool.
    [[nodiscard]] forum::Result<void> submit(Place place, Job job);
    [[nodiscard]] forum::Result<void> submit(Job job);  // in a place of its own

    // Cancels what waits, on this thread, and returns when what is under way has ended.
    void stop();

   private:
    struct Waiting {
        Place place;
        Job job;
    };
    void work();

    const std::uint64_t places_;
    const std::shared_ptr<std::atomic<std::uint64_t>> taken_;  // of them; who holds one may outlive this
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Waiting> waiting_;
    std::atomic<bool> stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace foorumi::auth
