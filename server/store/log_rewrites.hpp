// Asks Redis to write its log anew, over a connection that commits use as well: neither the question nor a look at how
// far it is takes Redis time. Thread: the worker's.
#pragma once

#include <unordered_set>

#include "store/log_rewrite.hpp"
#include "store/store_core.hpp"

namespace foorumi::store {

class LogRewrites {
   public:
    using Done = std::function<void(std::optional<RewriteFailure>)>;

    explicit LogRewrites(StoreCore& core) : core_(core) {}

    void add(Done done);
    // Answers all.
    void stop();

   private:
    struct Round {
        LogRewrite rewrite;
        Done done;
        Deadlines::Ticket deadline;
        Deadlines::Ticket next;
    };
    using RoundPtr = std::shared_ptr<Round>;

    void look(const RoundPtr& round);
    void looked(const RoundPtr& round, const Reply* reply);
    void ask(const RoundPtr& round);
    void asked(const RoundPtr& round, const Reply* reply);
    void take(const RoundPtr& round, LogRewrite::Step step);
    void look_later(const RoundPtr& round);
    void finish(const RoundPtr& round, std::optional<RewriteFailure> failure);
    [[nodiscard]] bool send(const RoundPtr& round, std::span<const std::string_view> command,
                            void (LogRewrites::*replied)(const RoundPtr&, const Reply*));

    StoreCore& core_;
    std::unordered_set<RoundPtr> rounds_;
};

}  // namespace foorumi::store
