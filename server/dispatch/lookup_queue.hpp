// A member's changes of a channel that wait behind one whose message or thread is being looked up: they keep their
// order. Pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "dispatch/change_job.hpp"

namespace foorumi::dispatch {

class LookupQueue {
   public:
    using JobPtr = std::shared_ptr<ChangeJob>;
    using Time = std::chrono::steady_clock::time_point;

    // Whether the change has to wait for an earlier one.
    [[nodiscard]] bool is_behind(const ChangeJob& job) const { return lines_.contains(name(job)); }

    // REQUIRES: is_behind().
    void wait(JobPtr job) {
        auto& line = lines_.at(name(*job));
        line.waiting.push_back(std::move(job));
        ++waiting_;
    }
    // The change is being looked up from now on. REQUIRES: not is_behind().
    void begin(JobPtr job) {
        auto line = name(*job);
        lines_[std::move(line)].looked_up = std::move(job);
    }
    // It has been looked up. Gives what waited behind it, to be begun, or to wait again.
    [[nodiscard]] std::deque<JobPtr> end(const ChangeJob& job) {
        auto line = std::move(lines_.extract(name(job)).mapped());
        waiting_ -= line.waiting.size();
        return std::move(line.waiting);
    }

    // How many wait, in all.
    [[nodiscard]] std::size_t waiting() const { return waiting_; }

    // Those whose deadline has passed, to be answered; they wait no more. REQUIRES: changes came in the order of their
    // deadlines.
    [[nodiscard]] std::vector<JobPtr> take_expired(Time now) {
        std::vector<JobPtr> expired;
        for (auto& [name, line] : lines_) {
            if (line.looked_up->done && line.looked_up->deadline <= now) expired.push_back(line.looked_up);
            for (auto& waiting = line.waiting; !waiting.empty() && waiting.front()->deadline <= now; --waiting_) {
                expired.push_back(std::move(waiting.front()));
                waiting.pop_front();
            }
        }
        return expired;
    }
    // Nothing: nobody waits for an answer.
    [[nodiscard]] std::optional<Time> next_deadline() const {
        std::optional<Time> next;
        const auto look_at = [&next](const ChangeJob& job) {
            if (job.done) next = next ? std::min(*next, job.deadline) : job.deadline;
        };
        for (const auto& [name, line] : lines_) {
            look_at(*line.looked_up);
            if (!line.waiting.empty()) look_at(*line.waiting.front());
        }
        return next;
    }

   private:
    struct Line {
        JobPtr looked_up;
        std::deque<JobPtr> waiting;
    };
    static std::string name(const ChangeJob& job) { return job.channel + '/' + std::to_string(job.member); }

    std::unordered_map<std::string, Line> lines_;
    std::size_t waiting_ = 0;
};

}  // namespace foorumi::dispatch
