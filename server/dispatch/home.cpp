#include "dispatch/home.hpp"

#include <algorithm>
#include <utility>

#include "base/mutants.hpp"
#include "codec/entity_codec.hpp"
#include "codec/frame_codec.hpp"
#include "dispatch/room_listing.hpp"
#include "dispatch/worker.hpp"
#include "foorumi/v1/protocol.pb.h"
#include "foorumi/v1/stored.pb.h"

namespace foorumi::dispatch {
namespace {

constexpr std::chrono::milliseconds effect_retry{500};

// What is told from memory takes this worker's time only; beyond this it waits for its turn all the same.
constexpr std::size_t small_sync_bytes = 16 * 1024;

bool is_moderation(const std::string& channel) {
    return forum::parse_channel(channel)->kind == forum::ChannelKind::moderation;
}

std::string change_item(const store::Released& released) {
    std::vector<codec::EntityBytes> entities;
    entities.reserve(released.entities.size());
    if (is_moderation(released.channel)) {
        std::vector<std::string> values;
        values.reserve(released.entities.size());
        for (const auto& e : released.entities) {
            if (forum::is_server_only(e.key)) continue;
            values.push_back(codec::value_for_subscribers(e.bytes));
            entities.push_back({e.key, e.version, values.back()});
        }
        return codec::encode_change_item(released.channel, released.version, entities);
    }
    std::vector<std::string> told;  // of redirects
    told.reserve(released.entities.size());
    for (const auto& e : released.entities) {
        if (forum::is_server_only(e.key)) continue;
        const bool redirect = codec::is_redirect(e.bytes);
        if (redirect) told.push_back(codec::value_for_subscribers(e.bytes));
        entities.push_back({e.key, e.version, redirect ? told.back() : e.bytes});
    }
    return codec::encode_change_item(released.channel, released.version, entities);
}

bool is_room(const std::string& channel) { return forum::parse_channel(channel)->kind == forum::ChannelKind::room; }

}  // namespace

Home::Home(Worker& worker)
    : worker_(worker),
      broadcaster_([this](std::uint16_t target, fanout::Message message) { send_message(target, std::move(message)); },
                   worker.settings().workers, [this] { worker_.store().resume_tails(); }),
      outgoing_(worker.settings().workers),
      effects_(
          [this](const forum::Effect& effect, const store::ChangeId& id, std::function<void()> done) {
              send_effect(effect, id, std::move(done));
          },
          [this](std::uint16_t partition, std::uint64_t position) { worker_.store().consumed(partition, position); }),
      upkeep_({worker.settings().session.inbox_entries, std::chrono::minutes(60)},
              {[this]() -> store::ChannelStore& { return worker_.store(); },
               [this]() -> const directory::Snapshot& { return worker_.directory(); },
               [this] { return worker_.shared().directory.version(); },
               [this](std::string_view channel) { return worker_.shared().home_of(channel) == worker_.index(); },
               [this] { return worker_.shared().clock.wall_ms(); },
               [this](std::function<void(bool)> done) { purge_feeds(0, std::move(done)); },
               [this] { return worker_.shared().directory.current(); }}),
      expiries_({std::chrono::seconds(worker.settings().content.expiry_interval_s),
                 worker.settings().content.expired_batch, worker.settings().content.earlier_text_ms},
                {[this]() -> store::ChannelStore& { return worker_.store(); },
                 [this] { return worker_.shared().directory.current(); },
                 [this](std::string_view channel) { return worker_.shared().home_of(channel) == worker_.index(); },
                 [this] { return worker_.shared().clock.wall_ms(); },
                 [this](std::size_t messages) { worker_.dispatcher().count_expired(messages); }}),
      membership_upkeep_(worker, [this](std::shared_ptr<MembershipJob> job) { change_membership(std::move(job)); }),
      sign_in_lookups_(worker),
      erasures_(
          worker, [this](std::shared_ptr<MembershipJob> job) { change_membership(std::move(job)); },
          [this] { membership_upkeep_.expire_soon(); }),
      moves_(worker) {}

Home::~Home() = default;

void Home::send_message(std::uint16_t target, fanout::Message message) {
    outgoing_[target].push_back(std::move(message));
    if (!releasing_) send_messages(target);
}

// To the worker of subscribers. It looks for a newer directory first: what was committed behind a fence reaches nobody
// whom that directory shuts out.
void Home::send_messages(std::uint16_t target) {
    if (outgoing_[target].empty()) return;
    auto messages = std::make_shared<const std::vector<fanout::Message>>(std::exchange(outgoing_[target], {}));
    worker_.shared().post(target, [messages = std::move(messages), home = worker_.index()](Worker& worker) {
        worker.refresh_directory();
        const auto acknowledge = fanout::deliver(worker.topics(), *messages);
        if (acknowledge == 0) return;
        worker.shared().post(home, [target = worker.index(), acknowledge](Worker& source) {
            source.home().broadcaster().acknowledged(target, acknowledge);
        });
    });
}

void Home::send_effect(const forum::Effect& effect, const store::ChangeId& id, std::function<void()> done) {
    auto& shared = worker_.shared();
    const auto source = worker_.index();
    auto boxed = std::make_shared<const forum::Effect>(effect);
    shared.post_home(effect.channel, [boxed, id, done = std::move(done), source](Worker& home) mutable {
        home.home().put_effect(boxed, id, source, std::move(done));
    });
}

void Home::put_effect(std::shared_ptr<const forum::Effect> effect, const store::ChangeId& id, std::uint16_t source,
                      std::function<void()> done) {
    // At the start feeds are read before the directory is there, in which whom it is for could not be found.
    if (worker_.shared().directory.current()->version() == 0) {
        return put_effect_later(std::move(effect), id, source, std::move(done));
    }
    if (effect->flag || effect->post) {
        auto ended = [this, effect, id, source, done = std::move(done)](EffectEnd end) {
            effect_ended(effect, id, source, done, end);
        };
        return effect->flag ? file_flag(effect, id, std::move(ended)) : post_approved(effect, id, std::move(ended));
    }
    apply_effect(
        worker_.store(), *effect, id, [this] { return worker_.shared().directory.current(); },
        worker_.shared().clock.wall_ms(),
        [this, effect, id, source, done = std::move(done)](store::ChangeOutcome outcome) mutable {
            if (outcome.failure == store::Failure::stopping) return;
            if (outcome.failure) return put_effect_later(std::move(effect), id, source, std::move(done));
            if (effect->index == forum::inbox_index) upkeep_.trim_inbox(effect->channel);
            // What was deleted for its age comes in many pieces, and leaves the feeds with the next look.
            const auto* mark = std::get_if<forum::EarlierText>(&effect->value);
            if (effect->index == forum::purges_index && mark != nullptr && mark->message != 0) upkeep_.purge_soon();
            if (effect->index == forum::moves_index) moves_.soon();
            worker_.shared().post(source, [done = std::move(done)](Worker&) { done(); });
        });
}

void Home::effect_ended(std::shared_ptr<const forum::Effect> effect, const store::ChangeId& id, std::uint16_t source,
                        std::function<void()> done, EffectEnd end) {
    if (end == EffectEnd::later) return put_effect_later(std::move(effect), id, source, std::move(done));
    worker_.shared().post(source, [done = std::move(done)](Worker&) { done(); });
}

void Home::put_effect_later(std::shared_ptr<const forum::Effect> effect, const store::ChangeId& id,
                            std::uint16_t source, std::function<void()> done) {
    worker_.after(effect_retry, [this, effect = std::move(effect), id, source, done = std::move(done)]() mutable {
        put_effect(std::move(effect), id, source, std::move(done));
    });
}

void Home::when_consumed(std::string_view channel, std::function<void(bool)> done) {
    effects_.when_consumed(store::partition_of(channel, worker_.settings().partitions), std::move(done));
}

// --- subscriptions

void Home::open(OpenJob job, std::function<void(Opened)> done) {
    if (reads_nothing(job)) return read_opening(std::move(job), std::move(done));
    const auto shared = std::make_shared<std::function<void(Opened)>>(std::move(done));
    const auto& settings = worker_.settings();
    const auto partition = store::partition_of(job.channel, settings.partitions);
    auto& turnstile =
        openings_.try_emplace(partition, settings.session.syncs_at_once, settings.session.syncs_waiting).first->second;
    const bool taken = turnstile.enter([this, job = std::move(job), shared, &turnstile]() mutable {
        read_opening(std::move(job), [shared, &turnstile](Opened opened) {
            (*shared)(std::move(opened));
            turnstile.leave();
        });
    });
    if (taken) return;
    Opened refused;
    refused.failure = store::Failure::overloaded;
    (*shared)(std::move(refused));
}

store::SyncRead Home::sync_read(const OpenJob& job) const {
    const auto& settings = worker_.settings();
    const store::Version missed = FOORUMI_MUTANT(resume_off_by_one) && job.since > 0 ? 1 : 0;
    return {job.since + missed, settings.session.sync_entities, settings.answer_bytes(), job.epoch};
}

bool Home::reads_nothing(const OpenJob& job) const {
    const bool snapshot = job.since == 0 && is_room(job.channel);
    auto read = sync_read(job);
    read.bytes = std::min(read.bytes, small_sync_bytes);
    return !snapshot && worker_.store().remembers(job.channel, read);
}

void Home::read_opening(OpenJob job, std::function<void(Opened)> done) {
    const bool room = is_room(job.channel);
    if (room && job.since == 0) return open_snapshot(std::move(job), false, std::move(done));
    auto channel = job.channel;
    const auto read = sync_read(job);
    worker_.store().open_sync(std::move(channel), read,
                              [this, job = std::move(job), room, done = std::move(done)](
                                  store::ReadOutcome<store::SyncResult> outcome,
                                  std::vector<std::shared_ptr<const store::Released>> later) mutable {
                                  Opened result;
                                  if (outcome.failure) {
                                      result.failure = outcome.failure;
                                      return done(std::move(result));
                                  }
                                  if (room && (outcome.result.more || outcome.result.unknown_version))
                                      return open_snapshot(std::move(job), true, std::move(done));
                                  if (outcome.result.unknown_version) {
                                      job.since = 0;
                                      return reopen_from_start(std::move(job), std::move(done));
                                  }
                                  const bool live = !outcome.result.more;
                                  result.epoch = outcome.result.epoch;
                                  result.sync = std::move(outcome.result);
                                  if (live) opened(job, result, later);
                                  done(std::move(result));
                              });
}

void Home::reopen_from_start(OpenJob job, std::function<void(Opened)> done) {
    read_opening(std::move(job), [done = std::move(done)](Opened result) {
        result.reset = true;
        done(std::move(result));
    });
}

void Home::open_snapshot(OpenJob job, bool reset, std::function<void(Opened)> done) {
    auto read = threads_read(worker_.settings().session.snapshot_threads, 0, worker_.settings().answer_bytes());
    auto channel = job.channel;
    worker_.store().open_index(
        std::move(channel), std::move(read),
        [this, job = std::move(job), reset, done = std::move(done)](
            store::ReadOutcome<store::IndexResult> outcome, std::vector<std::shared_ptr<const store::Released>> later) {
            Opened result;
            result.failure = outcome.failure;
            result.reset = reset;
            if (!outcome.failure) {
                result.epoch = outcome.result.epoch;
                result.threads = std::move(outcome.result);
                opened(job, result, later);
            }
            done(std::move(result));
        });
}

void Home::opened(const OpenJob& job, Opened& result, std::vector<std::shared_ptr<const store::Released>>& later) {
    broadcaster_.add_interest(job.channel, job.worker);
    for (const auto& released : later) result.later.push_back(change_item(*released));
    const auto channel = forum::parse_channel(job.channel);
    if (channel->kind == forum::ChannelKind::room) presence_.enter(channel->id, job.member);
}

void Home::leave(const std::string& channel, std::uint16_t worker, forum::Id member) {
    broadcaster_.remove_interest(channel, worker);
    const auto name = forum::parse_channel(channel);
    if (name->kind == forum::ChannelKind::room) presence_.leave(name->id, member);
}

// --- the store's sinks

void Home::released(const std::shared_ptr<const store::Released>& released) {
    releasing_ = true;
    if (released->channel == forum::directory_channel) {
        directory_released(*released);
    } else if (broadcaster_.interested(released->channel)) {
        broadcaster_.broadcast(released->channel, change_item(*released), net::Priority::reliable);
    }
    effects_.released(*released);
}

void Home::released_all() {
    releasing_ = false;
    for (std::uint16_t target = 0; target < worker_.settings().workers; ++target) send_messages(target);
}

void Home::ephemeral(const std::string& channel, const std::string& bytes) {
    v1::Bus bus;
    const auto name = forum::parse_channel(channel);
    if (!name || name->kind != forum::ChannelKind::room || !bus.ParseFromString(bytes)) return;
    if (bus.has_item()) {
        if (broadcaster_.interested(channel)) broadcaster_.broadcast(channel, bus.item(), net::Priority::ephemeral);
    } else if (bus.has_presence() && bus.presence().node() != worker_.settings().node) {
        const auto& heard = bus.presence();
        presence_.heard(name->id, heard.node(), {heard.members().begin(), heard.members().end()},
                        worker_.shared().clock.steady());
    }
}

void Home::feed_gap(std::uint16_t partition) {
    auto& shared = worker_.shared();
    const auto partitions = worker_.settings().partitions;
    effects_.start_over(partition);
    for (auto& channel : broadcaster_.channels())
        if (store::partition_of(channel, partitions) == partition)
            shared.post_all([channel](Worker& worker) { worker.dispatcher().missed(channel); });
    if (directory_loaded_ && store::partition_of(forum::directory_channel, partitions) == partition)
        load_directory([] {});
}

// --- ephemerals

void Home::publish_item(forum::Id room, const v1::Item& item) {
    v1::Bus bus;
    bus.set_item(codec::encode_item(item));
    worker_.store().publish(forum::room_channel(room), bus.SerializeAsString());
}

void Home::publish_typing(forum::Id room, forum::Id thread, forum::Id member) {
    v1::Item item;
    item.mutable_ephemeral()->set_channel(forum::room_channel(room));
    auto& typing = *item.mutable_ephemeral()->mutable_is_typing();
    typing.set_member(member);
    typing.set_thread(thread);
    publish_item(room, item);
}

void Home::tell_presence(forum::Id room, const PresenceChange& change) {
    const auto channel = forum::room_channel(room);
    if (!broadcaster_.interested(channel)) return;
    const auto list = worker_.settings().session.presence_list;
    // Nobody has a list of a room that was too full for one.
    if (change.before > list && change.present <= list)
        return broadcaster_.broadcast(channel, presence_item(room), net::Priority::ephemeral);
    v1::Item item;
    item.mutable_ephemeral()->set_channel(channel);
    auto& presence = *item.mutable_ephemeral()->mutable_presence();
    presence.set_present(static_cast<std::uint32_t>(change.present));
    if (change.present <= list) {
        for (auto id : change.joined) presence.add_joined(id);
        for (auto id : change.left) presence.add_left(id);
    }
    broadcaster_.broadcast(channel, codec::encode_item(item), net::Priority::ephemeral);
}

std::string Home::presence_item(forum::Id room) const {
    const auto members = presence_.members(room);
    v1::Item item;
    item.mutable_ephemeral()->set_channel(forum::room_channel(room));
    auto& presence = *item.mutable_ephemeral()->mutable_presence();
    presence.set_full(members.size() <= worker_.settings().session.presence_list);
    presence.set_present(static_cast<std::uint32_t>(members.size()));
    if (presence.full())
        for (auto id : members) presence.add_joined(id);
    return codec::encode_item(item);
}

void Home::tick() {
    const auto now = worker_.shared().clock.steady();
    for (auto& own : presence_.due(now)) {
        v1::Bus bus;
        auto& presence = *bus.mutable_presence();
        presence.set_node(worker_.settings().node);
        presence.set_room(own.room);
        for (auto id : own.members) presence.add_members(id);
        worker_.store().publish(forum::room_channel(own.room), bus.SerializeAsString());
    }
    for (auto& changed : presence_.changes(now)) tell_presence(changed.room, changed.change);
    if (worker_.directory().version() > 0) upkeep_.tick(now);
    if (worker_.shared().directory.version() > 0) expiries_.tick(now);
    if (worker_.shared().directory.version() > 0) moves_.tick(now);
    if (!directory_loaded_) return;
    membership_upkeep_.tick(now);
    erasures_.tick(now);
}

}  // namespace foorumi::dispatch
