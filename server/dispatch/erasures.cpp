#include "dispatch/erasures.hpp"

#include <spdlog/spdlog.h>

#include "dispatch/channel_sweep.hpp"
#include "dispatch/failures.hpp"
#include "dispatch/worker.hpp"
#include "foorumi/v1/stored.pb.h"
#include "observability/logging.hpp"

namespace foorumi::dispatch {
namespace {

constexpr std::chrono::seconds retry_delay{5};

}  // namespace

void Erasures::tick(std::chrono::steady_clock::time_point now) {
    if (busy_ || now < next_) return;
    const auto directory = worker_.shared().directory.current();
    const auto& settings = worker_.settings();
    const membership::Actor actor{
        0, {}, *directory, worker_.shared().clock.wall_ms(), settings.membership, settings.installation};
    const auto due = membership::members_to_erase(actor);
    const auto under_way = directory->erasures();
    if (due.empty() && under_way.empty()) return;
    if (due.empty() && has_remains(*directory, under_way.front()->member)) return clear_away_();
    busy_ = true;
    if (!due.empty()) return erase(due[turn_++ % due.size()]);
    const auto& card = *under_way.front();
    if (card.handle.empty()) return purge(0, [this, member = card.member] { rewrite(member); });
    sweep(card);
}

void Erasures::erase(forum::Id member) {
    worker_.store().read_entities(std::string(forum::directory_channel), {membership::secret_key(member)},
                                  [this, member](store::ReadOutcome<store::EntitiesResult> outcome) {
                                      if (outcome.failure) return put_off(refusal_of(*outcome.failure).reason);
                                      v1::DirectoryEntity entity;
                                      if (!entity.ParseFromString(outcome.result.entities.front().bytes))
                                          return put_off("internal");
                                      commit(membership::Erase{member, entity.secret().email()},
                                             [this, member] { erased(member); });
                                  });
}

void Erasures::erased(forum::Id member) {
    busy_ = false;
    if (worker_.shared().directory.current()->member(member) != nullptr) return;  // it was called off
    observability::log(observability::Level::info, "member is erased", {{"member", member}});
}

// Behind the fence nothing is committed any more that was decided while the member was there. What follows from the
// rooms' commits of before, such as earlier texts for the moderators, has followed when their feeds are purged: only
// then are the channels gone through that it comes to.
void Erasures::sweep(const directory::ErasureCard& card) {
    const auto member = std::make_shared<const forum::ErasedMember>(
        forum::ErasedMember{card.member, card.handle, card.removes, worker_.shared().clock.wall_ms()});
    worker_.home().fence_all(worker_.shared().directory.current()->fence(), [this, member] {
        sweep(member, rooms(), [this, member] {
            purge(0, [this, member] {
                sweep(member, other_channels(member->id), [this, member] { end_sweep(member->id); });
            });
        });
    });
}

void Erasures::end_sweep(forum::Id member) {
    commit(membership::EndSweep{member}, [this, member] {
        observability::log(observability::Level::info, "channels were gone through", {{"member", member}});
        busy_ = false;
    });
}

std::vector<std::string> Erasures::rooms() const {
    const auto directory = worker_.shared().directory.current();
    std::vector<std::string> channels;
    for (const auto* room = directory->first_room_from(0); room != nullptr;
         room = directory->first_room_from(room->id + 1))
        channels.push_back(forum::room_channel(room->id));
    return channels;
}

// Their own, those of the moderators, and the drafts of others.
std::vector<std::string> Erasures::other_channels(forum::Id member) const {
    const auto directory = worker_.shared().directory.current();
    std::vector<std::string> channels{forum::member_channel(member)};
    for (const auto* forum : directory->forums()) channels.push_back(forum::moderation_channel(forum->id));
    directory->each_member(0, [&](const forum::MemberCard& card) {
        channels.push_back(forum::member_channel(card.id));
        return true;
    });
    return channels;
}

void Erasures::sweep(std::shared_ptr<const forum::ErasedMember> member, std::vector<std::string> channels, Then then) {
    if (channels.empty()) return then();
    auto channel = std::move(channels.back());
    channels.pop_back();
    const auto me = worker_.index();
    auto clean = [this, member, channel, channels = std::move(channels), then = std::move(then)](bool done) mutable {
        if (!done) return put_off(channel + " could not be gone through");
        sweep(std::move(member), std::move(channels), std::move(then));
    };
    worker_.shared().post_home(channel, [member, channel, me, clean = std::move(clean)](Worker& home) mutable {
        auto& shared = home.shared();
        ChannelSweep::Surroundings around{home.store(), [&shared] { return shared.directory.version(); },
                                          home.settings().session.sync_entities, home.settings().answer_bytes()};
        const auto sweep = std::make_shared<ChannelSweep>(
            std::move(around), channel, *member, [&shared, me, clean = std::move(clean)](bool done) {
                shared.post(me, [clean, done](Worker&) mutable { clean(done); });
            });
        sweep->start();
    });
}

bool Erasures::has_remains(const directory::Snapshot& directory, forum::Id member) {
    bool found = false;
    directory.each_session_of(member, [&](std::string_view, const auto&) {
        found = true;
        return false;
    });
    directory.each_invitation([&](std::string_view, const directory::InvitationCard& card) {
        found = found || card.by == member || card.resets == member;
        return !found;
    });
    return found;
}

void Erasures::purge(std::uint16_t partition, Then then) {
    const auto& settings = worker_.settings();
    if (partition == settings.partitions) return then();
    const auto me = worker_.index();
    auto purged = [this, partition, then = std::move(then)](std::optional<store::Failure> failure) {
        if (failure) return put_off(refusal_of(*failure).reason);
        purge(partition + 1, then);
    };
    worker_.shared().post(partition % settings.workers, [partition, me, purged = std::move(purged)](Worker& home) {
        auto& shared = home.shared();
        home.store().purge_feed(partition, [&shared, me, purged](std::optional<store::Failure> failure) {
            shared.post(me, [purged, failure](Worker&) { purged(failure); });
        });
    });
}

// Where Redis may not be asked, its file is rewritten when it is due; docs/operations.md says how to do it at once.
void Erasures::rewrite(forum::Id member) {
    worker_.store().rewrite_log([this, member](std::optional<store::RewriteFailure> failure) {
        const bool impossible =
            failure == store::RewriteFailure::not_permitted || failure == store::RewriteFailure::no_log;
        if (failure && !impossible) return put_off(to_string(*failure));
        if (impossible)
            spdlog::warn("Redis does not rewrite its file ({}): what it held of member {} stays there until it does",
                         to_string(*failure), member);
        commit(membership::EndErasure{member}, [this, member] {
            observability::log(observability::Level::info, "erasure is complete", {{"member", member}});
            busy_ = false;
        });
    });
}

void Erasures::commit(MembershipCommand command, Then then) {
    auto job = own_job(std::move(command));
    job->done = [this, then = std::move(then)](const ChangeResult& result) {
        const bool by_another_node = result.has_error() && result.error().code == forum::ErrorCode::not_found;
        if (by_another_node) busy_ = false;
        if (result.has_error() && !by_another_node) return put_off(result.error().reason);
        if (result.has_value()) then();
    };
    change_(std::move(job));
}

void Erasures::put_off(std::string_view why) {
    spdlog::info("an erasure is put off: {}", why);
    next_ = worker_.shared().clock.steady() + retry_delay;
    busy_ = false;
}

}  // namespace foorumi::dispatch
