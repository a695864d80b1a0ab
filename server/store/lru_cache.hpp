// Entities of many channels, the least recently used leave first. Not thread-safe.
//
// It may be behind Redis at any time, so whatever is decided on it must be confirmed there by an expectation.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "store/channel_store.hpp"

namespace foorumi::store {

class LruCache {
   public:
    explicit LruCache(std::size_t limit) : limit_(limit) {}

    // Nothing if it is not there. Valid until the next call that is not const.
    [[nodiscard]] const Value* find(std::string_view channel, std::string_view key) {
        const auto found = index_.find(name(channel, key));
        if (found == index_.end()) return nullptr;
        order_.splice(order_.begin(), order_, found->second);
        return &found->second->value;
    }

    // Versions of an entity only grow: an older value never replaces a newer one.
    void put(std::string_view channel, std::string_view key, Value value) {
        auto full = name(channel, key);
        if (const auto found = index_.find(full); found != index_.end()) {
            if (value.version >= found->second->value.version) found->second->value = std::move(value);
            return;
        }
        order_.push_front({std::move(full), std::move(value)});
        index_.emplace(order_.front().name, order_.begin());
        if (index_.size() <= limit_) return;
        index_.erase(order_.back().name);
        order_.pop_back();
    }

    // Only if it is there.
    void refresh(std::string_view channel, std::string_view key, Version version, std::string_view bytes) {
        const auto found = index_.find(name(channel, key));
        if (found == index_.end() || version < found->second->value.version) return;
        found->second->value = {version, std::string(bytes)};
    }

    void erase(std::string_view channel, std::string_view key) {
        const auto found = index_.find(name(channel, key));
        if (found == index_.end()) return;
        const auto entry = found->second;
        index_.erase(found);
        order_.erase(entry);
    }

    void clear() {
        index_.clear();
        order_.clear();
    }

    [[nodiscard]] std::size_t size() const { return index_.size(); }

   private:
    struct Entry {
        std::string name;
        Value value;
    };

    // The length keeps ("a", "b:c") and ("a:b", "c") apart.
    static std::string name(std::string_view channel, std::string_view key) {
        std::string full = std::to_string(channel.size());
        full.reserve(full.size() + 1 + channel.size() + key.size());
        return full.append(1, ':').append(channel).append(key);
    }

    std::size_t limit_;
    std::list<Entry> order_;                                                  // most recently used first
    std::unordered_map<std::string_view, std::list<Entry>::iterator> index_;  // keys view into order_
};

}  // namespace foorumi::store
