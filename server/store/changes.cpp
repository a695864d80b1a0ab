#include "store/changes.hpp"

#include <spdlog/spdlog.h>

#include "base/crash_points.hpp"

namespace foorumi::store {
namespace {

// How many waiting changes may have their entities read along with the front's.
constexpr std::size_t read_ahead = 32;

}  // namespace

AuditHead Changes::next_audit(const Partition& partition, const AuditHead& follows, std::string_view entry) const {
    return {follows.count + 1, audit_digest(core_.options.installation, partition.number, follows, entry)};
}

void Changes::add(ChangeRequest request, Decide decide, std::function<void(ChangeOutcome)> done) {
    auto* const partition = core_.home(request.channel);
    if (partition == nullptr)
        spdlog::error("channel {} is not at home on worker {}", request.channel, core_.options.worker);
    auto refusal = partition == nullptr ? Failure::unavailable : core_.take_request();
    if (!refusal && partition->replicas_missing) {
        --core_.pending;
        refusal = Failure::replicas_missing;
    }
    if (refusal) {
        const auto retry_after = *refusal == Failure::stopping           ? 0
                                 : *refusal == Failure::replicas_missing ? retry_later_ms
                                                                         : retry_soon_ms;
        core_.later([done = std::move(done), refusal, retry_after] { done({refusal, {}, retry_after}); });
        return;
    }
    const auto queue = queue_of(request.channel, *partition);
    const auto change = std::make_shared<Change>();
    change->request = std::move(request);
    change->decide = std::move(decide);
    change->done = std::move(done);
    const auto bound = core_.options.change_deadline;
    const auto own = change->request.deadline;
    change->deadline = core_.deadlines.after(own.count() > 0 ? std::min(own, bound) : bound,
                                             [this, queue, change] { expire(queue, change); });
    change->order = next_order_++;
    queue->add(change);
    schedule(queue);
}

const Changes::Queue& Changes::queue_of(const std::string& channel, Partition& partition) {
    auto& queue = queues_[channel];
    if (!queue) queue = std::make_shared<ChangeQueue>(channel, partition);
    return queue;
}

void Changes::schedule(const Queue& queue) {
    if (scheduled_.empty()) core_.later([this] { run(); });
    scheduled_.push_back(queue);
}

void Changes::schedule_all() {
    for (const auto& [channel, queue] : queues_) schedule(queue);
}

void Changes::run() {
    const auto queues = std::exchange(scheduled_, {});
    for (const auto& queue : queues) advance(queue);
}

void Changes::advance(const Queue& queue) {
    while (advance_front(queue)) {
    }
    if (!queue->empty()) return;
    const auto found = queues_.find(queue->channel());
    if (found != queues_.end() && found->second == queue) queues_.erase(found);
}

// True: the front has left the queue.
bool Changes::advance_front(const Queue& queue) {
    if (queue->waiting().empty() || queue->drains() || !queue->partition().pipeline->open()) return false;
    Change& change = *queue->waiting().front();
    if (change.stage == Change::Stage::answered) {
        queue->remove_waiting(queue->waiting().front());
        return true;
    }
    if (change.stage == Change::Stage::loading) return false;
    if (change.stage == Change::Stage::behind_fence) {
        if (core_.sinks.directory_version() < change.fence) return false;
        change.stage = Change::Stage::fresh;
    }
    if (change.stage == Change::Stage::fresh) {
        if (queue->needs_landing(change)) return false;
        if (!gather(queue, change)) {
            load(queue);
            return false;
        }
        decide(change);
        if (needs_more(change)) return advance_front(queue);
    }
    if (queue->commit_needs_landing(change)) return false;
    send(queue);
    return true;
}

// False: something is not known here.
bool Changes::gather(const Queue& queue, Change& change) {
    change.view.clear();
    for (const auto& key : change.request.needs) {
        const auto* value = cache_.find(queue->channel(), key);
        if (value == nullptr) {
            const auto found = change.loaded.find(key);
            if (found == change.loaded.end()) return false;
            value = &found->second;
        }
        change.view.add(key, *value);
    }
    return true;
}

// Reads what the front misses, and in the same step what those behind it miss.
void Changes::load(const Queue& queue) {
    std::vector<std::string> missing;
    const auto ahead = std::min(queue->waiting().size(), read_ahead);
    for (std::size_t i = 0; i < ahead; ++i) {
        for (const auto& key : queue->waiting()[i]->request.needs) {
            if (cache_.find(queue->channel(), key) != nullptr || queue->is_writing(key)) continue;
            if (std::ranges::find(missing, key) == missing.end()) missing.push_back(key);
        }
    }
    const auto front = queue->waiting().front();
    front->stage = Change::Stage::loading;
    auto call = entities_call(queue->partition().keys, queue->channel(), missing);
    call.done = [this, queue, keys = std::move(missing)](const ScriptResult& result) { loaded(queue, keys, result); };
    front->ticket = queue->partition().pipeline->submit(std::move(call));
}

void Changes::loaded(const Queue& queue, const std::vector<std::string>& keys, const ScriptResult& result) {
    if (result.reply != nullptr) {
        auto read = parse_entities(*result.reply, keys);
        for (auto& entity : read.result.entities) {
            Value value{entity.version, std::move(entity.bytes)};
            for (const auto& change : queue->waiting()) {
                if (change->stage == Change::Stage::loading) change->loaded[entity.key] = value;
            }
            cache_.put(queue->channel(), entity.key, std::move(value), read.version);
        }
    }
    const auto waiting = queue->waiting();
    for (const auto& change : waiting) {
        if (change->stage != Change::Stage::loading) continue;
        change->stage = Change::Stage::fresh;
        if (result.reply == nullptr && result.failure != ScriptResult::Failure::abandoned) {
            end(queue, change, Failure::unavailable);
        }
    }
    schedule(queue);
}

void Changes::decide(Change& change) {
    ++change.tries;
    change.directory_version = 0;
    change.commit = change.decide(change.view, change.directory_version);
    change.loaded.clear();
    change.stage = Change::Stage::decided;
}

// True: the decision is to be made again, with what it has asked for. One that asks for what it has is none.
bool Changes::needs_more(Change& change) {
    if (!change.commit || change.commit->further.empty()) return false;
    auto& needs = change.request.needs;
    const auto before = needs.size();
    for (auto& key : change.commit->further) {
        if (!change.view.has(key)) needs.push_back(std::move(key));
    }
    change.commit.reset();
    if (needs.size() == before) return false;
    --change.tries;
    change.stage = Change::Stage::fresh;
    return true;
}

void Changes::send(const Queue& queue) {
    FOORUMI_CRASH_POINT(change_decided);
    const auto change = queue->waiting().front();
    change->stage = Change::Stage::sent;
    change->expectations = change->changes() ? change->commit->expectations : change->view.expectations();
    queue->sent();
    CommitArguments arguments{.request = change->request,
                              .expectations = change->expectations,
                              .commit = change->commit ? &*change->commit : nullptr,
                              .directory_version = change->directory_version};
    if (change->audited()) {
        // What is sent before it is done before it, or this one is refused.
        auto& partition = queue->partition();
        change->audit_follows = partition.audit.value_or(AuditHead{});
        change->audit_line = partition.audit_line;
        partition.audit = next_audit(partition, change->audit_follows, change->commit->audit);
        arguments.audit_follows = &change->audit_follows;
        arguments.audit_digest = partition.audit->digest;
    }
    auto call = commit_call(queue->partition().keys, core_.options, arguments);
    call.done = [this, queue, change](const ScriptResult& result) { replied(queue, change, result); };
    call.once = true;  // another Redis may come back, that has less
    queue->partition().under_way.sent();
    change->ticket = queue->partition().pipeline->submit(std::move(call));
}

}  // namespace foorumi::store
