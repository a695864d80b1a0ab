#include "dispatch/channel_sweep.hpp"

#include <sodium.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "codec/entity_codec.hpp"
#include "dispatch/decided.hpp"

namespace foorumi::dispatch {
namespace {

constexpr std::size_t sweep_batch = 64;  // entities of one commit

}  // namespace

ChannelSweep::ChannelSweep(Surroundings around, std::string channel, forum::ErasedMember member, Done done)
    : around_(std::move(around)),
      channel_(std::move(channel)),
      own_(channel_ == forum::member_channel(member.id)),
      member_(std::move(member)),
      done_(std::move(done)) {}

void ChannelSweep::look_at(std::shared_ptr<const directory::Snapshot> directory) {
    directory_ = std::move(directory);
    const auto channel = forum::parse_channel(channel_);
    const auto* own = channel->kind == forum::ChannelKind::room ? directory_->room(channel->id) : nullptr;
    member_.room = own != nullptr ? own->id : 0;
    member_.forum = own != nullptr ? own->forum : 0;
    member_.held = [this](forum::Id room, forum::Id thread) {
        const auto* card = directory_->room(room);
        if (card == nullptr) return false;
        // In a room messages are where they are; elsewhere it is told where they were.
        return member_.room != 0 ? forum::is_held(*card, thread) : forum::holds_kept(*card);
    };
}

void ChannelSweep::read(store::Version since) {
    around_.store.read_sync(channel_, {since, around_.page_entities, around_.page_bytes, epoch_},
                            [this, keep = shared_from_this()](store::ReadOutcome<store::SyncResult> outcome) {
                                if (outcome.failure) return end(false);
                                found(outcome.result);
                            });
}

void ChannelSweep::found(const store::SyncResult& page) {
    if (page.unknown_version) return end(false);  // a restored backup
    epoch_ = page.epoch;
    std::vector<std::string> keys;
    for (const auto& entity : page.entities)
        if (concerns(entity)) keys.push_back(entity.key);
    commit(std::move(keys), [this, reached = page.version, more = page.more] {
        if (more) return read(reached);
        end(true);
    });
}

bool ChannelSweep::concerns(const store::KeyedValue& entity) {
    if (own_) return true;
    if (entity.bytes.empty()) return false;
    const auto value = codec::decode_value(entity.bytes);
    look_at(around_.directory());
    if (value) return forum::concerns(member_, *value);
    spdlog::critical("{} of {} cannot be read: whether it holds something of the erased member {} is not known",
                     entity.key, channel_, member_.id);
    return false;
}

void ChannelSweep::commit(std::vector<std::string> keys, std::function<void()> then) {
    commit_from(std::make_shared<const std::vector<std::string>>(std::move(keys)), 0, std::move(then));
}

void ChannelSweep::commit_from(std::shared_ptr<const std::vector<std::string>> keys, std::size_t first,
                               std::function<void()> then) {
    if (first == keys->size()) return then();
    const auto last = std::min(keys->size(), first + sweep_batch);
    const std::vector some(keys->begin() + static_cast<std::ptrdiff_t>(first),
                           keys->begin() + static_cast<std::ptrdiff_t>(last));
    store::ChangeRequest request;
    request.channel = channel_;
    request.from_feed = true;
    randombytes_buf(request.change_id.data(), request.change_id.size());
    request.fingerprint = request.change_id;
    request.needs = own_ ? some : forum::needs_to_erase(some);
    around_.store.change(
        std::move(request),
        [this, keep = shared_from_this(), some](const store::View& view,
                                                store::Version& decided_on) -> std::optional<store::Commit> {
            // By which holds are told, too: behind the fence of one that was set meanwhile this is decided anew.
            look_at(around_.directory());
            decided_on = directory_->version();
            // Once the sweep has ended at another node, the handle may be somebody else's.
            if (!around_.goes_on()) return std::nullopt;
            try {
                return decide(some, view);
            } catch (const std::exception& error) {
                spdlog::error("erasing a member from {}: {}", channel_, error.what());
                return std::nullopt;
            }
        },
        [this, keep = shared_from_this(), keys, last, then = std::move(then)](const store::ChangeOutcome& outcome) {
            if (outcome.failure) return end(false);
            commit_from(keys, last, then);
        });
}

store::Commit ChannelSweep::decide(const std::vector<std::string>& keys, const store::View& view) const {
    if (!own_) return to_commit(forum::erase(member_, keys, ReadableView(view, "erasing a member")));
    store::Commit commit;
    for (const auto& key : keys) {
        if (view.at(key).version == 0) continue;  // another node has been here
        commit.expectations.push_back({key, view.at(key).version});
        commit.puts.push_back({.key = key, .value = {}, .self_field = {}, .forget = true});
        if (key.starts_with("inbox:")) commit.indexes.push_back({std::string(forum::inbox_index), key, 0, true});
    }
    return commit;
}

void ChannelSweep::end(bool clean) {
    if (const auto done = std::exchange(done_, nullptr)) done(clean);
}

}  // namespace foorumi::dispatch
