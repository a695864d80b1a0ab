#include "auth/hashing_pool.hpp"

#include <sys/resource.h>

#include <utility>

namespace foorumi::auth {
namespace {

// About what a full queue of the default length takes to get shorter.
constexpr std::uint32_t retry_after_ms = 1'000;

constexpr int thread_nice = 10;

}  // namespace

HashingPool::HashingPool(std::uint32_t threads, std::uint32_t queue) : most_threads_(threads), queue_(queue) {
    for (std::uint32_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

forum::Result<void> HashingPool::submit(Job job) {
    using forum::ErrorCode;
    {
        std::lock_guard lock(mutex_);
        if (stopping_) return forum::Refusal{ErrorCode::unavailable, "stopping", "", retry_after_ms};
        // A job that a free thread has yet to take does not wait.
        if (running_ + waiting_.size() >= most_threads_ + std::size_t{queue_}) {
            return forum::Refusal{ErrorCode::unavailable, "sign_in_busy", "", retry_after_ms};
        }
        waiting_.push_back(std::move(job));
    }
    changed_.notify_one();
    return {};
}

void HashingPool::stop() {
    std::deque<Job> cancelled;
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
        cancelled.swap(waiting_);
    }
    changed_.notify_all();
    for (const auto& job : cancelled) job.cancel();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
}

void HashingPool::work() {
    // Who signs in waits for who posts: on Linux this is of the calling thread alone (setpriority(2), notes).
    static_cast<void>(::setpriority(PRIO_PROCESS, 0, thread_nice));
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        if (stopping_) return;
        {
            const Job job = std::move(waiting_.front());
            waiting_.pop_front();
            ++running_;
            lock.unlock();
            job.run();
        }  // what it holds goes without the lock
        lock.lock();
        --running_;
    }
}

}  // namespace foorumi::auth
