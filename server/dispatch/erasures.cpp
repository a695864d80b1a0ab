#include "dispatch/erasures.hpp"

#include <spdlog/spdlog.h>

#include "dispatch/channel_sweep.hpp"
#include "dispatch/failures.hpp"
#include "dispatch/worker.hpp"
#include "foorumi/v1/stored.pb.h"
#include "observability/logging.hpp"

namespace foorumi::dispatch {
namespace {

// Doubled with each failure behind another.
constexpr std::chrono::seconds first_delay{5}, longest_delay{600};
constexpr unsigned failures_told = 4;  // from then on an operator should know

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
    const auto turn = turn_++ % (due.size() + under_way.size());
    if (turn < due.size()) return erase(due[turn]);
    go_on(*directory, *under_way[turn - due.size()]);
}

void Erasures::go_on(const directory::Snapshot& directory, const directory::ErasureCard& card) {
    if (has_remains(directory, card.member)) return clear_away_();
    busy_ = true;
    if (!card.handle.empty()) return sweep(card);
    purge(0, [this, member = card.member] { rewrite(member); });
}

void Erasures::erase(forum::Id member) {
    busy_ = true;
    look_for_names(std::make_shared<membership::Erase>(membership::Erase{member, {}, {}}),
                   std::make_shared<std::optional<store::Epoch>>(), 0);
}

// The claims of the member, also those that this release would make of other words, and their address.
void Erasures::look_for_names(const std::shared_ptr<membership::Erase>& command, const EpochRef& epoch,
                              store::Version since) {
    const store::SyncRead page{since, worker_.settings().session.sync_entities, worker_.settings().answer_bytes(),
                               *epoch};
    worker_.store().read_sync(std::string(forum::directory_channel), page,
                              [this, command, epoch](store::ReadOutcome<store::SyncResult> outcome) {
                                  if (outcome.failure) return put_off(refusal_of(*outcome.failure).reason);
                                  if (outcome.result.unknown_version) return put_off("the directory is another one");
                                  *epoch = outcome.result.epoch;
                                  for (const auto& entity : outcome.result.entities) note_names(*command, entity);
                                  if (outcome.result.more)
                                      return look_for_names(command, epoch, outcome.result.version);
                                  commit(*command, [this, member = command->member] { erased(member); });
                              });
}

void Erasures::note_names(membership::Erase& command, const store::KeyedValue& stored) {
    const bool claim = stored.key.starts_with("claim:");
    if (!claim && stored.key != membership::secret_key(command.member)) return;
    v1::DirectoryEntity entity;
    if (!entity.ParseFromString(stored.bytes))
        return spdlog::critical("directory entity {} cannot be read", stored.key);
    if (!claim)
        command.email = entity.secret().email();
    else if (entity.claim().member() == command.member)
        command.claims.push_back(stored.key);
}

void Erasures::erased(forum::Id member) {
    done();
    if (worker_.shared().directory.current()->member(member) != nullptr) return;  // it was called off
    observability::log(observability::Level::info, "member is erased", {{"member", member}});
}

// Behind the fence nothing is committed any more that was decided while the member was there. What follows from the
// rooms' commits of before, such as earlier texts for the moderators, has followed when their feeds are purged: only
// then are the channels gone through that it comes to.
void Erasures::sweep(const directory::ErasureCard& card) {
    const auto member = std::make_shared<const forum::ErasedMember>(
        forum::ErasedMember{card.member, card.handle, card.removes, worker_.shared().clock.wall_ms()});
    worker_.home().fence_all(worker_.shared().directory.current()->fence(), [this, member](bool stands) {
        if (!stands) return done();  // begun again when the directory is the present one
        const auto others = [this, member] {
            sweep_next(std::make_shared<Round>(
                Round{member, other_channels(member->id), [this, member] { end_sweep(member->id); }}));
        };
        sweep_next(std::make_shared<Round>(Round{member, rooms(), [this, others] { purge(0, others); }}));
    });
}

void Erasures::end_sweep(forum::Id member) {
    commit(membership::EndSweep{member}, [this, member] {
        observability::log(observability::Level::info, "channels were gone through", {{"member", member}});
        done();
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

void Erasures::sweep_next(const std::shared_ptr<Round>& round) {
    if (round->channels.empty()) return round->then();
    auto channel = std::move(round->channels.back());
    round->channels.pop_back();
    const auto me = worker_.index();
    worker_.shared().post_home(channel, [this, round, channel, me](Worker& home) {
        auto& shared = home.shared();
        ChannelSweep::Surroundings around{home.store(), [&shared] { return shared.directory.current(); },
                                          [&shared, id = round->member->id] {
                                              const auto directory = shared.directory.current();
                                              const auto* erasure = directory->erasure(id);
                                              return erasure != nullptr && !erasure->handle.empty();
                                          },
                                          home.settings().session.sync_entities, home.settings().answer_bytes()};
        const auto sweep = std::make_shared<ChannelSweep>(
            std::move(around), channel, *round->member, [this, &shared, round, channel, me](bool clean) {
                shared.post(me, [this, round, channel, clean](Worker&) {
                    if (!clean) return put_off(channel + " could not be gone through");
                    sweep_next(round);
                });
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
            done();
        });
    });
}

// By a clock that is ahead of Redis' nobody is erased: the store refuses what is made in the future.
void Erasures::commit(MembershipCommand command, Then then) {
    auto job = own_job(std::move(command));
    job->made_at_ms = worker_.shared().clock.wall_ms();
    job->done = [this, then = std::move(then)](const ChangeResult& result) {
        const bool by_another_node = result.has_error() && result.error().code == forum::ErrorCode::not_found;
        if (by_another_node) return done();
        if (result.has_error()) return put_off(result.error().reason);
        then();
    };
    change_(std::move(job));
}

void Erasures::done() {
    busy_ = false;
    failures_ = 0;
}

void Erasures::put_off(std::string_view why) {
    const auto delay = std::min(longest_delay, first_delay * (1 << std::min(failures_, 10U)));
    ++failures_;
    observability::log(failures_ < failures_told ? observability::Level::info : observability::Level::warning,
                       "an erasure is put off", {{"reason", why}, {"seconds", delay.count()}});
    next_ = worker_.shared().clock.steady() + delay;
    busy_ = false;
}

}  // namespace foorumi::dispatch
