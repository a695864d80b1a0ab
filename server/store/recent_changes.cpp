#include "store/recent_changes.hpp"

#include <limits>

#include "base/mutants.hpp"

namespace foorumi::store {
namespace {

std::size_t bytes_of(std::string_view key, std::string_view value) {
    return RecentChanges::entity_overhead + key.size() + value.size();
}

// As read.lua counts them.
std::size_t bytes_in_answer(std::string_view key, std::string_view value) {
    constexpr std::size_t overhead_in_answer = 32;
    return overhead_in_answer + key.size() + value.size();
}

}  // namespace

void RecentChanges::begin(std::uint16_t partition, std::string_view channel, Version version) {
    if (most_bytes_ == 0 || channels_.contains(channel)) return;
    reached(add_channel(partition, channel, version), version);
    shrink();
}

void RecentChanges::released(const Released& commit) {
    if (most_bytes_ == 0) return;
    const auto found = channels_.find(commit.channel);
    auto* channel = found == channels_.end() ? nullptr : &*found;
    if (channel != nullptr && channel->second.version + 1 != commit.version) {
        drop([&](const auto& other) { return &other == channel; });
        channel = nullptr;
    }
    if (channel == nullptr) channel = &add_channel(commit.partition, commit.channel, commit.version - 1);
    for (const auto& entity : commit.entities) put(channel->second, entity, commit.version);
    reached(*channel, commit.version);
    shrink();
}

RecentChanges::Channels::value_type& RecentChanges::add_channel(std::uint16_t partition, std::string_view name,
                                                                Version reach) {
    auto& channel = *channels_.emplace(std::string(name), Channel{}).first;
    channel.second.partition = partition;
    channel.second.reach = reach;
    bytes_ += channel_overhead + name.size();
    return channel;
}

void RecentChanges::reached(Channels::value_type& channel, Version version) {
    channel.second.version = version;
    ++channel.second.places;
    order_.push_back({&channel, version});
    bytes_ += commit_overhead;
}

void RecentChanges::put(Channel& channel, const KeyedValue& entity, Version version) {
    if (const auto earlier = channel.values.find(entity.key); earlier != channel.values.end()) erase(channel, earlier);
    if (entity.forgotten) return;
    const auto& value = *channel.values.emplace(entity.key, Value{version, entity.bytes}).first;
    channel.order.emplace(std::pair(version, std::string_view(value.first)), &value);
    bytes_ += bytes_of(entity.key, entity.bytes);
}

void RecentChanges::erase(Channel& channel, Values::iterator value) {
    const auto& [key, kept] = *value;
    bytes_ -= bytes_of(key, kept.bytes);
    channel.order.erase(std::pair(kept.version, std::string_view(key)));
    channel.values.erase(value);
}

void RecentChanges::forget(std::uint16_t partition) {
    if (FOORUMI_MUTANT(recent_outlives_gaps)) return;
    drop([&](const auto& channel) { return channel.second.partition == partition; });
}

template <class Matches>
void RecentChanges::drop(const Matches& matches) {
    bytes_ -= commit_overhead * std::erase_if(order_, [&](const Place& place) { return matches(*place.channel); });
    for (auto channel = channels_.begin(); channel != channels_.end();) {
        const auto here = channel++;
        if (!matches(*here)) continue;
        drop_values(here->second, std::numeric_limits<Version>::max());
        bytes_ -= channel_overhead + here->first.size();
        channels_.erase(here);
    }
}

void RecentChanges::drop_values(Channel& channel, Version up_to) {
    while (!channel.order.empty() && channel.order.begin()->first.first <= up_to) {
        erase(channel, channel.values.find(channel.order.begin()->first.second));
    }
}

void RecentChanges::shrink() {
    while (bytes_ > most_bytes_) {
        const Place oldest = order_.front();
        order_.pop_front();
        bytes_ -= commit_overhead;
        auto& [name, channel] = *oldest.channel;
        drop_values(channel, oldest.version);
        channel.reach = oldest.version;
        if (--channel.places > 0) continue;
        bytes_ -= channel_overhead + name.size();
        channels_.erase(channels_.find(name));
    }
}

const RecentChanges::Channel* RecentChanges::reaching(std::string_view channel, Version since) const {
    const auto found = channels_.find(channel);
    const bool reaches = found != channels_.end() && found->second.reach <= since && since <= found->second.version;
    return reaches ? &found->second : nullptr;
}

bool RecentChanges::know(std::string_view channel, const SyncRead& read) const {
    const auto* const known = reaching(channel, read.since);
    if (known == nullptr) return false;
    std::size_t count = 0, bytes = 0;
    for (auto at = known->order.lower_bound({read.since + 1, {}}); at != known->order.end(); ++at) {
        bytes += bytes_in_answer(at->first.second, at->second->second.bytes);
        if (++count > read.limit || (read.bytes > 0 && bytes > read.bytes)) return false;
    }
    return true;
}

std::optional<SyncResult> RecentChanges::since(std::string_view channel, const SyncRead& read) const {
    if (!know(channel, read)) return std::nullopt;
    const auto& known = *reaching(channel, read.since);
    SyncResult result;
    result.version = result.present = known.version;
    for (auto at = known.order.lower_bound({read.since + 1, {}}); at != known.order.end(); ++at) {
        const auto& [key, value] = *at->second;
        result.entities.push_back({key, value.version, value.bytes});
    }
    return result;
}

}  // namespace foorumi::store
