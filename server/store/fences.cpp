#include "store/fences.hpp"

#include "base/crash_points.hpp"
#include "base/mutants.hpp"
#include "store/scripts.hpp"

namespace foorumi::store {

void Fences::add(Version directory_version, std::function<void(std::optional<Failure>)> done) {
    auto refusal = core_.take_request();
    if (refusal || core_.partitions.empty() || FOORUMI_MUTANT(fence_not_made)) {
        if (!refusal) --core_.pending;
        core_.later([done = std::move(done), refusal] { done(refusal); });
        return;
    }
    const auto round = std::make_shared<Round>();
    round->number = core_.next_number();
    round->left = core_.partitions.size();
    round->done = std::move(done);
    rounds_.insert(round);
    round->deadline = core_.deadlines.after(core_.options.change_deadline,
                                            [this, round] { finish(round, Failure::outcome_unknown); });
    round->directory_version = directory_version;
    for (auto& [number, partition] : core_.partitions) submit(round, partition);
}

void Fences::submit(const RoundPtr& round, Partition& partition) {
    if (!rounds_.contains(round)) return;
    auto call = fence_call(partition.keys, round->directory_version);
    call.once = true;  // another Redis may come back, whose directory does not have what the fence is of
    call.done = [this, round, &partition](const ScriptResult& result) { replied(round, partition, result); };
    round->tickets.emplace_back(partition.pipeline, partition.pipeline->submit(std::move(call)));
}

// With replicas it stands when all of them have it. What a lost connection leaves open is made again: it rises only.
// Without, Redis may have come back since without the fence and what it is of, which the caller looks for.
void Fences::replied(const RoundPtr& round, Partition& partition, const ScriptResult& result) {
    if (result.reply == nullptr) {
        return finish(round, result.in_doubt ? Failure::outcome_unknown : Failure::unavailable);
    }
    if (core_.options.replicas == 0) return compare(round, partition, partition.pipeline->client().server_history());
    const auto again = [this, round, &partition] {
        core_.deadlines.after(elsewhere_retry, [this, round, &partition] { submit(round, partition); });
    };
    if (!core_.comparable(partition)) return again();
    const auto position = parse_commit(*result.reply).position;
    partition.replicated.when(position, Release::Fences::hold, [this, round, again](bool replicated) {
        if (replicated) return kept(round);
        if (rounds_.contains(round)) again();
    });
}

// `of`: the run of Redis that has kept it. While the tail is away it is not known which one there is now.
void Fences::compare(const RoundPtr& round, const Partition& partition, const std::string& of) {
    if (!rounds_.contains(round)) return;
    const auto& present = partition.tail->server_history();
    if (!present.empty()) return present == of ? kept(round) : finish(round, Failure::outcome_unknown);
    core_.deadlines.after(elsewhere_retry, [this, round, &partition, of] { compare(round, partition, of); });
}

void Fences::kept(const RoundPtr& round) {
    FOORUMI_CRASH_POINT(fence_kept);
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
