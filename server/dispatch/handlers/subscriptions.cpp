#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/entity_codec.hpp"
#include "codec/frame_codec.hpp"
#include "dispatch/answers.hpp"
#include "dispatch/failures.hpp"
#include "dispatch/handlers/handlers.hpp"
#include "dispatch/room_listing.hpp"
#include "dispatch/worker.hpp"
#include "forum/keys.hpp"

namespace foorumi::dispatch {
namespace {

using forum::ErrorCode;
using forum::Refusal;

// One Subscribe under way: Done follows when each of its channels has been answered.
struct Batch {
    Worker& worker;
    Origin origin;
    std::size_t left = 0;

    void one_done() {
        if (--left > 0) return;
        v1::Response response;
        response.mutable_done();
        worker.dispatcher().answer(origin, response);
    }
};

// One channel of it.
struct Opening {
    std::shared_ptr<Batch> batch;
    forum::ChannelName name;
    std::string channel;
    forum::Version since = 0;
    store::Epoch epoch = 0;  // of since; then that of what is answered
    std::uint32_t generation = 0;
    std::uint64_t serial = 0;

    [[nodiscard]] session::Session* session() const { return batch->origin.anchor->session; }
    // The subscription this opens, if it has not been ended or replaced meanwhile.
    [[nodiscard]] session::Subscription* subscription() const {
        auto* owner = session();
        if (owner == nullptr) return nullptr;
        auto found = owner->subscriptions.find(channel);
        if (found == owner->subscriptions.end() || found->second->serial() != serial) return nullptr;
        return found->second.get();
    }
};
using OpeningRef = std::shared_ptr<Opening>;

v1::Synced& start_synced(v1::Item& item, const Opening& opening) {
    auto& synced = *item.mutable_synced();
    synced.set_request(opening.batch->origin.request);
    synced.set_channel(opening.channel);
    synced.set_generation(opening.generation);
    synced.set_since(opening.since);
    return synced;
}

void refuse_channel(const Opening& opening, const Refusal& refusal) {
    if (auto* session = opening.session()) {
        v1::Item item;
        auto& worker = opening.batch->worker;
        fill_error(*start_synced(item, opening).mutable_error(), refusal, worker.shared().catalogue, session->language);
        session->send(encode_ref(item));
        worker.dispatcher().count_refusal(refusal);
    }
    opening.batch->one_done();
}

const Refusal channel_not_found{ErrorCode::not_found, "channel_not_found", "channel", 0};

void end_opening(const Opening& opening, const Refusal& refusal) {
    if (opening.subscription() != nullptr)
        opening.batch->worker.dispatcher().unsubscribe(*opening.session(), opening.channel);
    refuse_channel(opening, refusal);
}

bool may_still_read(Worker& worker, const Opening& opening) {
    const auto* member = member_of(worker, *opening.session());
    return member != nullptr &&
           forum::may_read(worker.directory(), *member, opening.name, worker.shared().clock.wall_ms());
}

// The client has unsubscribed or asked for the channel anew, or may not read it any more.
void ended_meanwhile(Worker& worker, const Opening& opening) {
    if (opening.session() != nullptr && !may_still_read(worker, opening))
        return refuse_channel(opening, channel_not_found);
    refuse_channel(opening, {ErrorCode::unavailable, "superseded", "channel", 0});
}

// The presence of a room for a newcomer, ephemeral like all presence.
void send_presence(Worker& worker, const OpeningRef& opening) {
    auto& shared = worker.shared();
    shared.post_home(opening->channel, [&shared, opening, me = worker.index()](Worker& home) {
        auto bytes = home.home().presence_item(opening->name.id);
        shared.post(me, [opening, bytes = std::move(bytes)](Worker&) {
            if (auto* subscription = opening->subscription(); subscription != nullptr && subscription->live())
                subscription->deliver(make_item(bytes), net::Priority::ephemeral);
        });
    });
}

void go_live(Worker& worker, const OpeningRef& opening, const v1::Item& synced) {
    opening->session()->send(encode_ref(synced));
    if (auto* subscription = opening->subscription()) subscription->go_live();
    if (opening->name.kind == forum::ChannelKind::room) send_presence(worker, opening);
    opening->batch->one_done();
}

store::KeyedValue for_subscribers(const store::KeyedValue& stored) {
    return {stored.key, stored.version, codec::value_for_subscribers(stored.bytes), stored.forgotten};
}

void answer_sync(Worker& worker, const OpeningRef& opening, const Opened& opened) {
    v1::Item item;
    auto& synced = start_synced(item, *opening);
    synced.set_version(opened.sync->version);
    synced.set_epoch(opening->epoch);
    synced.set_reset(opened.reset);
    synced.set_more(opened.sync->more);
    const bool moderation = opening->name.kind == forum::ChannelKind::moderation;
    for (const auto& entity : opened.sync->entities)
        if (!forum::is_server_only(entity.key))
            add_entity(*synced.mutable_entities(),
                       moderation || codec::is_redirect(entity.bytes) ? for_subscribers(entity) : entity);
    if (!opened.sync->more) return go_live(worker, opening, item);
    opening->session()->send(encode_ref(item));
    opening->session()->subscriptions.erase(opening->channel);
    opening->batch->one_done();
}

// The threads that are pinned and that the listing lacks.
std::vector<std::string> pinned_elsewhere(const store::KeyedValue& pins, const v1::Threads& listed, forum::Millis now) {
    std::vector<std::string> keys;
    const auto value = codec::decode_value(pins.bytes);
    const auto* found = value ? std::get_if<forum::Pins>(&*value) : nullptr;
    if (found == nullptr) return keys;
    for (const auto& one : found->pinned) {
        auto key = forum::thread_key(one.thread);
        const auto is_it = [&key](const auto& summary) { return summary.thread().key() == key; };
        if (!forum::Pin{one.until, false}.over(now) && std::ranges::none_of(listed.threads(), is_it))
            keys.push_back(std::move(key));
    }
    return keys;
}

// What was read later than the snapshot's version, and has changed meanwhile, comes as a change.
void add_to_snapshot(v1::Synced& synced, const store::KeyedValue& stored) {
    if (!stored.bytes.empty() && stored.version <= synced.version() && !codec::is_redirect(stored.bytes))
        add_entity(*synced.mutable_entities(), stored);
}

using ItemPtr = std::shared_ptr<v1::Item>;

void send_snapshot(Worker& worker, const OpeningRef& opening, const ItemPtr& item, std::vector<std::string> pinned) {
    if (pinned.empty()) return go_live(worker, opening, *item);
    worker.read_entities(opening->channel, std::move(pinned),
                         [&worker, opening, item](store::ReadOutcome<store::EntitiesResult> read) {
                             if (opening->subscription() == nullptr) return ended_meanwhile(worker, *opening);
                             if (read.failure) return end_opening(*opening, refusal_of(*read.failure));
                             for (const auto& thread : read.result.entities)
                                 add_to_snapshot(*item->mutable_synced(), thread);
                             go_live(worker, opening, *item);
                         });
}

void answer_snapshot(Worker& worker, const OpeningRef& opening, bool reset, forum::Result<v1::Threads> listing) {
    if (opening->subscription() == nullptr) return ended_meanwhile(worker, *opening);
    if (listing.has_error()) return end_opening(*opening, listing.error());
    auto threads = std::make_shared<v1::Threads>(std::move(*listing));
    worker.read_entities(opening->channel, {std::string(forum::room_key), std::string(forum::pins_key)},
                         [&worker, opening, reset, threads](store::ReadOutcome<store::EntitiesResult> read) {
                             if (opening->subscription() == nullptr) return ended_meanwhile(worker, *opening);
                             if (read.failure) return end_opening(*opening, refusal_of(*read.failure));
                             const auto& pins = read.result.entities.back();
                             auto pinned = pinned_elsewhere(pins, *threads, worker.shared().clock.wall_ms());
                             auto item = std::make_shared<v1::Item>();
                             auto& synced = start_synced(*item, *opening);
                             v1::Entity entity;
                             if (!fill_entity(entity, read.result.entities.front()))
                                 return end_opening(*opening, {ErrorCode::internal, "internal", "", 0});
                             *synced.mutable_room() = entity.room();
                             synced.set_version(threads->version());
                             synced.set_epoch(opening->epoch);
                             synced.set_reset(reset);
                             *synced.mutable_threads() = std::move(*threads);
                             add_to_snapshot(synced, pins);
                             send_snapshot(worker, opening, item, std::move(pinned));
                         });
}

void leave_home(Worker& worker, const Opening& opening, forum::Id member) {
    worker.shared().post_home(opening.channel, [channel = opening.channel, me = worker.index(), member](Worker& home) {
        home.home().leave(channel, me, member);
    });
}

// On the session's worker, in order with the channel's broadcasts.
void channel_opened(Worker& worker, const OpeningRef& opening, forum::Id member, Opened opened) {
    worker.refresh_directory();
    const bool live = !opened.failure && !(opened.sync && opened.sync->more);
    auto* subscription = opening->subscription();
    if (subscription == nullptr || !may_still_read(worker, *opening)) {
        if (live) leave_home(worker, *opening, member);
        return subscription == nullptr ? ended_meanwhile(worker, *opening) : end_opening(*opening, channel_not_found);
    }
    if (opened.failure) return end_opening(*opening, refusal_of(*opened.failure));
    if (live) {
        worker.topics().add(opening->channel, *subscription);
        subscription->registered = true;
        for (auto& change : opened.later) subscription->deliver(make_item(std::move(change)), net::Priority::reliable);
    }
    opening->epoch = opened.epoch;
    if (opened.sync) return answer_sync(worker, opening, opened);
    complete_listing(worker, opening->name.id, member, std::move(*opened.threads),
                     [&worker, opening, reset = opened.reset](forum::Result<v1::Threads> listing) {
                         answer_snapshot(worker, opening, reset, std::move(listing));
                     });
}

void open_channel(const Call& call, OpeningRef opening) {
    auto& worker = call.worker;
    auto& session = call.session;
    const auto* member = member_of(worker, session);
    const auto name = forum::parse_channel(opening->channel);
    const auto now = worker.shared().clock.wall_ms();
    if (!name || member == nullptr || !forum::may_read(worker.directory(), *member, *name, now))
        return refuse_channel(*opening, channel_not_found);
    worker.dispatcher().unsubscribe(session, opening->channel);
    if (session.subscriptions.size() >= worker.settings().session.subscriptions)
        return refuse_channel(*opening, {ErrorCode::limited, "too_many_subscriptions", "cursors", 0});
    opening->name = *name;
    opening->serial = worker.next_serial();
    session.subscriptions[opening->channel] =
        std::make_unique<session::Subscription>(session, opening->channel, opening->generation, opening->serial);
    auto& shared = worker.shared();
    OpenJob job{opening->channel, opening->since, opening->epoch, session.member, worker.index()};
    shared.post_home(opening->channel, [&shared, job = std::move(job), opening](Worker& home) {
        home.home().open(job, [&shared, job, opening](Opened opened) {
            auto result = std::make_shared<Opened>(std::move(opened));
            shared.post(job.worker, [job, opening, result](Worker& asker) {
                channel_opened(asker, opening, job.member, std::move(*result));
            });
        });
    });
}

bool names_a_channel_twice(const v1::Subscribe& asked) {
    std::vector<std::string_view> channels;
    for (const auto& cursor : asked.cursors()) channels.push_back(cursor.channel());
    std::ranges::sort(channels);
    return std::ranges::adjacent_find(channels) != channels.end();
}

}  // namespace

void handle_subscribe(const Call& call) {
    const auto& cursors = call.request.subscribe().cursors();
    const auto limit = call.worker.settings().session.subscriptions;
    if (static_cast<std::size_t>(cursors.size()) > limit)
        return call.worker.dispatcher().refuse(call.origin,
                                               {ErrorCode::limited, "too_many_subscriptions", "cursors", 0});
    if (names_a_channel_twice(call.request.subscribe()))
        return call.worker.dispatcher().refuse(call.origin, {ErrorCode::invalid, "channel_twice", "cursors", 0});
    auto batch = std::make_shared<Batch>(Batch{call.worker, call.origin, 1});
    for (const auto& cursor : cursors) {
        ++batch->left;
        auto opening = std::make_shared<Opening>();
        opening->batch = batch;
        opening->channel = cursor.channel();
        opening->since = cursor.since();
        opening->epoch = cursor.epoch();
        opening->generation = cursor.generation();
        open_channel(call, std::move(opening));
    }
    batch->one_done();
}

void handle_unsubscribe(const Call& call) {
    for (const auto& channel : call.request.unsubscribe().channels())
        call.worker.dispatcher().unsubscribe(call.session, channel);
    v1::Response response;
    response.mutable_done();
    call.worker.dispatcher().answer(call.origin, response);
}

}  // namespace foorumi::dispatch
