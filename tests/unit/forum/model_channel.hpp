// A channel in memory, by the book of docs/architecture.md: applies decisions, and syncs by version.
#pragma once

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "forum/keys.hpp"
#include "forum/moderation.hpp"
#include "forum/rules.hpp"

namespace foorumi::forum::test {

using Entities = std::map<std::string, Versioned, std::less<>>;
using Index = std::map<std::string, Version>;

inline bool same(const Versioned& a, const Versioned& b) { return a.version == b.version && a.value == b.value; }

inline bool same(const Entities& a, const Entities& b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](const auto& x, const auto& y) {
               return x.first == y.first && same(x.second, y.second);
           });
}

// Only the keys that the rule said it needs: asking for another is the rule's bug.
class NeedsView : public View {
   public:
    NeedsView(const Entities& entities, std::vector<std::string> needs)
        : entities_(entities), needs_(std::move(needs)) {}

    [[nodiscard]] Versioned entity(std::string_view key) const override {
        if (!has(key)) {
            throw std::logic_error("not among the needs: " + std::string(key));
        }
        const auto found = entities_.find(key);
        return found == entities_.end() ? Versioned{} : found->second;
    }
    [[nodiscard]] bool has(std::string_view key) const override {
        return std::find(needs_.begin(), needs_.end(), key) != needs_.end();
    }

   private:
    const Entities& entities_;
    std::vector<std::string> needs_;
};

// As the store does: what a decision asks for further is added to `keys`, and it is made again.
template <class Command>
Result<Decision> decide_on(const Actor& actor, const Command& command, const Entities& entities,
                           std::vector<std::string>& keys) {
    while (true) {
        auto decision = decide(actor, command, NeedsView(entities, keys));
        if (!decision || decision->further.empty()) return decision;
        for (const auto& key : decision->further) {
            if (std::find(keys.begin(), keys.end(), key) != keys.end())
                throw std::logic_error("asked for twice: " + key);
            keys.push_back(key);
        }
    }
}

class ModelChannel {
   public:
    // The keys whose version is not the one expected; the decision is not applied then.
    [[nodiscard]] std::vector<std::string> stale(const Decision& decision) const {
        std::vector<std::string> keys;
        for (const auto& expected : decision.expectations) {
            if (version_of(expected.key) != expected.version) keys.push_back(expected.key);
        }
        return keys;
    }

    // The version it became; the present one for a decision that writes nothing.
    Version apply(const Decision& decision) {
        if (!stale(decision).empty()) throw std::logic_error("stale decision");
        if (decision.writes.empty()) return version_;
        ++version_;
        for (const auto& write : decision.writes) put(write);
        for (const auto& change : decision.indexes) change_index(change);
        return version_;
    }

    void put(std::string key, Entity value) {
        Decision decision;
        decision.writes = {{std::move(key), std::move(value)}};
        apply(decision);
    }

    [[nodiscard]] Version version() const { return version_; }
    [[nodiscard]] const Entities& entities() const { return entities_; }
    [[nodiscard]] Index index(const std::string& name) const {
        const auto found = indexes_.find(name);
        return found == indexes_.end() ? Index{} : found->second;
    }
    [[nodiscard]] const std::map<std::string, Index>& indexes() const { return indexes_; }

    template <class T>
    [[nodiscard]] const T* find(std::string_view key) const {
        const auto found = entities_.find(key);
        return found == entities_.end() ? nullptr : std::get_if<T>(&found->second.value);
    }

    // Every entity whose last change is after `since`, in its current state.
    [[nodiscard]] Entities sync(Version since) const {
        Entities changed;
        for (const auto& [key, entity] : entities_) {
            if (entity.version > since) changed[key] = entity;
        }
        return changed;
    }

   private:
    [[nodiscard]] Version version_of(const std::string& key) const {
        const auto found = entities_.find(key);
        return found == entities_.end() ? 0 : found->second.version;
    }

    void put(const Write& write) {
        Entity value = write.value;
        if (write.own_thread) std::get<Message>(value).thread = version_;
        entities_[with_version(write.key, version_)] = {version_, std::move(value)};
    }

    void change_index(const IndexChange& change) {
        auto& index = indexes_[with_version(change.index, version_)];
        const auto member = with_version(change.member, version_);
        if (change.remove) {
            index.erase(member);
        } else {
            index[member] = change.score == 0 ? version_ : change.score;
        }
    }

    Version version_ = 0;
    Entities entities_;
    std::map<std::string, Index> indexes_;
};

}  // namespace foorumi::forum::test
