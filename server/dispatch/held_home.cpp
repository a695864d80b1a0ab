// Home's part for what follows from filters, in other channels than the one that was posted in: holding a message,
// posting it when it was approved, reporting one; and for the limits of new members.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/crash_points.hpp"
#include "codec/entity_codec.hpp"
#include "dispatch/decided.hpp"
#include "dispatch/failures.hpp"
#include "dispatch/home.hpp"
#include "dispatch/step_id.hpp"
#include "dispatch/worker.hpp"
#include "forum/erasure_rules.hpp"
#include "forum/held.hpp"
#include "forum/newcomers.hpp"
#include "forum/screening.hpp"

namespace foorumi::dispatch {
namespace {

using forum::ErrorCode;
using forum::Refusal;

// A step of a member's change in another channel, with an id of its own that is the same when the change is repeated.
store::ChangeRequest step_of(Worker& worker, const ChangeJob& job, std::string_view step, std::string channel) {
    store::ChangeRequest request;
    request.channel = std::move(channel);
    request.author = job.member;
    request.change_id = step_id(step, job.change_id);
    request.fingerprint = job.fingerprint;  // another content under the same id is another change here, too
    request.made_at_ms = job.made_at_ms;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(job.deadline - worker.shared().clock.steady());
    request.deadline = std::max(left, std::chrono::milliseconds(1));
    return request;
}

// Where an entity cannot be read `otherwise` is decided, by default a refusal.
template <class Rule>
store::Decide guarded(Rule rule, std::optional<store::Commit> otherwise = std::nullopt) {
    return [rule = std::move(rule), otherwise = std::move(otherwise)](
               const store::View& view, store::Version& decided_on) -> std::optional<store::Commit> {
        try {
            return rule(view, decided_on);
        } catch (const std::exception& error) {
            spdlog::critical("deciding what follows from a post: {}", error.what());
            return otherwise;
        }
    };
}

store::Commit aside() {
    store::Commit commit;
    commit.set_aside = true;
    return commit;
}

// Decides for the member who asks, on the newest directory. Where it refuses, `refusal` says why.
template <class Rule>
store::Decide deciding(Worker& worker, forum::Id author, std::shared_ptr<Refusal> refusal, Rule rule) {
    return guarded([&worker, author, refusal = std::move(refusal), rule = std::move(rule)](
                       const store::View& view, store::Version& decided_on) -> std::optional<store::Commit> {
        const auto directory = worker.shared().directory.current();
        decided_on = directory->version();
        *refusal = Refusal{ErrorCode::internal, "internal", "", 0};
        const auto* member = directory->member(author);
        if (member == nullptr) {
            *refusal = Refusal{ErrorCode::unauthenticated, "token_invalid", "", 0};
            return std::nullopt;
        }
        const forum::Actor actor{*member, *directory, worker.shared().clock.wall_ms(), worker.settings().content};
        const auto decision = rule(actor, DecodedView(view));
        if (decision.has_value()) return to_commit(*decision);
        *refusal = decision.error();
        return std::nullopt;
    });
}

Refusal refusal_for(const store::ChangeOutcome& outcome, const Refusal& refusal) {
    if (*outcome.failure == store::Failure::refused) return refusal;
    auto failed = refusal_of(*outcome.failure);
    if (outcome.retry_after_ms > 0) failed.retry_after_ms = outcome.retry_after_ms;
    return failed;
}

// Texts that were read before may name somebody whose traces are being taken out of the rooms. That waits for what
// follows from the feeds, so this does not wait for that.
bool erases(const directory::Snapshot& directory) {
    return std::ranges::any_of(directory.erasures(), [](const auto* card) { return !card->handle.empty(); });
}

// Where a failover has lost a commit, its version comes again, and with it the ids of its effects: of another message
// it must be another one.
store::ChangeId own_id(const store::ChangeId& effect_id, const forum::Effect& effect) {
    return step_id("effect " + codec::encode_value(effect.value), effect_id);
}

// What a rule cannot decide now it cannot decide later: no feed waits for what nobody can do.
EffectEnd end_of(const store::ChangeOutcome& outcome, std::string_view what) {
    if (!outcome.failure) return EffectEnd::applied;
    if (*outcome.failure != store::Failure::refused) return EffectEnd::later;
    spdlog::critical("{} cannot be decided, it is skipped", what);
    return EffectEnd::applied;
}

// Ids are versions of the directory: what this node's is too old for is not gone.
bool may_yet_come(const directory::Snapshot& directory, const forum::HeldMessage& held) {
    const bool author = directory.member(held.author) == nullptr && held.author > directory.version();
    return author || (directory.room(held.room) == nullptr && held.room > directory.version());
}

// As it may come back: who is being erased may be named in it, and the queue be gone through already.
forum::Entity without_erased(const directory::Snapshot& directory, const forum::HeldMessage& held, forum::Millis now) {
    forum::Entity left = held;
    for (const auto* card : directory.erasures())
        if (!card->handle.empty()) left = forum::without({card->member, card->handle, card->removes, now}, left);
    return left;
}

store::ChangeRequest from_feed(std::string channel, const store::ChangeId& id, std::vector<std::string> needs) {
    store::ChangeRequest request;
    request.channel = std::move(channel);
    request.change_id = id;
    request.fingerprint = id;
    request.needs = std::move(needs);
    request.from_feed = true;
    return request;
}

}  // namespace

// --- new members

void Home::take_newcomers_place(const std::shared_ptr<ChangeJob>& job, const NewcomersText& post,
                                std::function<void(std::optional<Refusal>)> then) {
    const auto me = worker_.index();
    auto channel = forum::member_channel(job->member);
    auto request = step_of(worker_, *job, "new member", channel);
    request.needs = forum::needs_of_newcomer();
    worker_.shared().post_home(
        channel, [job, post, me, request = std::move(request), then = std::move(then)](Worker& home) mutable {
            const auto refusal = std::make_shared<Refusal>();
            home.store().change(
                std::move(request),
                deciding(home, job->member, refusal,
                         [post](const forum::Actor& actor, const forum::View& view) {
                             return forum::decide_newcomer(actor, post.text, post.counts, view);
                         }),
                [&home, me, refusal, then = std::move(then)](const store::ChangeOutcome& outcome) {
                    // What is too old is said by the change itself.
                    const bool good = !outcome.failure || *outcome.failure == store::Failure::expired;
                    home.shared().post(
                        me, [then, found = good ? std::nullopt : std::optional(refusal_for(outcome, *refusal))](
                                Worker&) { then(found); });
                });
        });
}

// --- held messages

// The room's partition knows by the change id that nothing is posted, whatever filters there are when it is repeated.
void Home::hold(const std::shared_ptr<ChangeJob>& job) {
    FOORUMI_CRASH_POINT(held_set_aside);
    const auto directory = worker_.shared().directory.current();
    const auto* member = directory->member(job->member);
    if (member == nullptr) return job->answer(Refusal{ErrorCode::unauthenticated, "token_invalid", "", 0});
    const forum::Actor actor{*member, *directory, worker_.shared().clock.wall_ms(), worker_.settings().content};
    auto held = job->hold ? *job->hold : held_of(actor, job->command).value_or(forum::HeldMessage{});
    if (!job->hold)
        held.filters = forum::patterns_in(actor, held);  // it was set aside before, maybe by filters since lifted
    held.number = held_number(job->member, job->change_id);
    const auto* room = directory->room(held.room);
    if (room == nullptr) return job->answer(Refusal{ErrorCode::not_found, "room_not_found", "room", 0});
    const auto place = HeldPlace{room->forum, held.number};
    const auto me = worker_.index();
    auto channel = forum::moderation_channel(place.forum);
    auto request = step_of(worker_, *job, "hold", channel);
    request.needs = forum::needs_to_hold(held);
    worker_.shared().post_home(
        channel, [job, held = std::move(held), place, me, request = std::move(request)](Worker& home) mutable {
            const auto refusal = std::make_shared<Refusal>();
            home.store().change(std::move(request),
                                deciding(home, job->member, refusal,
                                         [held = std::move(held)](const forum::Actor& author, const forum::View& view) {
                                             return forum::decide_hold(author, held, view);
                                         }),
                                [&home, job, place, me, refusal](const store::ChangeOutcome& outcome) {
                                    home.shared().post(me, [job, place, outcome, refusal](Worker&) {
                                        if (outcome.failure) return job->answer(refusal_for(outcome, *refusal));
                                        if (job->held) *job->held = place;
                                        job->answer(outcome.committed);
                                    });
                                });
        });
}

void Home::post_approved(std::shared_ptr<const forum::Effect> effect, const store::ChangeId& effect_id,
                         std::function<void(EffectEnd)> done) {
    const auto& held = std::get<forum::HeldMessage>(effect->value);
    const auto id = own_id(effect_id, *effect);
    if (may_yet_come(*worker_.shared().directory.current(), held)) return done(EffectEnd::later);
    const auto returned = std::make_shared<std::string>();
    auto& worker = worker_;
    worker_.store().change(
        from_feed(effect->channel, id, forum::needs_to_post(held)),
        guarded(
            [&worker, effect, returned](const store::View& view,
                                        store::Version& decided_on) -> std::optional<store::Commit> {
                const auto& message = std::get<forum::HeldMessage>(effect->value);
                const auto directory = worker.shared().directory.current();
                decided_on = directory->version();
                if (erases(*directory)) {
                    *returned = "contended";
                    return aside();
                }
                const auto* author = directory->member(message.author);
                if (author == nullptr) return store::Commit{};  // erased
                const forum::Actor actor{*author, *directory, worker.shared().clock.wall_ms(),
                                         worker.settings().content};
                const auto decision = forum::decide_posting(actor, message, DecodedView(view));
                if (decision.has_error()) return aside();  // there is no such case
                *returned = decision->returned;
                return to_commit(*decision);
            },
            aside()),
        [this, effect, id, returned, done = std::move(done)](const store::ChangeOutcome& outcome) mutable {
            if (outcome.failure == store::Failure::stopping) return;
            if (outcome.failure) return done(end_of(outcome, "what was approved"));
            FOORUMI_CRASH_POINT(held_posted);
            if (outcome.committed.version != 0) return done(EffectEnd::applied);
            return_held(effect, id, *returned, std::move(done));
        });
}

// By which of the nodes it was decided so is the same to all: the room's partition remembers it.
void Home::return_held(const std::shared_ptr<const forum::Effect>& effect, const store::ChangeId& id,
                       const std::string& reason, std::function<void(EffectEnd)> done) {
    auto held = std::get<forum::HeldMessage>(effect->value);
    held.returned = reason.empty() ? "contended" : reason;
    const auto directory = worker_.shared().directory.current();
    const auto* room = directory->room(held.room);
    if (room == nullptr) {
        spdlog::critical("held message {} is of room {}, which there is not: it is dropped", held.number, held.room);
        return done(EffectEnd::applied);
    }
    const auto me = worker_.index();
    auto channel = forum::moderation_channel(room->forum);
    auto request = from_feed(channel, step_id("return", id), forum::needs_to_return(held));
    worker_.shared().post_home(channel, [held = std::move(held), approval = effect->version, me,
                                         request = std::move(request), done = std::move(done)](Worker& home) mutable {
        home.store().change(
            std::move(request),
            guarded([&home, held = std::move(held), approval](
                        const store::View& view, store::Version& decided_on) -> std::optional<store::Commit> {
                const auto current = home.shared().directory.current();
                decided_on = current->version();
                if (current->member(held.author) == nullptr) return store::Commit{};
                const ReadableView readable(view, "returning a held message");
                const auto left = without_erased(*current, held, home.shared().clock.wall_ms());
                const auto* message = std::get_if<forum::HeldMessage>(&left);
                if (message == nullptr) return store::Commit{};
                return to_commit(forum::decide_return(*message, approval, readable));
            }),
            [&home, me, done = std::move(done)](const store::ChangeOutcome& outcome) {
                if (outcome.failure == store::Failure::stopping) return;
                home.shared().post(me, [done, outcome](Worker&) { done(end_of(outcome, "a held message's return")); });
            });
    });
}

// --- flags

void Home::file_flag(const std::shared_ptr<const forum::Effect>& effect, const store::ChangeId& effect_id,
                     std::function<void(EffectEnd)> done) {
    auto& worker = worker_;
    worker_.store().change(
        from_feed(effect->channel, own_id(effect_id, *effect),
                  forum::needs_to_flag(std::get<forum::Report>(effect->value))),
        guarded(
            [&worker, effect](const store::View& view, store::Version& decided_on) {
                decided_on = worker.shared().directory.current()->version();
                const auto& report = std::get<forum::Report>(effect->value);
                return std::optional(to_commit(forum::decide_flag(
                    report, effect->version, worker.settings().content.reports_open, DecodedView(view))));
            },
            store::Commit{}),
        [done = std::move(done)](const store::ChangeOutcome& outcome) {
            if (outcome.failure == store::Failure::stopping) return;
            done(end_of(outcome, "a flag"));
        });
}

}  // namespace foorumi::dispatch
