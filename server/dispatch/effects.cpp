#include "dispatch/effects.hpp"

#include <sodium.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "base/crash_points.hpp"
#include "codec/effects_codec.hpp"
#include "codec/entity_codec.hpp"
#include "dispatch/room_entity.hpp"
#include "forum/keys.hpp"

namespace foorumi::dispatch {
namespace {

bool is_muted(const std::string& bytes) {
    const auto value = codec::decode_value(bytes);
    const auto* watch = value ? std::get_if<forum::Watch>(&*value) : nullptr;
    return watch != nullptr && watch->level == forum::WatchLevel::mute;
}

// What moderators have done to their messages members are told in any case.
bool may_be_muted(const forum::InboxEntry& entry) {
    return entry.kind == forum::InboxKind::mention || entry.kind == forum::InboxKind::reply;
}

// What is not there yet is emptied as well: the effect that brings it is applied "if absent", and may come later.
void take(store::Commit& commit, const std::string& key, const store::Value& present) {
    if (present.version != 0 && present.bytes.empty()) return;
    commit.expectations.push_back({key, present.version});
    commit.puts.push_back({key, {}, {}});
    commit.indexes.push_back({std::string(forum::earlier_index), key, 0, true});
}

// Whether the owner of the member channel is there, and may read the room that the entry speaks of, if it does of one.
bool may_see(const directory::Snapshot& directory, const std::string& channel, const forum::InboxEntry& entry,
             forum::Millis now) {
    const auto owner = forum::parse_channel(channel);
    const auto* member = owner ? directory.member(owner->id) : nullptr;
    if (member == nullptr || entry.room == 0) return member != nullptr;
    return forum::may_read(directory, *member, {forum::ChannelKind::room, entry.room}, now);
}

}  // namespace

store::ChangeId effect_id(std::string_view channel, store::Version version, std::size_t n) {
    const std::string name = "effect " + std::string(channel) + " " + std::to_string(version) + " " + std::to_string(n);
    store::ChangeId id{};
    crypto_generichash(id.data(), id.size(), reinterpret_cast<const unsigned char*>(name.data()), name.size(), nullptr,
                       0);
    return id;
}

void apply_effect(store::ChannelStore& store, const forum::Effect& effect, const store::ChangeId& id,
                  std::function<std::shared_ptr<const directory::Snapshot>()> directory, forum::Millis now,
                  std::function<void(store::ChangeOutcome)> done) {
    if (effect.room) return tell_room(store, *effect.room, id, std::move(directory), std::move(done));
    store::ChangeRequest request;
    request.channel = effect.channel;
    request.change_id = id;
    request.fingerprint = id;
    request.needs.push_back(effect.key);
    request.from_feed = true;
    const auto* entry = std::get_if<forum::InboxEntry>(&effect.value);
    const auto watch =
        entry == nullptr || !may_be_muted(*entry) ? std::string() : forum::watch_key(entry->room, entry->thread);
    if (!watch.empty()) request.needs.push_back(watch);
    request.needs.insert(request.needs.end(), effect.takes.begin(), effect.takes.end());
    store.change(
        std::move(request),
        [effect, watch, now, directory = std::move(directory)](const store::View& view, store::Version& decided_on) {
            const auto current = directory();
            decided_on = current->version();
            store::Commit commit;
            const auto* told = std::get_if<forum::InboxEntry>(&effect.value);
            if (told != nullptr && !may_see(*current, effect.channel, *told, now))
                return std::make_optional(std::move(commit));
            const bool muted = !watch.empty() && is_muted(view.at(watch).bytes);
            if (muted) return std::make_optional(std::move(commit));
            if (view.at(effect.key).version == 0) {
                commit.expectations.push_back({effect.key, 0});
                commit.puts.push_back({effect.key, codec::encode_value(effect.value), {}});
                if (!effect.index.empty()) commit.indexes.push_back({effect.index, effect.key, 0, false});
            }
            // Also where its own key is there: a release that takes nothing may have put it.
            for (const auto& key : effect.takes) take(commit, key, view.at(key));
            return std::make_optional(std::move(commit));
        },
        std::move(done));
}

void EffectsConsumer::released(const store::Released& released) {
    const auto partition = released.partition;
    const auto position = released.position;
    std::optional<std::vector<forum::Effect>> effects;
    if (!released.effects.empty()) {
        effects = codec::decode_effects(released.effects, released.version);
        if (!effects)
            spdlog::critical("effects of {} at version {} cannot be read, they are skipped", released.channel,
                             released.version);
    }
    auto& feed = feeds_[partition];
    feed.positions.begin(position, effects ? effects->size() : 0);
    if (!effects || effects->empty()) return tell_consumed(partition, feed);
    FOORUMI_CRASH_POINT(effects_begun);
    for (std::size_t n = 0; n < effects->size(); ++n)
        apply_((*effects)[n], effect_id(released.channel, released.version, n),
               [this, partition, position, epoch = feed.epoch] { ended(partition, position, epoch); });
}

void EffectsConsumer::start_over(std::uint16_t partition) {
    auto& feed = feeds_[partition];
    const auto waiting = std::exchange(feed.waiting, {});
    feed = {{}, feed.epoch + 1};
    for (const auto& one : waiting) one.done(false);
}

void EffectsConsumer::when_consumed(std::uint16_t partition, std::function<void(bool)> done) {
    auto& feed = feeds_[partition];
    if (feed.positions.consumed() >= feed.positions.last()) return done(true);
    feed.waiting.push_back({feed.positions.last(), std::move(done)});
}

void EffectsConsumer::tell_consumed(std::uint16_t partition, Feed& feed) {
    const auto consumed = feed.positions.consumed();
    consumed_(partition, consumed);
    if (feed.waiting.empty()) return;
    const auto over =
        std::ranges::partition_point(feed.waiting, [&](const auto& one) { return one.position <= consumed; });
    const std::vector told(std::make_move_iterator(feed.waiting.begin()), std::make_move_iterator(over));
    feed.waiting.erase(feed.waiting.begin(), over);
    for (const auto& one : told) one.done(true);
}

void EffectsConsumer::ended(std::uint16_t partition, std::uint64_t position, std::uint64_t epoch) {
    auto& feed = feeds_[partition];
    if (feed.epoch != epoch) return;
    FOORUMI_CRASH_POINT(effect_applied);
    feed.positions.end(position);
    tell_consumed(partition, feed);
}

}  // namespace foorumi::dispatch
