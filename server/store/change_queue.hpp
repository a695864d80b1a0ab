// The changes of one channel that are not answered yet. Pure.
#pragma once

#include <algorithm>
#include <deque>
#include <stdexcept>
#include <unordered_map>

#include "store/channel_store.hpp"
#include "store/deadlines.hpp"
#include "store/release.hpp"
#include "store/script_pipeline.hpp"

namespace foorumi::store {

struct Partition;

class ChangeView final : public View {
   public:
    [[nodiscard]] const Value& at(std::string_view key) const override {
        for (const auto& [name, value] : values_) {
            if (name == key) return value;
        }
        throw std::logic_error("a decision asked for an entity that it did not name");
    }
    [[nodiscard]] bool has(std::string_view key) const override {
        return std::ranges::any_of(values_, [key](const auto& entry) { return entry.first == key; });
    }
    void clear() { values_.clear(); }
    void add(const std::string& key, Value value) { values_.emplace_back(key, std::move(value)); }

    // That all of it is still so.
    [[nodiscard]] std::vector<Expectation> expectations() const {
        std::vector<Expectation> all;
        for (const auto& [key, value] : values_) all.push_back({key, value.version});
        return all;
    }

   private:
    std::vector<std::pair<std::string, Value>> values_;  // few
};

struct Change {
    enum class Stage : std::uint8_t { fresh, loading, decided, behind_fence, sent, elsewhere, releasing, answered };

    ChangeRequest request;
    Decide decide;
    std::function<void(ChangeOutcome)> done;

    std::uint64_t order = 0;  // in which changes came
    Stage stage = Stage::fresh;
    std::size_t tries = 0;
    bool in_doubt = false;  // it may have been done, by a server that is gone
    Version fence = 0;
    ChangeView view;
    std::unordered_map<std::string, Value> loaded;  // of what it needs

    std::optional<Commit> commit;  // decided; nothing: refused
    Version directory_version = 0;
    std::vector<Expectation> expectations;  // sent
    AuditHead audit_follows;                // sent with an entry of the audit log: what that follows,
    std::uint64_t audit_line = 0;           // and Partition::audit_line

    Deadlines::Ticket deadline;
    ScriptPipeline::Ticket ticket;
    Release::Ticket wait;

    [[nodiscard]] bool audited() const { return commit && !commit->audit.empty(); }
    [[nodiscard]] bool changes() const { return commit && (!commit->puts.empty() || !commit->audit.empty()); }
    // Where the reply is lost it is not known whether it was done. What is set aside changes nothing, and decides.
    [[nodiscard]] bool writes() const { return changes() || (commit && commit->set_aside); }
};
using ChangePtr = std::shared_ptr<Change>;

// An entity whose name is known before the commit: without '@'.
[[nodiscard]] inline bool is_named(const std::string& key) { return key.find('@') == std::string::npos; }

class ChangeQueue {
   public:
    ChangeQueue(std::string channel, Partition& partition) : channel_(std::move(channel)), partition_(partition) {}

    [[nodiscard]] const std::string& channel() const { return channel_; }
    [[nodiscard]] Partition& partition() const { return partition_; }
    [[nodiscard]] bool empty() const { return waiting_.empty() && under_way_.empty(); }
    [[nodiscard]] const std::deque<ChangePtr>& waiting() const { return waiting_; }
    [[nodiscard]] const std::vector<ChangePtr>& under_way() const { return under_way_; }

    void add(ChangePtr change) { waiting_.push_back(std::move(change)); }
    // Back to its place among the waiting.
    void add_again(ChangePtr change) {
        const auto place = std::ranges::upper_bound(waiting_, change->order, {}, &Change::order);
        waiting_.insert(place, std::move(change));
    }
    void remove_waiting(const ChangePtr& change) { std::erase(waiting_, change); }

    // The front is sent. What it writes is unknown to later decisions until it has landed.
    void sent() {
        under_way_.push_back(waiting_.front());
        waiting_.pop_front();
        for_each_named_put(*under_way_.back(), [this](const std::string& key) { ++writing_[key]; });
    }
    void landed(const ChangePtr& change) {
        if (std::erase(under_way_, change) == 0) return;
        for_each_named_put(*change, [this](const std::string& key) {
            const auto found = writing_.find(key);
            if (--found->second == 0) writing_.erase(found);
        });
        if (under_way_.empty()) drains_ = false;
    }

    [[nodiscard]] bool is_writing(const std::string& key) const { return writing_.contains(key); }
    // A need, expectation or put meets a write under way.
    [[nodiscard]] bool needs_landing(const Change& change) const {
        return !writing_.empty() &&
               std::ranges::any_of(change.request.needs, [this](const auto& key) { return is_writing(key); });
    }
    [[nodiscard]] bool commit_needs_landing(const Change& change) const {
        if (writing_.empty() || !change.writes()) return false;
        const auto under_way = [this](const auto& element) { return is_writing(element.key); };
        return std::ranges::any_of(change.commit->expectations, under_way) ||
               std::ranges::any_of(change.commit->puts, under_way);
    }

    // Somebody else has changed an entity: those under way that expect it otherwise will come back. Nothing may
    // overtake them, so nothing is sent before all under way have landed.
    void entity_changed(const KeyedValue& changed) {
        if (writing_.contains(changed.key)) return;
        for (const auto& change : under_way_) {
            drains_ = drains_ || std::ranges::any_of(change->expectations, [&](const Expectation& expected) {
                          return expected.key == changed.key && expected.version < changed.version &&
                                 !(changed.forgotten && expected.version == 0);
                      });
        }
    }
    void directory_changed() { drains_ = !under_way_.empty(); }
    [[nodiscard]] bool drains() const { return drains_; }

   private:
    template <class F>
    static void for_each_named_put(const Change& change, F function) {
        if (!change.writes()) return;
        for (const auto& put : change.commit->puts) {
            if (is_named(put.key)) function(put.key);
        }
    }

    std::string channel_;
    Partition& partition_;
    std::deque<ChangePtr> waiting_;
    std::vector<ChangePtr> under_way_;
    std::unordered_map<std::string, std::size_t> writing_;
    bool drains_ = false;
};

}  // namespace foorumi::store
