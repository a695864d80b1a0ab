// Takes consumed entries out of the feeds of this worker's partitions, bytes and all: see purge.lua.
#pragma once

#include <set>

#include "store/scripts.hpp"
#include "store/store_core.hpp"

namespace foorumi::store {

class FeedPurges {
   public:
    explicit FeedPurges(StoreCore& core) : core_(core) {}

    void add(std::uint16_t partition, std::function<void(std::optional<Failure>)> done);
    // Answers all.
    void stop();

   private:
    struct Purge {
        std::uint64_t number = 0;
        Partition* partition = nullptr;
        std::uint64_t position = 0;  // up to which entries go; 0: the feed's end, not known yet
        bool looked = false;         // Redis has answered: it is not the one that keeps the caller waiting
        std::function<void(std::optional<Failure>)> done;
        Deadlines::Ticket deadline;
        Deadlines::Ticket next;
        ScriptPipeline::Ticket ticket;
    };
    using PurgePtr = std::shared_ptr<Purge>;

    void attempt(const PurgePtr& purge);
    void replied(const PurgePtr& purge, const ScriptResult& result);
    void attempt_later(const PurgePtr& purge);
    void done(const PurgePtr& purge, std::uint64_t position);
    void finish(const PurgePtr& purge, std::optional<Failure> failure);

    StoreCore& core_;
    std::set<PurgePtr, ByNumber<Purge>> purges_;
};

}  // namespace foorumi::store
