// The one place where the process keeps its current directory.
//
// Thread-safe. Every worker keeps its own View; looking whether there is a newer one costs an atomic load, and only
// taking it takes the lock.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "directory/snapshot.hpp"

namespace foorumi::directory {

class Holder {
   public:
    // REQUIRES: versions only rise.
    void publish(std::shared_ptr<const Snapshot> snapshot) {
        const auto version = snapshot->version();
        {
            std::lock_guard lock(mutex_);
            current_ = std::move(snapshot);
        }
        version_.store(version, std::memory_order_release);
    }
    [[nodiscard]] forum::Version version() const { return version_.load(std::memory_order_acquire); }
    [[nodiscard]] std::shared_ptr<const Snapshot> current() const {
        std::lock_guard lock(mutex_);
        return current_;
    }

   private:
    mutable std::mutex mutex_;
    std::shared_ptr<const Snapshot> current_ = std::make_shared<const Snapshot>();
    std::atomic<forum::Version> version_{0};
};

// One worker's reference to the directory. Thread: that worker.
class View {
   public:
    explicit View(const Holder& holder) : holder_(holder), current_(holder.current()) {}
    // True if a newer directory was taken.
    bool refresh() {
        if (holder_.version() == current_->version()) return false;
        current_ = holder_.current();
        return true;
    }
    [[nodiscard]] const Snapshot& get() const { return *current_; }
    [[nodiscard]] const std::shared_ptr<const Snapshot>& shared() const { return current_; }

   private:
    const Holder& holder_;
    std::shared_ptr<const Snapshot> current_;
};

}  // namespace foorumi::directory
