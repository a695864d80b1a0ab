// Keys and values of one modelled Redis, and the commands on them that the server's scripts and tails use, written from
// the documentation of each (https://redis.io/docs/latest/commands/). What is not there is an error.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "core/value.hpp"

namespace foorumi::core {

// Entries by the first part of their id; the second one is always 0 here.
struct Stream {
    std::map<std::uint64_t, std::vector<std::string>> entries;
    std::uint64_t last = 0;
};

struct SortedSet {
    std::unordered_map<std::string, double> scores;
    std::set<std::pair<double, std::string>> order;
};

class Dataset {
   public:
    // So many entries of a stream are in one node: "~" takes only whole ones away.
    explicit Dataset(std::uint64_t stream_node) : stream_node_(stream_node) {}

    // `wrote`: it may have changed something, so replicas and log must have it as well.
    [[nodiscard]] Value execute(const Command& command, bool& wrote);

    // Null: it is not there, or of another type.
    [[nodiscard]] const Stream* stream(const std::string& key) const;
    [[nodiscard]] std::string field(const std::string& key, const std::string& name) const;
    [[nodiscard]] const std::unordered_map<std::string, std::string>* hash(const std::string& key) const;
    [[nodiscard]] std::string text(const std::string& key) const;
    [[nodiscard]] double score(const std::string& key, const std::string& member) const;

    [[nodiscard]] static Value entries(const Stream& stream, std::uint64_t from, std::uint64_t to, std::size_t count);

   private:
    using Hash = std::unordered_map<std::string, std::string>;
    using Key = std::variant<std::string, Hash, SortedSet, Stream>;

    template <class T>
    [[nodiscard]] const T* find(const std::string& key) const {
        const auto found = keys_.find(key);
        return found == keys_.end() ? nullptr : std::get_if<T>(&found->second);
    }
    template <class T>
    [[nodiscard]] T& make(const std::string& key) {
        const auto found = keys_.try_emplace(key, T{}).first;
        return std::get<T>(found->second);
    }

    Value get(const Command& command);
    Value set(const Command& command);
    Value unlink(const Command& command);
    Value hget(const Command& command);
    Value hmget(const Command& command);
    Value hset(const Command& command);
    Value hdel(const Command& command);
    Value zadd(const Command& command);
    Value zrem(const Command& command);
    Value zcard(const Command& command);
    Value zmscore(const Command& command);
    Value zrange(const Command& command);
    Value zrevrange(const Command& command);
    Value by_score(const Command& command, std::string_view low, std::string_view high, bool descending);
    Value xadd(const Command& command);
    Value xrange(const Command& command);
    Value xrevrange(const Command& command);

    std::uint64_t stream_node_;
    std::unordered_map<std::string, Key> keys_;
};

}  // namespace foorumi::core
