#include "store/fences.hpp"

#include "store/scripts.hpp"

namespace foorumi::store {

void Fences::add(Version directory_version, std::function<void(std::optional<Failure>)> done) {
    auto refusal = core_.take_request();
    if (refusal || core_.partitions.empty()) {
        if (!refusal) --core_.pending;
        core_.later([done = std::move(done), refusal] { done(refusal); });
        return;
    }
    const auto round = std::make_shared<Round>();
    round->left = core_.partitions.size();
    round->done = std::move(done);
    rounds_.insert(round);
    round->deadline = core_.deadlines.after(core_.options.change_deadline,
                                            [this, round] { finish(round, Failure::outcome_unknown); });
    for (const auto& [number, partition] : core_.partitions) {
        auto call = fence_call(partition.keys, directory_version);
        call.done = [this, round](const ScriptResult& result) { replied(round, result); };
        round->tickets.emplace_back(partition.pipeline, partition.pipeline->submit(std::move(call)));
    }
}

void Fences::replied(const RoundPtr& round, const ScriptResult& result) {
    if (result.reply == nullptr) {
        return finish(round, result.in_doubt ? Failure::outcome_unknown : Failure::unavailable);
    }
    if (--round->left == 0) finish(round, std::nullopt);
}

void Fences::finish(const RoundPtr& round, std::optional<Failure> failure) {
    if (rounds_.erase(round) == 0) return;
    core_.deadlines.cancel(round->deadline);
    --core_.pending;
    const auto done = std::move(round->done);
    if (failure) {
        for (const auto& [pipeline, ticket] : round->tickets) pipeline->abandon(ticket);
    }
    done(failure);
}

void Fences::stop() {
    const auto rounds = rounds_;
    for (const auto& round : rounds) finish(round, Failure::stopping);
}

}  // namespace foorumi::store
