// Decides and commits the changes of all channels of this worker: a queue for each, in order, pipelined where changes
// do not touch each other's entities.
//
// A refusal, and a decision that changes nothing, go to Redis like a commit, without puts: there it shows whether the
// change id is known already and whether the entities and the directory that it was decided on are still the present
// ones. So a stale cache never refuses, and a repeated change gets its first answer even where it would be refused
// today.
#pragma once

#include <unordered_map>
#include <vector>

#include "store/change_queue.hpp"
#include "store/lru_cache.hpp"
#include "store/scripts.hpp"
#include "store/store_core.hpp"

namespace foorumi::store {

class Changes {
   public:
    explicit Changes(StoreCore& core) : core_(core), cache_(core.options.cache_entities, core.options.cache_bytes) {}

    void add(ChangeRequest request, Decide decide, std::function<void(ChangeOutcome)> done);

    // The pipeline may be used (again).
    void pipeline_ready() { schedule_all(); }
    void directory_changed();
    // A commit is about to go to the sink. `of_present`: of the Redis that changes are decided on.
    void released(const Released& commit, bool of_present);
    // Commits were missed.
    void forget_cache() { cache_.clear(); }
    // With replicas: the next connection may be to a server that lacks what was decided on here. Those that were sent
    // are decided again by their replies.
    void pipeline_lost(const ScriptPipeline& pipeline);

    // Answers what is not under way.
    void stop();
    // Answers the rest, too.
    void give_up();

   private:
    using Queue = std::shared_ptr<ChangeQueue>;

    const Queue& queue_of(const std::string& channel, Partition& partition);
    void schedule(const Queue& queue);
    void schedule_all();
    void run();
    void advance(const Queue& queue);
    bool advance_front(const Queue& queue);
    bool gather(const Queue& queue, Change& change);
    void load(const Queue& queue);
    void loaded(const Queue& queue, const std::vector<std::string>& keys, const ScriptResult& result);
    void decide(Change& change);
    [[nodiscard]] static bool needs_more(Change& change);
    void send(const Queue& queue);
    [[nodiscard]] AuditHead next_audit(const Partition& partition, const AuditHead& follows,
                                       std::string_view entry) const;

    // changes_outcome.cpp
    void replied(const Queue& queue, const ChangePtr& change, const ScriptResult& result);
    void failed(const Queue& queue, const ChangePtr& change, const ScriptResult& result);
    static void audit_goes_on(Partition& partition, const Change& change, const AuditHead& head);
    void judge(const Queue& queue, const ChangePtr& change, const CommitReply& reply);
    void applied(const Queue& queue, const ChangePtr& change, const CommitReply& reply);
    void decide_anew(Partition& partition, const ChangePtr& change);
    void decide_later(const Queue& queue, const ChangePtr& change);
    void decide_again(const Queue& queue, const ChangePtr& change, const CommitReply& reply);
    void answer_when_released(const Queue& queue, const ChangePtr& change, const CommitReply& reply);
    void expire(const Queue& first, const ChangePtr& change);
    void end(const Queue& queue, const ChangePtr& change, Failure failure);
    void answer(const ChangePtr& change, ChangeOutcome outcome);
    void fail(const ChangePtr& change, Failure failure, std::uint32_t retry_after_ms = 0);
    void forget(const std::string& channel, const Change& change);

    StoreCore& core_;
    LruCache cache_;
    std::unordered_map<std::string, Queue> queues_;
    std::vector<Queue> scheduled_;
    std::uint64_t next_order_ = 0;
};

}  // namespace foorumi::store
