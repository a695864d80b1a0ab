// Asks Redis to write its log anew, every primary of a cluster. Over a connection that commits use as well: neither the
// question nor a look at how far it is takes Redis time. In a cluster a primary may have no partition of this worker,
// so there each has a connection for it. Thread: the worker's.
#pragma once

#include <unordered_set>
#include <vector>

#include "store/locators.hpp"
#include "store/log_rewrite.hpp"
#include "store/store_core.hpp"

namespace foorumi::store {

class LogRewrites {
   public:
    using Done = std::function<void(std::optional<RewriteFailure>)>;

    // `name`: of the connections that are for nothing else.
    LogRewrites(StoreCore& core, const Locators& locators, std::string name)
        : core_(core), locators_(locators), name_(std::move(name)) {}

    void add(Done done);
    // Answers all.
    void stop();

   private:
    struct Round {
        Done done;
        Deadlines::Ticket deadline;
        Deadlines::Ticket next;  // search for the primaries
        std::size_t left = 0;    // primaries that are not done
        std::vector<std::shared_ptr<RedisClient>> own;
    };
    using RoundPtr = std::shared_ptr<Round>;
    // One primary's part in a round.
    struct Part {
        std::weak_ptr<Round> round;
        RedisClient* client = nullptr;
        LogRewrite rewrite;
    };
    using PartPtr = std::shared_ptr<Part>;

    void find(const RoundPtr& round);
    void begin(const RoundPtr& round, const std::vector<std::shared_ptr<Locator>>& primaries);
    void begin_part(const RoundPtr& round, RedisClient& client);
    void look(const PartPtr& part);
    void looked(const PartPtr& part, const Reply* reply);
    void ask(const PartPtr& part);
    void asked(const PartPtr& part, const Reply* reply);
    void take(const PartPtr& part, LogRewrite::Step step);
    void look_later(const PartPtr& part);
    void part_done(const PartPtr& part);
    void finish(const RoundPtr& round, std::optional<RewriteFailure> failure);
    [[nodiscard]] bool send(const PartPtr& part, std::span<const std::string_view> command,
                            void (LogRewrites::*replied)(const PartPtr&, const Reply*));

    StoreCore& core_;
    const Locators& locators_;
    std::string name_;
    std::unordered_set<RoundPtr> rounds_;
};

}  // namespace foorumi::store
