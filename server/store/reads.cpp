#include "store/reads.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "base/mutants.hpp"

namespace foorumi::store {
namespace {

constexpr std::string_view directory_channel = "directory";

}  // namespace

template <class T, class Parse>
void Reads::add(std::string channel, std::function<ScriptCall(const RedisKeys&, std::string_view)> call, Parse parse,
                OpenDone<T> done, bool hand_over, std::function<std::optional<T>()> recall) {
    auto* const partition = core_.home(channel);
    if (partition == nullptr) spdlog::error("channel {} is not at home on worker {}", channel, core_.options.worker);
    add<T>(partition, std::move(channel), std::move(call), std::move(parse), std::move(done), hand_over,
           std::move(recall));
}

template <class T, class Parse>
void Reads::add(Partition* partition, std::string channel,
                std::function<ScriptCall(const RedisKeys&, std::string_view)> call, Parse parse, OpenDone<T> done,
                bool hand_over, std::function<std::optional<T>()> recall) {
    const auto refusal = partition == nullptr ? Failure::unavailable : core_.take_request();
    if (refusal) {
        core_.later([done = std::move(done), refusal] { done({refusal, {}}, {}); });
        return;
    }
    const auto request = std::make_shared<Request>();
    const auto kept = std::make_shared<T>();
    request->number = core_.next_number();
    request->channel = std::move(channel);
    request->partition = partition;
    request->hand_over = hand_over;
    request->call = [call = std::move(call), raw = request.get()] { return call(raw->partition->keys, raw->channel); };
    request->keep = [kept, parse = std::move(parse)](const Reply& reply) {
        ReadReply<T> read = parse(reply);
        *kept = std::move(read.result);
        Epoch epoch = 0;
        if constexpr (requires { kept->epoch; }) epoch = kept->epoch;
        return Kept{read.position, read.version, epoch};
    };
    if (recall) {
        request->recall = [kept, raw = request.get(), recall = std::move(recall)] {
            auto known = recall();
            if (!known) return false;
            *kept = std::move(*known);
            raw->version = kept->version;
            return true;
        };
    }
    request->answer = [kept, done = std::move(done)](std::optional<Failure> failure, Later later) {
        done({failure, failure ? T{} : std::move(*kept)}, std::move(later));
    };
    begin(request);
}

void Reads::entities(std::string channel, std::vector<std::string> keys, ReadDone<EntitiesResult> done) {
    const auto shared = std::make_shared<const std::vector<std::string>>(std::move(keys));
    add<EntitiesResult>(
        std::move(channel),
        [shared](const RedisKeys& names, std::string_view of) { return entities_call(names, of, *shared); },
        [shared](const Reply& reply) { return parse_entities(reply, *shared); },
        [done = std::move(done)](ReadOutcome<EntitiesResult> outcome, const Later&) { done(std::move(outcome)); },
        false);
}

void Reads::count(std::string channel, CountRead read, ReadDone<CountResult> done) {
    add<CountResult>(
        std::move(channel),
        [read = std::move(read)](const RedisKeys& names, std::string_view of) { return count_call(names, of, read); },
        parse_count,
        [done = std::move(done)](ReadOutcome<CountResult> outcome, const Later&) { done(std::move(outcome)); }, false);
}

void Reads::index(std::string channel, IndexRead read, OpenDone<IndexResult> done, bool hand_over) {
    const auto shared = std::make_shared<const IndexRead>(std::move(read));
    add<IndexResult>(
        std::move(channel),
        [shared](const RedisKeys& names, std::string_view of) { return index_call(names, of, *shared); },
        [shared](const Reply& reply) { return parse_index(reply, *shared); }, std::move(done), hand_over);
}

void Reads::audit(std::uint16_t partition, AuditRead read, ReadDone<AuditResult> done) {
    const auto found = core_.partitions.find(partition);
    add<AuditResult>(
        found == core_.partitions.end() ? nullptr : &found->second, {},
        [read](const RedisKeys& names, std::string_view) { return audit_call(names, read); },
        [after = read.after](const Reply& reply) { return parse_audit(reply, after); },
        [done = std::move(done)](ReadOutcome<AuditResult> outcome, const Later&) { done(std::move(outcome)); }, false);
}

void Reads::sync(std::string channel, SyncRead read, OpenDone<SyncResult> done, bool hand_over) {
    std::function<std::optional<SyncResult>()> recall;
    if (hand_over && remembered(channel, read)) {
        recall = [this, channel, read]() -> std::optional<SyncResult> {
            if (!remembered(channel, read)) return std::nullopt;
            auto known = recent_.since(channel, read);
            if (known) known->epoch = *core_.home(channel)->tail->epoch();
            return known;
        };
    }
    add<SyncResult>(
        std::move(channel), [read](const RedisKeys& names, std::string_view of) { return sync_call(names, of, read); },
        parse_sync, std::move(done), hand_over, std::move(recall));
}

// While the tail has no connection, or has not compared its feed, or reads are from another Redis than that, what is
// known may be gone.
bool Reads::remembered(std::string_view channel, const SyncRead& read) const {
    auto* const partition = core_.home(channel);
    if (partition == nullptr || !partition->tail->knows_its_feed() || !partition->same_server()) return false;
    const bool of_now = read.since == 0 || !read.epoch || read.epoch == partition->tail->epoch();
    return of_now && recent_.know(channel, read);
}

void Reads::begin(const RequestPtr& request) {
    requests_.insert(request);
    if (request->hand_over) request->place = hand_overs_.emplace(request->channel, request);
    request->deadline =
        core_.deadlines.after(core_.options.read_deadline, [this, request] { give_up(request, Failure::unavailable); });
    if (!request->recall) return submit(request);
    // In a turn of its own: a commit may be on its way to the sink in this one.
    core_.later([this, request] {
        if (requests_.contains(request) && request->attempt == 0) recall(request);
    });
}

// What the node knows to be committed is waited for, as a read would: it may take away what is remembered.
void Reads::recall(const RequestPtr& request) {
    request->position = request->partition->tail->heard_of();
    request->waits_in = &request->partition->release;
    request->wait = request->waits_in->when(request->position, Release::Fences::hold, [this, request](bool released) {
        request->wait = {};
        if (!requests_.contains(request)) return;
        if (!released) return submit(request);
        recalled(request);
    });
}

void Reads::recalled(const RequestPtr& request) {
    if (!request->recall()) return submit(request);
    request->later.clear();  // it is among what is remembered
    ++from_memory_;
    answer(request, std::nullopt);
}

void Reads::submit(const RequestPtr& request) {
    auto call = request->call();
    call.done = [this, request, attempt = ++request->attempt](const ScriptResult& result) {
        if (attempt == request->attempt && requests_.contains(request)) replied(request, result);
    };
    const auto& tail = *request->partition->tail;
    request->passed =
        request->channel == directory_channel ? std::max(tail.position(), tail.arrival()) : tail.position();
    request->ticket = request->partition->pipeline->submit(std::move(call));
}

void Reads::replied(const RequestPtr& request, const ScriptResult& result) {
    if (result.reply == nullptr) return answer(request, Failure::unavailable);
    if (!core_.comparable(*request->partition)) {
        return submit_later(request);
    }
    const auto [position, version, epoch] = request->keep(*result.reply);
    request->version = version;
    request->position = position;
    request->epoch = epoch;
    auto& partition = *request->partition;
    const bool passes_fences = request->channel == directory_channel;
    // What a fence holds may be read of the directory, but not what a failover could take back.
    const bool replicated = passes_fences && core_.options.replicas > 0;
    request->waits_in = replicated ? &partition.replicated : &partition.release;
    request->wait = request->waits_in->when(position, passes_fences ? Release::Fences::pass : Release::Fences::hold,
                                            [this, request](bool released) {
                                                request->wait = {};
                                                if (!requests_.contains(request)) return;
                                                if (!released) return submit(request);
                                                if (fits_the_tail(*request)) return answer(request, std::nullopt);
                                                look_again(*request);
                                                submit_later(request);
                                            });
    if (replicated && requests_.contains(request)) partition.tail->replicate_to(position);
}

// Else it was read while the tail was not there yet. What was committed behind that, and consumed by another node
// before the tail began, would reach nobody; and where the tail, or another one, has raised the epoch since, it may
// build on a version of what is gone.
bool Reads::fits_the_tail(const Request& request) {
    const auto& tail = *request.partition->tail;
    if (!request.hand_over || FOORUMI_MUTANT(hand_over_from_before)) return true;
    const auto least = request.channel == directory_channel ? tail.arrival() : tail.beginning();
    if (request.position < least || request.epoch != tail.epoch()) return false;
    // Redis may have come back with less, which the tail has not found yet. It never will where the same follows again,
    // which it has handed over already.
    if (request.position < request.passed) return false;
    const auto next =
        std::ranges::find_if(request.later, [&](const auto& commit) { return commit->version > request.version; });
    return next == request.later.end() || (*next)->version == request.version + 1;
}

// The tail, or what reads, may be with a Redis that is no more; or the epoch was raised behind a fence that waits for
// the directory, which waits here.
void Reads::look_again(const Request& request) {
    auto& partition = *request.partition;
    if (!partition.tail->knows_its_feed()) return;
    const bool of_before = request.position < request.passed;
    const bool raised = request.channel == directory_channel && request.epoch > partition.tail->epoch().value_or(0);
    if (of_before || raised) StoreCore::reconnect(partition);
}

void Reads::submit_later(const RequestPtr& request) {
    request->next = core_.deadlines.after(elsewhere_retry, [this, request] { submit(request); });
}

void Reads::stop_waiting(const RequestPtr& request) {
    core_.deadlines.cancel(request->next);
    if (request->waits_in != nullptr) request->waits_in->cancel(std::exchange(request->wait, {}));
}

void Reads::pass(const Partition& partition) {
    const std::vector<RequestPtr> all(requests_.begin(), requests_.end());
    for (const auto& request : all) {
        const bool waits = request->wait.place.second != 0;
        if (request->partition != &partition || !waits || !requests_.contains(request)) continue;
        if (request->channel.empty()) continue;  // it tells of all that is committed to the partition
        if (!partition.tail->is_released(request->channel, request->position)) continue;
        const bool recalls = request->attempt == 0;
        if (!recalls && !fits_the_tail(*request)) continue;
        stop_waiting(request);
        if (recalls) {
            recalled(request);
        } else {
            answer(request, std::nullopt);
        }
    }
}

void Reads::give_up(const RequestPtr& request, Failure failure) {
    ++request->attempt;
    request->partition->pipeline->abandon(request->ticket);
    stop_waiting(request);
    answer(request, failure);
}

void Reads::answer(const RequestPtr& request, std::optional<Failure> failure) {
    if (requests_.erase(request) == 0) return;
    if (request->hand_over) hand_overs_.erase(request->place);
    core_.deadlines.cancel(request->deadline);
    core_.deadlines.cancel(request->next);
    --core_.pending;
    auto later = std::move(request->later);
    if (FOORUMI_MUTANT(hand_over_loses)) later.clear();
    std::erase_if(later, [&](const auto& commit) { return failure || commit->version <= request->version; });
    if (!failure && request->hand_over && request->channel != directory_channel) {
        recent_.begin(request->partition->number, request->channel,
                      later.empty() ? request->version : later.back()->version);
    }
    request->answer(failure, std::move(later));
}

void Reads::released(const std::shared_ptr<const Released>& commit) {
    if (commit->channel != directory_channel) recent_.released(*commit);
    const auto [first, last] = hand_overs_.equal_range(commit->channel);
    for (auto entry = first; entry != last; ++entry) entry->second->later.push_back(commit);
}

void Reads::start_over(const Partition& partition) {
    recent_.forget(partition.number);
    const std::vector<RequestPtr> all(requests_.begin(), requests_.end());
    for (const auto& request : all) {
        if (request->partition != &partition || !request->hand_over || !requests_.contains(request)) continue;
        request->later.clear();
        stop_waiting(request);
        submit(request);
    }
}

void Reads::stop() {
    const std::vector<RequestPtr> all(requests_.begin(), requests_.end());
    for (const auto& request : all) give_up(request, Failure::stopping);
}

}  // namespace foorumi::store
