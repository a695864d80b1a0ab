// Stores for tests of what uses one.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <stdexcept>

#include "store/channel_store.hpp"

namespace foorumi::dispatch {

// Answers nothing; a test's own store overrides what it needs.
class EmptyStore : public store::ChannelStore {
   public:
    void change(store::ChangeRequest, store::Decide, std::function<void(store::ChangeOutcome)>) override {}
    void read_entities(std::string, std::vector<std::string>, store::ReadDone<store::EntitiesResult>) override {}
    void read_index(std::string, store::IndexRead, store::ReadDone<store::IndexResult>) override {}
    void count_indexes(std::string, store::CountRead, store::ReadDone<store::CountResult>) override {}
    void read_sync(std::string, store::SyncRead, store::ReadDone<store::SyncResult>) override {}
    void open_sync(std::string, store::SyncRead, store::OpenDone<store::SyncResult>) override {}
    void open_index(std::string, store::IndexRead, store::OpenDone<store::IndexResult>) override {}
    [[nodiscard]] bool remembers(std::string_view, const store::SyncRead&) const override { return false; }
    void read_audit(std::uint16_t, store::AuditRead, store::ReadDone<store::AuditResult>) override {}
    void consumed(std::uint16_t, std::uint64_t) override {}
    void fence(store::Version, std::function<void(std::optional<store::Failure>)>) override {}
    void purge_feed(std::uint16_t, std::function<void(std::optional<store::Failure>)>) override {}
    void rewrite_log(std::function<void(std::optional<store::RewriteFailure>)>) override {}
    void publish(std::string_view, std::string) override {}
    void directory_changed() override {}
    void resume_tails() override {}
    [[nodiscard]] store::Figures figures() const override { return {}; }
    void stop(std::function<void()> done) override { done(); }
};

// Entities that are all absent but for those given.
class FakeView final : public store::View {
   public:
    std::map<std::string, store::Value, std::less<>> values;
    bool strict = true;  // what was not given may not be asked for

    [[nodiscard]] const store::Value& at(std::string_view key) const override {
        const auto found = values.find(key);
        if (found != values.end()) return found->second;
        if (strict) throw std::logic_error("not needed: " + std::string(key));
        return absent_;
    }
    [[nodiscard]] bool has(std::string_view key) const override { return !strict || values.contains(key); }

   private:
    store::Value absent_;
};

// Keeps what it is asked until the test answers it.
class AskedStore final : public EmptyStore {
   public:
    struct Change {
        store::ChangeRequest request;
        store::Decide decide;
        std::function<void(store::ChangeOutcome)> done;
    };
    struct Read {
        std::string channel;
        std::vector<std::string> keys;
        store::ReadDone<store::EntitiesResult> done;
    };
    struct Sync {
        store::SyncRead read;
        store::OpenDone<store::SyncResult> done;
    };
    struct Fence {
        store::Version version = 0;
        std::function<void(std::optional<store::Failure>)> done;
    };
    std::deque<Change> changes;
    std::deque<Read> reads;
    std::deque<Sync> syncs;
    std::deque<Fence> fences;
    bool remembers_all = false;            // from a version on
    std::optional<store::Commit> decided;  // by the change decided last; nothing: it was refused
    store::Version decided_on = 0;

    void change(store::ChangeRequest request, store::Decide decide,
                std::function<void(store::ChangeOutcome)> done) override {
        changes.push_back({std::move(request), std::move(decide), std::move(done)});
    }
    void read_entities(std::string channel, std::vector<std::string> keys,
                       store::ReadDone<store::EntitiesResult> done) override {
        reads.push_back({std::move(channel), std::move(keys), std::move(done)});
    }
    void open_sync(std::string, store::SyncRead read, store::OpenDone<store::SyncResult> done) override {
        syncs.push_back({read, std::move(done)});
    }

    [[nodiscard]] bool remembers(std::string_view, const store::SyncRead& read) const override {
        return remembers_all && read.since > 0;
    }

    void fence(store::Version version, std::function<void(std::optional<store::Failure>)> done) override {
        fences.push_back({version, std::move(done)});
    }

    // Decides the oldest change as the store would and answers it.
    void decide(const store::View& view, store::Committed committed = {1, false}) {
        auto change = std::move(changes.front());
        changes.pop_front();
        decided_on = 0;
        decided = change.decide(view, decided_on);
        store::ChangeOutcome outcome;
        outcome.committed = committed;
        if (!decided) outcome.failure = store::Failure::refused;
        change.done(outcome);
    }
    // Answers the oldest change without a decision.
    void answer_change(store::ChangeOutcome outcome) {
        const auto change = std::move(changes.front());
        changes.pop_front();
        change.done(outcome);
    }
    void answer_fence(std::optional<store::Failure> failure = std::nullopt) {
        const auto fence = std::move(fences.front());
        fences.pop_front();
        fence.done(failure);
    }
    void answer_read(std::string bytes, std::optional<store::Failure> failure = std::nullopt,
                     store::Version version = 1) {
        auto read = std::move(reads.front());
        reads.pop_front();
        store::ReadOutcome<store::EntitiesResult> outcome{failure, {}};
        if (!failure) outcome.result.entities.push_back({read.keys.front(), version, std::move(bytes)});
        read.done(std::move(outcome));
    }
};

}  // namespace foorumi::dispatch
