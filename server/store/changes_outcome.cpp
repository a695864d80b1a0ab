// What becomes of a change that was sent, or whose time is over.
#include <spdlog/spdlog.h>

#include "base/crash_points.hpp"
#include "base/mutants.hpp"

#include "store/changes.hpp"

namespace foorumi::store {

void Changes::replied(const Queue& queue, const ChangePtr& change, const ScriptResult& result) {
    if (result.reply != nullptr) FOORUMI_CRASH_POINT(reply_read);
    queue->landed(change);
    if (result.reply == nullptr) {
        failed(queue, change, result);
    } else {
        judge(queue, change, parse_commit(*result.reply));
    }
    schedule(queue);
    queue->partition().under_way.answered();
}

void Changes::failed(const Queue& queue, const ChangePtr& change, const ScriptResult& result) {
    audit_goes_on(queue->partition(), *change, change->audit_follows);
    if (result.failure == ScriptResult::Failure::lost) {
        change->in_doubt = change->in_doubt || (result.in_doubt && change->writes());
        return decide_anew(queue->partition(), change);
    }
    if (result.in_doubt) forget(queue->channel(), *change);
    if (result.in_doubt && change->writes()) return fail(change, Failure::outcome_unknown);
    fail(change, Failure::unavailable, retry_later_ms);
}

// What was sent behind it does not follow any more, and comes back; what is sent from now on does. Of those that come
// back none says where to go on, since others have been sent since.
void Changes::audit_goes_on(Partition& partition, const Change& change, const AuditHead& head) {
    if (!change.audited() || change.audit_line != partition.audit_line) return;
    ++partition.audit_line;
    partition.audit = head;
}

void Changes::judge(const Queue& queue, const ChangePtr& change, const CommitReply& reply) {
    using Status = CommitReply::Status;
    if (reply.status != Status::ok)
        audit_goes_on(queue->partition(), *change, reply.status == Status::audit ? reply.audit : change->audit_follows);
    if (!core_.comparable(queue->partition())) {
        change->in_doubt = change->in_doubt || change->writes() || reply.status == Status::repeated;
        return decide_later(queue, change);
    }
    switch (reply.status) {
        case Status::ok:
            return applied(queue, change, reply);
        case Status::audit:
            return decide_again(queue, change, reply);
        case Status::audit_broken:
            spdlog::critical(
                "partition {}: its audit log has an entry behind the last one: somebody else has written it",
                queue->partition().number);
            return fail(change, Failure::unavailable);
        case Status::repeated:
            // What it wrote may have been decided elsewhere.
            forget(queue->channel(), *change);
            return answer_when_released(queue, change, reply);
        case Status::conflict:
            return fail(change, Failure::conflict);
        case Status::expired:
            return fail(change, Failure::expired);
        case Status::future:
            return fail(change, Failure::future);
        case Status::fence:
        case Status::expect:
            return decide_again(queue, change, reply);
        case Status::backlog:
            spdlog::warn("partition {}: the feed's entries are not consumed", queue->partition().number);
            return fail(change, Failure::overloaded, retry_later_ms);
        case Status::malformed:
            spdlog::error("partition {}: malformed reply to a commit", queue->partition().number);
            forget(queue->channel(), *change);
            return fail(change, Failure::outcome_unknown);
    }
}

void Changes::applied(const Queue& queue, const ChangePtr& change, const CommitReply& reply) {
    if (!change->commit) return fail(change, Failure::refused);
    for (const auto& put : change->commit->puts) {
        if (!is_named(put.key)) continue;
        if (put.forget) {
            cache_.forgotten(queue->channel(), put.key, reply.version);
        } else if (put.self_field.empty()) {
            cache_.refresh(queue->channel(), put.key, reply.version, put.value);
        } else {
            cache_.erase(queue->channel(), put.key);  // only the script knows the value
        }
    }
    answer_when_released(queue, change, reply);
}

void Changes::answer_when_released(const Queue& queue, const ChangePtr& change, const CommitReply& reply) {
    if (queue->partition().same_server()) queue->partition().tail->committed(reply.position);
    if (change->stage == Change::Stage::answered) return;
    change->stage = Change::Stage::releasing;
    const bool repeated = reply.status == CommitReply::Status::repeated;
    const Committed committed{reply.version + (repeated && FOORUMI_MUTANT(repeated_is_another) ? 1 : 0), repeated};
    if ((FOORUMI_MUTANT(answered_at_once) && queue->channel().starts_with("room:")) ||
        (FOORUMI_MUTANT(set_aside_at_once) && change->commit && change->commit->set_aside)) {
        return core_.later([this, change, committed] { answer(change, {std::nullopt, committed, 0}); });
    }
    const auto wait = queue->partition().release.when(
        reply.position, Release::Fences::hold, [this, queue, change, committed](bool released) {
            if (released) return answer(change, {std::nullopt, committed, 0});
            change->in_doubt = change->in_doubt || change->writes() || committed.repeated;
            decide_later(queue, change);
        });
    change->wait = wait;
}

// On what is true now, wherever that is. What has been done already keeps its answer, by its change id.
void Changes::decide_anew(Partition& partition, const ChangePtr& change) {
    if (change->stage == Change::Stage::answered) return;
    if (core_.stopping) return fail(change, Failure::stopping);
    change->stage = Change::Stage::fresh;
    change->tries = 0;
    change->loaded.clear();
    const auto& queue = queue_of(change->request.channel, partition);
    queue->add_again(change);
    schedule(queue);
}

void Changes::decide_later(const Queue& queue, const ChangePtr& change) {
    if (change->stage == Change::Stage::answered) return;
    if (core_.stopping) return fail(change, Failure::stopping);
    change->stage = Change::Stage::elsewhere;
    core_.deadlines.after(elsewhere_retry,
                          [this, &partition = queue->partition(), change] { decide_anew(partition, change); });
}

void Changes::pipeline_lost(const ScriptPipeline& pipeline) {
    cache_.clear();
    for (auto& [number, partition] : core_.partitions) {
        if (partition.pipeline != &pipeline) continue;
        partition.audit.reset();
        ++partition.audit_line;
    }
    for (const auto& [channel, queue] : queues_) {
        if (queue->partition().pipeline != &pipeline) continue;
        for (const auto& change : queue->waiting()) {
            const bool decided = change->stage == Change::Stage::decided;
            if (decided || change->stage == Change::Stage::behind_fence) change->stage = Change::Stage::fresh;
            change->loaded.clear();
        }
    }
}

void Changes::decide_again(const Queue& queue, const ChangePtr& change, const CommitReply& reply) {
    for (const auto& entity : reply.unexpected) {
        change->loaded[entity.key] = {entity.version, entity.bytes};
        cache_.put(queue->channel(), entity.key, {entity.version, entity.bytes}, reply.version);
    }
    if (change->stage == Change::Stage::answered) return;
    if (core_.stopping) return fail(change, Failure::stopping);
    if (change->tries >= core_.options.max_tries) return fail(change, Failure::contended, retry_soon_ms);
    change->stage = Change::Stage::fresh;
    if (reply.status == CommitReply::Status::fence) {
        change->stage = Change::Stage::behind_fence;
        change->fence = reply.version;
    }
    queue->add_again(change);
}

// It may have changed its queue since it came: one that was empty is gone, and is made anew when something comes back.
void Changes::expire(const Queue& first, const ChangePtr& change) {
    const auto found = queues_.find(first->channel());
    const auto queue = found == queues_.end() ? first : found->second;
    // Decided more than once: somebody else was always faster.
    end(queue, change, change->tries > 1 ? Failure::contended : Failure::unavailable);
}

// Answers whatever stage it is in; `failure` if nothing was applied for certain.
void Changes::end(const Queue& queue, const ChangePtr& change, Failure failure) {
    using Stage = Change::Stage;
    switch (change->stage) {
        case Stage::answered:
            return;
        case Stage::releasing:
            queue->partition().release.cancel(change->wait);
            return fail(change, Failure::outcome_unknown);
        case Stage::sent:
            // Unless a reply is due, it is answered within this call.
            queue->partition().pipeline->abandon(change->ticket);
            return fail(change, change->writes() ? Failure::outcome_unknown : failure);
        case Stage::loading:
            queue->remove_waiting(change);
            queue->partition().pipeline->abandon(change->ticket);
            break;
        default:
            queue->remove_waiting(change);
    }
    fail(change, failure, retry_soon_ms);
    schedule(queue);
}

void Changes::fail(const ChangePtr& change, Failure failure, std::uint32_t retry_after_ms) {
    if (change->in_doubt) failure = Failure::outcome_unknown;
    const bool unknown = failure == Failure::outcome_unknown;
    if (unknown && FOORUMI_MUTANT(unknown_is_done)) return answer(change, {std::nullopt, {1, false}, 0});
    if (unknown && FOORUMI_MUTANT(unknown_is_refused)) failure = Failure::expired;
    answer(change, {failure, {}, retry_after_ms});
}

void Changes::answer(const ChangePtr& change, ChangeOutcome outcome) {
    if (change->stage == Change::Stage::answered) return;
    change->stage = Change::Stage::answered;
    core_.deadlines.cancel(change->deadline);
    --core_.pending;
    const auto done = std::move(change->done);
    done(outcome);
    if (!outcome.failure) FOORUMI_CRASH_POINT(author_answered);
}

void Changes::forget(const std::string& channel, const Change& change) {
    for (const auto& key : change.request.needs) cache_.erase(channel, key);
    for (const auto& expectation : change.expectations) cache_.erase(channel, expectation.key);
    if (!change.writes()) return;
    for (const auto& put : change.commit->puts) cache_.erase(channel, put.key);
}

// What the tail still hands over of what Redis was before is nothing to decide on.
void Changes::released(const Released& commit, bool of_present) {
    const auto found = queues_.find(commit.channel);
    for (const auto& entity : commit.entities) {
        if (!of_present) {
            cache_.erase(commit.channel, entity.key);
        } else if (entity.forgotten) {
            cache_.forgotten(commit.channel, entity.key, commit.version);
        } else {
            cache_.refresh(commit.channel, entity.key, commit.version, entity.bytes);
        }
        if (found != queues_.end()) found->second->entity_changed(entity);
    }
}

void Changes::directory_changed() {
    for (const auto& [channel, queue] : queues_) queue->directory_changed();
    schedule_all();
}

void Changes::stop() {
    const auto queues = queues_;
    for (const auto& [channel, queue] : queues) {
        const auto waiting = queue->waiting();
        for (const auto& change : waiting) end(queue, change, Failure::stopping);
    }
}

void Changes::give_up() {
    const auto queues = queues_;
    for (const auto& [channel, queue] : queues) {
        const auto under_way = queue->under_way();
        for (const auto& change : under_way) end(queue, change, Failure::stopping);
    }
}

}  // namespace foorumi::store
