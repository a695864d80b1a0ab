// Sign-ins that are committed together. Each commit alone is a sync of the disk, and who posts meanwhile waits for it: where
// many come at once, one post in a hundred would meet one. So while the passwords of others wait to be hashed, what is ready
// waits, too, and then all goes in one turn of Redis. Pure. Not thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace foorumi::entrance {

class JointCommits {
   public:
    using Task = std::function<void()>;
    // Runs it once, when that time is over.
    using After = std::function<void(std::chrono::milliseconds, Task)>;

    // `longest`: that the first of them waits. 0: none does.
    explicit JointCommits(std::chrono::milliseconds longest) : longest_(longest) {}

    // Waits for go(), or for its time. REQUIRES: this outlives what `after` still runs.
    void add(Task commit, const After& after) {
        waiting_.push_back(std::move(commit));
        if (longest_.count() == 0) return go();
        if (waiting_.size() > 1) return;
        after(longest_, [this, round = round_] {
            if (round == round_) go();
        });
    }

    // Runs all that wait; to be called whenever a password is hashed and none waits for that. What is added meanwhile is of
    // the next round.
    void go() {
        ++round_;
        const auto ready = std::exchange(waiting_, {});
        for (const auto& commit : ready) commit();
    }

    [[nodiscard]] std::size_t size() const { return waiting_.size(); }

   private:
    std::chrono::milliseconds longest_;
    std::vector<Task> waiting_;
    std::uint64_t round_ = 0;
};

}  // namespace foorumi::entrance
