// Threads for work that takes too long for a worker. Both what is under way and what waits are bounded.
//
// Thread-safe, but for stop(), which one thread calls, and no job. A job runs on one of the threads, in the order of
// submit(); exactly one of its two functions is called, once. Neither may throw.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
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

    // REQUIRES: threads > 0, queue > 0.
    HashingPool(std::uint32_t threads, std::uint32_t queue);
    ~HashingPool() { stop(); }
    HashingPool(const HashingPool&) = delete;
    HashingPool& operator=(const HashingPool&) = delete;

    // Refusals, and the job is dropped: sign_in_busy, where every thread is taken and `queue` jobs wait; stopping.
    [[nodiscard]] forum::Result<void> submit(Job job);

    // Cancels what waits, on this thread, and returns when what is under way has ended.
    void stop();

   private:
    void work();

    const std::uint32_t most_threads_;
    const std::uint32_t queue_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Job> waiting_;
    std::uint32_t running_ = 0;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace foorumi::auth
