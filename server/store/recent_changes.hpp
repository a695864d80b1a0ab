// What channels have become lately, so that nothing has to be read for who resumes: of each channel the entities that
// were changed behind some version, each once, as it is now. What was changed longest ago, in whatever channel, leaves
// first where all take more than they may; a value that is replaced or forgotten leaves at once.
//
// Not thread-safe. What it answers is what a read of Redis would answer at that moment, or nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "store/channel_store.hpp"

namespace foorumi::store {

class RecentChanges {
   public:
    // What takes room beside strings, about, with g++'s library: a channel, a commit, an entity.
    static constexpr std::size_t channel_overhead = 320;
    static constexpr std::size_t commit_overhead = 32;
    static constexpr std::size_t entity_overhead = 256;

    // 0 bytes: nothing is kept.
    explicit RecentChanges(std::size_t bytes) : most_bytes_(bytes) {}

    // The channel is at this version, all of which is released: from here on it is known, if it was not.
    void begin(std::uint16_t partition, std::string_view channel, Version version);
    // In the order of the feed.
    void released(const Released& commit);
    // Commits of the partition were missed, or may be gone.
    void forget(std::uint16_t partition);

    // Whether since() has an answer.
    [[nodiscard]] bool know(std::string_view channel, const SyncRead& read) const;
    // What a read would tell; epoch is left 0. Nothing: it has to be read, since what is here does not reach back so
    // far, or since a read would tell only a part of it (SyncRead::limit and bytes).
    [[nodiscard]] std::optional<SyncResult> since(std::string_view channel, const SyncRead& read) const;

    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    [[nodiscard]] std::size_t channels() const { return channels_.size(); }

   private:
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    struct Value {
        Version version = 0;
        std::string bytes;
    };
    using Values = std::unordered_map<std::string, Value, Hash, std::equal_to<>>;  // by entity key
    struct Channel {
        std::uint16_t partition = 0;
        Version version = 0;
        Version reach = 0;  // all that was changed behind this version is here
        Values values;
        // In the order in which Redis lists them. The keys view into `values`.
        std::map<std::pair<Version, std::string_view>, const Values::value_type*> order;
        std::size_t places = 0;  // in order_
    };
    using Channels = std::unordered_map<std::string, Channel, Hash, std::equal_to<>>;
    // A version that is reached.
    struct Place {
        Channels::value_type* channel;
        Version version;
    };

    Channels::value_type& add_channel(std::uint16_t partition, std::string_view name, Version reach);
    void reached(Channels::value_type& channel, Version version);
    void put(Channel& channel, const KeyedValue& entity, Version version);
    void erase(Channel& channel, Values::iterator value);
    template <class Matches>
    void drop(const Matches& matches);
    void drop_values(Channel& channel, Version up_to);
    void shrink();
    [[nodiscard]] const Channel* reaching(std::string_view channel, Version since) const;

    std::size_t most_bytes_;
    std::size_t bytes_ = 0;
    Channels channels_;        // each with a place
    std::deque<Place> order_;  // oldest first
};

}  // namespace foorumi::store
