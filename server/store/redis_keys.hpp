// Names of a partition's keys in Redis; docs/architecture.md lists them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace foorumi::store {

// "{p07}:": the hash tag that keeps a partition in one Redis Cluster slot.
[[nodiscard]] std::string partition_prefix(std::uint16_t partition);

// Of a Redis Cluster: that of all keys of the partition.
[[nodiscard]] std::uint16_t slot_of_partition(std::uint16_t partition);

// Of the record that tells which installation's data this is. In a cluster every partition has one, since they may be
// on different servers; elsewhere partition 0 alone.
[[nodiscard]] std::string installation_key(std::uint16_t partition = 0);

class RedisKeys {
   public:
    explicit RedisKeys(std::uint16_t partition) : prefix_(partition_prefix(partition)) {}

    [[nodiscard]] std::string meta() const { return prefix_ + "meta"; }
    [[nodiscard]] std::string feed() const { return prefix_ + "feed"; }
    // A hash: 'n' and 'head', how many entries there are and the last one's digest; by its number each entry, behind
    // its digest.
    [[nodiscard]] std::string audit() const { return prefix_ + "audit"; }
    // Written by tails that wait for replicas; nobody reads it.
    [[nodiscard]] std::string barrier() const { return prefix_ + "barrier"; }
    [[nodiscard]] std::string change_ids() const { return prefix_ + "d:"; }
    [[nodiscard]] std::string ephemerals() const { return prefix_ + "eph"; }
    [[nodiscard]] std::string version(std::string_view channel) const { return of("v:", channel); }
    [[nodiscard]] std::string entities(std::string_view channel) const { return of("e:", channel); }
    [[nodiscard]] std::string versions(std::string_view channel) const { return of("x:", channel); }
    // Prefix of the channel's index names.
    [[nodiscard]] std::string indexes(std::string_view channel) const { return of("i:", channel) + ':'; }

   private:
    [[nodiscard]] std::string of(std::string_view kind, std::string_view channel) const {
        std::string key;
        key.reserve(prefix_.size() + kind.size() + channel.size() + 1);
        key.append(prefix_).append(kind).append(channel);
        return key;
    }

    std::string prefix_;
};

}  // namespace foorumi::store
