// The one place where the process keeps its current directory.
//
// Thread-safe. Every worker keeps its own View; looking whether there is a newer one costs an atomic load, and only
// taking it takes the lock.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "directory/snapshot.hpp"

namespace foorumi::directory {

class Holder {
   public:
    // REQUIRES: it is what the present one became.
    void publish(std::shared_ptr<const Snapshot> snapshot) { put(std::move(snapshot), false); }
    // It is another one than the present one became, of whatever version: who may do something by the present one may
    // not by this.
    void replace(std::shared_ptr<const Snapshot> snapshot) { put(std::move(snapshot), true); }
    // The present one may not be right: until the next is there, version() is 0, which fulfils no fence.
    void doubt() { version_.store(0, std::memory_order_release); }

    struct Taken {
        std::shared_ptr<const Snapshot> snapshot;
        std::uint64_t serial = 0;      // of the publishing
        std::uint64_t generation = 0;  // counts those that replaced another
    };
    [[nodiscard]] forum::Version version() const { return version_.load(std::memory_order_acquire); }
    [[nodiscard]] std::uint64_t serial() const { return serial_.load(std::memory_order_acquire); }
    [[nodiscard]] std::shared_ptr<const Snapshot> current() const { return take().snapshot; }
    [[nodiscard]] Taken take() const {
        std::lock_guard lock(mutex_);
        return taken_;
    }

   private:
    void put(std::shared_ptr<const Snapshot> snapshot, bool replaces) {
        const auto version = snapshot->version();
        std::lock_guard lock(mutex_);
        taken_ = {std::move(snapshot), taken_.serial + 1, taken_.generation + (replaces ? 1 : 0)};
        version_.store(version, std::memory_order_release);
        serial_.store(taken_.serial, std::memory_order_release);
    }

    mutable std::mutex mutex_;
    Taken taken_{std::make_shared<const Snapshot>(), 0, 0};
    std::atomic<forum::Version> version_{0};
    std::atomic<std::uint64_t> serial_{0};
};

// One worker's reference to the directory. Thread: that worker.
class View {
   public:
    explicit View(const Holder& holder) : holder_(holder), taken_(holder.take()) {}
    // True if another directory was taken.
    bool refresh() {
        if (holder_.serial() == taken_.serial) return false;
        taken_ = holder_.take();
        return true;
    }
    [[nodiscard]] const Snapshot& get() const { return *taken_.snapshot; }
    [[nodiscard]] const std::shared_ptr<const Snapshot>& shared() const { return taken_.snapshot; }
    [[nodiscard]] std::uint64_t generation() const { return taken_.generation; }

   private:
    const Holder& holder_;
    Holder::Taken taken_;
};

}  // namespace foorumi::directory
