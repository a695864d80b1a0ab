// Commits a fence to every partition of this worker.
#pragma once

#include <set>

#include "store/store_core.hpp"

namespace foorumi::store {

class Fences {
   public:
    explicit Fences(StoreCore& core) : core_(core) {}

    void add(Version directory_version, std::function<void(std::optional<Failure>)> done);
    void stop();

   private:
    struct Round {
        std::uint64_t number = 0;
        std::size_t left = 0;
        std::function<void(std::optional<Failure>)> done;
        Deadlines::Ticket deadline;
        Version directory_version = 0;
        std::vector<std::pair<ScriptPipeline*, ScriptPipeline::Ticket>> tickets;
    };
    using RoundPtr = std::shared_ptr<Round>;

    void submit(const RoundPtr& round, Partition& partition);
    void replied(const RoundPtr& round, Partition& partition, const ScriptResult& result);
    void compare(const RoundPtr& round, const Partition& partition, const std::string& of);
    void kept(const RoundPtr& round);
    void finish(const RoundPtr& round, std::optional<Failure> failure);

    StoreCore& core_;
    std::set<RoundPtr, ByNumber<Round>> rounds_;
};

}  // namespace foorumi::store
