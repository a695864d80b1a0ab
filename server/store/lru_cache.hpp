// Entities of many channels, bounded in number and in bytes: the least recently used leave first. Not thread-safe.
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
    // What an entity takes beside its name and its value, about.
    static constexpr std::size_t overhead = 192;

    LruCache(std::size_t entities, std::size_t bytes) : most_entities_(entities), most_bytes_(bytes) {}

    // Nothing if it is not there. Valid until the next call that is not const.
    [[nodiscard]] const Value* find(std::string_view channel, std::string_view key) {
        const auto found = index_.find(name(channel, key));
        if (found == index_.end()) return nullptr;
        order_.splice(order_.begin(), order_, found->second);
        return &found->second->value;
    }

    // As the entity was when the channel had the version `as_of`: what is known of later is not replaced. An entity's
    // own version would not do, since that of one that is forgotten is 0. An entity that does not fit even alone is not
    // kept.
    void put(std::string_view channel, std::string_view key, Value value, Version as_of) {
        const auto& full = name(channel, key);
        if (const auto found = index_.find(full); found != index_.end()) {
            if (as_of >= found->second->as_of) replace(*found->second, std::move(value), as_of);
            return;
        }
        order_.push_front({full, std::move(value), as_of});
        index_.emplace(order_.front().name, order_.begin());
        bytes_ += order_.front().bytes();
        shrink();
    }

    // As the channel's commit of that version has put it. Only if it is there.
    void refresh(std::string_view channel, std::string_view key, Version version, std::string_view bytes) {
        if (auto* entry = entry_before(channel, key, version)) replace(*entry, {version, std::string(bytes)}, version);
    }
    // That commit has forgotten it. Only if it is there.
    void forgotten(std::string_view channel, std::string_view key, Version version) {
        if (auto* entry = entry_before(channel, key, version)) replace(*entry, {}, version);
    }

    void erase(std::string_view channel, std::string_view key) {
        const auto found = index_.find(name(channel, key));
        if (found == index_.end()) return;
        const auto entry = found->second;
        index_.erase(found);
        bytes_ -= entry->bytes();
        order_.erase(entry);
    }

    void clear() {
        index_.clear();
        order_.clear();
        bytes_ = 0;
    }

    [[nodiscard]] std::size_t size() const { return index_.size(); }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

   private:
    struct Entry {
        std::string name;
        Value value;
        Version as_of = 0;  // of the channel
        [[nodiscard]] std::size_t bytes() const { return name.size() + value.bytes.size() + overhead; }
    };

    // Nothing: it is not there, or as of later.
    [[nodiscard]] Entry* entry_before(std::string_view channel, std::string_view key, Version version) {
        const auto found = index_.find(name(channel, key));
        return found == index_.end() || version < found->second->as_of ? nullptr : &*found->second;
    }

    void replace(Entry& entry, Value value, Version as_of) {
        bytes_ -= entry.bytes();
        entry.value = std::move(value);
        entry.as_of = as_of;
        bytes_ += entry.bytes();
        shrink();
    }

    void shrink() {
        while (index_.size() > most_entities_ || bytes_ > most_bytes_) {
            bytes_ -= order_.back().bytes();
            index_.erase(order_.back().name);
            order_.pop_back();
        }
    }

    // Valid until the next call. The length keeps ("a", "b:c") and ("a:b", "c") apart.
    [[nodiscard]] const std::string& name(std::string_view channel, std::string_view key) {
        return name_.assign(std::to_string(channel.size())).append(1, ':').append(channel).append(key);
    }

    std::size_t most_entities_;
    std::size_t most_bytes_;
    std::size_t bytes_ = 0;
    std::string name_;        // that is being looked for: kept for its memory
    std::list<Entry> order_;  // most recently used first
    std::unordered_map<std::string_view, std::list<Entry>::iterator> index_;  // keys view into order_
};

}  // namespace foorumi::store
