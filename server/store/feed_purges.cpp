#include "store/feed_purges.hpp"

#include <spdlog/spdlog.h>

namespace foorumi::store {
namespace {

// Between two looks whether it is consumed, which is said some 250 ms late.
constexpr std::chrono::milliseconds next_attempt{50};

}  // namespace

void FeedPurges::add(std::uint16_t partition, std::function<void(std::optional<Failure>)> done) {
    const auto home = core_.partitions.find(partition);
    if (home == core_.partitions.end())
        spdlog::error("partition {} is not at home on worker {}", partition, core_.options.worker);
    const auto refusal = home == core_.partitions.end() ? Failure::unavailable : core_.take_request();
    if (refusal) return core_.later([done = std::move(done), refusal] { done(refusal); });
    const auto purge = std::make_shared<Purge>();
    purge->number = core_.next_number();
    purge->partition = &home->second;
    purge->done = std::move(done);
    purges_.insert(purge);
    purge->deadline = core_.deadlines.after(core_.options.change_deadline, [this, purge] {
        finish(purge, purge->looked ? Failure::contended : Failure::unavailable);
    });
    attempt(purge);
}

void FeedPurges::attempt(const PurgePtr& purge) {
    auto call =
        purge_call(purge->partition->keys, purge->position, core_.options.purge_entries, core_.options.replicas > 0);
    call.done = [this, purge](const ScriptResult& result) {
        if (purges_.contains(purge)) replied(purge, result);
    };
    purge->ticket = purge->partition->pipeline->submit(std::move(call));
}

void FeedPurges::replied(const PurgePtr& purge, const ScriptResult& result) {
    using Status = PurgeReply::Status;
    if (result.reply == nullptr) return finish(purge, Failure::unavailable);
    const auto reply = parse_purge(*result.reply);
    if (!core_.comparable(*purge->partition) || !purge->partition->same_server()) return attempt_later(purge);
    switch (reply.status) {
        case Status::ok:
            return done(purge, reply.position);
        case Status::wait:
            purge->position = reply.position;
            break;
        case Status::many:
            purge->position = 0;  // what came meanwhile goes as well, once it is consumed
            break;
        case Status::rewound:
            // A backup was restored, and what has come back with it is another feed's.
            return finish(purge, Failure::unavailable);
        case Status::malformed:
            spdlog::error("partition {}: malformed reply to a purge", purge->partition->number);
            return finish(purge, Failure::unavailable);
    }
    purge->looked = true;
    attempt_later(purge);
}

void FeedPurges::attempt_later(const PurgePtr& purge) {
    purge->next = core_.deadlines.after(next_attempt, [this, purge] { attempt(purge); });
}

// With replicas, when all of them have done it, too.
void FeedPurges::done(const PurgePtr& purge, std::uint64_t position) {
    if (core_.options.replicas == 0) return finish(purge, std::nullopt);
    purge->partition->replicated.when(position, Release::Fences::hold, [this, purge](bool replicated) {
        if (!purges_.contains(purge)) return;
        if (replicated) return finish(purge, std::nullopt);
        attempt_later(purge);
    });
}

void FeedPurges::finish(const PurgePtr& purge, std::optional<Failure> failure) {
    if (purges_.erase(purge) == 0) return;
    core_.deadlines.cancel(purge->deadline);
    core_.deadlines.cancel(purge->next);
    --core_.pending;
    purge->partition->pipeline->abandon(purge->ticket);
    const auto done = std::move(purge->done);
    done(failure);
}

void FeedPurges::stop() {
    const auto purges = purges_;
    for (const auto& purge : purges) finish(purge, Failure::stopping);
}

}  // namespace foorumi::store
