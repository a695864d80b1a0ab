#include "auth/hashing_pool.hpp"

#include <sys/resource.h>

#include <utility>

namespace foorumi::auth {
namespace {

// About what a full queue of the default length takes to get shorter.
constexpr std::uint32_t retry_after_ms = 1'000;

constexpr int thread_nice = 10;

forum::Refusal stopping() { return {forum::ErrorCode::unavailable, "stopping", "", retry_after_ms}; }

}  // namespace

HashingPool::HashingPool(std::uint32_t threads, std::uint32_t queue)
    : places_(std::uint64_t{threads} + queue), taken_(std::make_shared<std::atomic<std::uint64_t>>(0)) {
    for (std::uint32_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

forum::Result<HashingPool::Place> HashingPool::reserve() {
    if (stopping_) return stopping();
    for (auto taken = taken_->load(); taken < places_;) {
        if (taken_->compare_exchange_weak(taken, taken + 1))
            return Place(taken_.get(), [taken_places = taken_](void*) { --*taken_places; });
    }
    return forum::Refusal{forum::ErrorCode::unavailable, "sign_in_busy", "", retry_after_ms};
}

forum::Result<void> HashingPool::submit(Place place, Job job) {
    {
        std::lock_guard lock(mutex_);
        if (stopping_) return stopping();
        waiting_.push_back({std::move(place), std::move(job)});
    }
    changed_.notify_one();
    return {};
}

forum::Result<void> HashingPool::submit(Job job) {
    auto place = reserve();
    if (place.has_error()) return place.error();
    return submit(std::move(*place), std::move(job));
}

void HashingPool::stop() {
    std::deque<Waiting> cancelled;
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
        cancelled.swap(waiting_);
    }
    changed_.notify_all();
    for (const auto& waiting : cancelled) waiting.job.cancel();
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
            const Waiting next = std::move(waiting_.front());
            waiting_.pop_front();
            lock.unlock();
            next.job.run();
        }  // what it holds goes without the lock
        lock.lock();
    }
}

}  // namespace foorumi::auth
