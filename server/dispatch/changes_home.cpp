// Home's part for members' changes: looking up what they name, deciding, committing.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "codec/entity_codec.hpp"
#include "dispatch/audit.hpp"
#include "dispatch/decided.hpp"
#include "dispatch/failures.hpp"
#include "dispatch/home.hpp"
#include "dispatch/worker.hpp"
#include "forum/newcomers.hpp"

namespace foorumi::dispatch {
namespace {

using forum::ErrorCode;
using forum::Refusal;

// The member who asks, unless the session was revoked or has expired meanwhile; else null.
const forum::MemberCard* asker_of(const directory::Snapshot& directory, const ChangeJob& job, const Worker& worker) {
    if (job.token_hash.empty()) return directory.member(job.member);
    const auto* session = worker.good_session(directory, job.token_hash);
    return session != nullptr && !session->pending && session->member == job.member ? directory.member(job.member)
                                                                                    : nullptr;
}

// Notes whether the change is refused outright; what is looks nothing up and reads nothing: how long that takes would
// tell what there is.
void check_job(ChangeJob& job, const forum::Actor& actor, store::Version directory_version) {
    if (std::exchange(job.checked_on, directory_version) == directory_version) return;
    job.unread = job.unread || check(actor, job.command).has_error();
}

std::string_view act_name(const forum::Act& act, const Command& command) {
    return act.name.empty() ? name_of(command) : act.name;
}

// Whether an earlier text that was looked up may be put into a room. Not while somebody is being erased: the room may
// be through already, and the text name them still.
bool texts_are_present(const directory::Snapshot& directory, const ChangeJob& job) {
    if (!job.texts_read_on) return true;
    return directory.fence() == *job.texts_read_on &&
           std::ranges::all_of(directory.erasures(), [](const auto* card) { return card->handle.empty(); });
}

const Refusal token_invalid{ErrorCode::unauthenticated, "token_invalid", "", 0};

}  // namespace

void Home::change(std::shared_ptr<ChangeJob> job) {
    job->deadline = worker_.shared().clock.steady() + worker_.settings().change_deadline;
    if (!lookups_.is_behind(*job)) return begin(std::move(job));
    if (lookups_.waiting() >= worker_.settings().max_pending)
        return job->answer(refusal_of(store::Failure::overloaded));
    lookups_.wait(std::move(job));
}

void Home::begin(std::shared_ptr<ChangeJob> job, std::optional<store::Failure> failure) {
    // The holder's directory, not this worker's: deciding looks at that, too.
    const auto directory = worker_.shared().directory.current();
    const auto* member = asker_of(*directory, *job, worker_);
    if (member == nullptr) return job->answer(token_invalid);
    const forum::Actor actor{*member, *directory, worker_.shared().clock.wall_ms(), worker_.settings().content};
    // What is refused outright goes on to commit() and is refused there again, behind a look for the change id, since a
    // change that was done keeps its answer whatever has become of the right to it.
    check_job(*job, actor, directory->version());
    const auto message = message_lookup(job->command);
    const auto thread = thread_lookup(job->command);
    const auto moved = move_lookup(job->command);
    const auto newcomer = newcomers_text(job->command);
    const bool may_be_new = !job->unread && newcomer && forum::may_be_new(actor, newcomer->room);
    if (job->unread || (!message && !thread && !moved && !may_be_new)) return commit(std::move(job));
    if (failure) {
        job->lookup_refusal = refusal_of(*failure);
        return commit(std::move(job));
    }
    lookups_.begin(job);
    watch_lookup_deadlines();
    if (may_be_new)
        look_up_newcomer(std::move(job), *newcomer);
    else if (message)
        look_up_message(std::move(job), *message);
    else if (thread)
        look_up_thread(std::move(job), *thread);
    else
        look_up_moved(std::move(job), *moved);
}

// What came behind it follows, up to the next that needs a look.
void Home::looked_up(const std::shared_ptr<ChangeJob>& job, std::optional<store::Failure> failure) {
    auto behind = lookups_.end(*job);
    if (failure) job->lookup_refusal = refusal_of(*failure);
    if (job->done) commit(job);
    for (auto& next : behind) {
        if (lookups_.is_behind(*next))
            lookups_.wait(std::move(next));
        else
            begin(std::move(next), failure);
    }
}

void Home::watch_lookup_deadlines() {
    const auto next = lookups_.next_deadline();
    if (!next || std::exchange(lookup_deadline_watched_, true)) return;
    const auto left = *next - worker_.shared().clock.steady();
    worker_.after(std::max(std::chrono::ceil<std::chrono::milliseconds>(left), std::chrono::milliseconds(0)), [this] {
        lookup_deadline_watched_ = false;
        for (const auto& job : lookups_.take_expired(worker_.shared().clock.steady()))
            job->answer(refusal_of(store::Failure::unavailable));
        watch_lookup_deadlines();
    });
}

// The message of an edit is looked up behind that.
void Home::look_up_newcomer(std::shared_ptr<ChangeJob> job, const NewcomersText& post) {
    take_newcomers_place(job, post, [this, job](std::optional<Refusal> refused) {
        if (refused) job->lookup_refusal = std::move(refused);
        const auto message = message_lookup(job->command);
        if (job->lookup_refusal || !message) return looked_up(job, std::nullopt);
        look_up_message(job, *message);
    });
}

void Home::look_up_message(std::shared_ptr<ChangeJob> job, const MessageLookup& lookup) {
    auto channel = forum::room_channel(lookup.room);
    const bool elsewhere = channel != job->channel;
    store::ReadDone<store::EntitiesResult> done = [this, job, lookup](store::ReadOutcome<store::EntitiesResult> read) {
        auto value = read.failure ? std::nullopt : codec::decode_value(read.result.entities.front().bytes);
        const auto* message = value ? std::get_if<forum::Message>(&*value) : nullptr;
        if (message != nullptr && lookup.thread != nullptr) *lookup.thread = message->thread;
        if (message != nullptr && lookup.found != nullptr) *lookup.found = *message;
        if (value && std::holds_alternative<forum::Redirect>(*value))
            job->lookup_refusal = Refusal{ErrorCode::not_found, "moved", "message", 0};
        auto* restore = std::get_if<forum::RestoreMessage>(&job->command);
        if (restore == nullptr || message == nullptr || message->removed == 0) return looked_up(job, read.failure);
        restore->removal = message->removals;
        look_up_removed(job, *restore);
    };
    const std::vector<std::string> keys{forum::message_key(lookup.message)};
    if (elsewhere) return worker_.read_entities(std::move(channel), keys, std::move(done));
    worker_.store().read_entities(job->channel, keys, std::move(done));
}

// What the message said, which is kept in the moderation channel of the room's forum.
void Home::look_up_removed(std::shared_ptr<ChangeJob> job, forum::RestoreMessage& restore) {
    const auto directory = worker_.shared().directory.current();
    const auto* room = directory->room(restore.room);
    if (room == nullptr) return looked_up(job, std::nullopt);
    job->texts_read_on = directory->fence();
    worker_.read_entities(forum::moderation_channel(room->forum),
                          {forum::removed_key(restore.room, restore.message, restore.removal)},
                          [this, job, &restore](store::ReadOutcome<store::EntitiesResult> read) {
                              if (read.failure) return looked_up(job, read.failure);
                              const auto& found = read.result.entities.front();
                              restore.removed.version = found.version;
                              if (auto value = codec::decode_value(found.bytes)) restore.removed.value = *value;
                              looked_up(job, std::nullopt);
                          });
}

void Home::look_up_thread(std::shared_ptr<ChangeJob> job, const ThreadLookup& lookup) {
    store::IndexRead latest;
    latest.index = forum::thread_index(lookup.thread);
    latest.descending = true;
    latest.limit = 1;
    worker_.read_index(forum::room_channel(lookup.room), std::move(latest),
                       [this, job](store::ReadOutcome<store::IndexResult> read) {
                           if (read.failure) return looked_up(job, read.failure);
                           const auto& rows = read.result.rows;
                           const auto* mark = std::get_if<forum::MarkRead>(&job->command);
                           auto found = rows.empty()      ? forum::check_thread({})
                                        : mark != nullptr ? forum::check_mark(*mark, rows.front().score)
                                                          : forum::Result<void>();
                           if (found.has_error()) job->lookup_refusal = found.error();
                           looked_up(job, std::nullopt);
                       });
}

// As it is now: a few posts may come in between.
void Home::look_up_moved(std::shared_ptr<ChangeJob> job, const MoveLookup& lookup) {
    worker_.store().count_indexes(
        job->channel, {{{forum::thread_index(lookup.thread), 0}}, 0, worker_.settings().content.moved_messages + 1, {}},
        [this, job, lookup](const store::ReadOutcome<store::CountResult>& count) {
            if (!count.failure) *lookup.found = count.result.counts.front();
            looked_up(job, count.failure);
        });
}

forum::Result<store::Commit> Home::decide_job(ChangeJob& job, const store::View& view,
                                              store::Version& directory_version) {
    // The holder's directory, not this worker's: a fence may have let the store ask again before this worker looked.
    const auto directory = worker_.shared().directory.current();
    directory_version = directory->version();
    const auto* member = asker_of(*directory, job, worker_);
    if (member == nullptr) return token_invalid;
    const forum::Actor actor{*member, *directory, worker_.shared().clock.wall_ms(), worker_.settings().content};
    if (auto checked = check(actor, job.command); checked.has_error()) return checked.error();
    // The right to it came in between; the client asks again.
    if (job.unread) return refusal_of(store::Failure::contended);
    if (job.lookup_refusal) return *job.lookup_refusal;
    if (!texts_are_present(*directory, job)) return refusal_of(store::Failure::contended);
    auto decision = decide(actor, job.command, DecodedView(view));
    if (decision.has_error()) return decision.error();
    job.hold = decision->hold;
    auto commit = to_commit(*decision);
    if (decision->act && !commit.puts.empty())
        commit.audit = audit_record(*decision->act, act_name(*decision->act, job.command), job.member, actor.now);
    return commit;
}

void Home::commit(std::shared_ptr<ChangeJob> job) {
    const auto directory = worker_.shared().directory.current();
    const auto* member = asker_of(*directory, *job, worker_);
    if (member == nullptr) return job->answer(token_invalid);
    const forum::Actor actor{*member, *directory, worker_.shared().clock.wall_ms(), worker_.settings().content};
    check_job(*job, actor, directory->version());

    store::ChangeRequest request;
    request.channel = job->channel;
    request.author = job->member;
    request.change_id = job->change_id;
    request.fingerprint = job->fingerprint;
    request.made_at_ms = job->made_at_ms;
    if (!job->unread) request.needs = needs(actor, job->command);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(job->deadline - worker_.shared().clock.steady());
    request.deadline = std::max(left, std::chrono::milliseconds(1));
    auto refusal = std::make_shared<Refusal>();
    worker_.store().change(
        std::move(request),
        [this, job, refusal](const store::View& view,
                             store::Version& directory_version) -> std::optional<store::Commit> {
            try {
                auto decided = decide_job(*job, view, directory_version);
                if (decided.has_value()) return std::move(*decided);
                *refusal = decided.error();
            } catch (const std::exception& error) {
                spdlog::error("deciding a change of {}: {}", job->channel, error.what());
                *refusal = Refusal{ErrorCode::internal, "internal", "", 0};
            }
            return std::nullopt;
        },
        [this, job, refusal](store::ChangeOutcome outcome) {
            if (!outcome.failure && outcome.committed.version == 0 && is_post(job->command)) return hold(job);
            if (!outcome.failure) return job->answer(outcome.committed);
            if (*outcome.failure == store::Failure::refused) return job->answer(*refusal);
            auto failed = refusal_of(*outcome.failure);
            if (outcome.retry_after_ms > 0) failed.retry_after_ms = outcome.retry_after_ms;
            job->answer(std::move(failed));
        });
}

}  // namespace foorumi::dispatch
