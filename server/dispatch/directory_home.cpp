// Home's part for the directory channel: loading it, following it, writing to it, fencing.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "dispatch/directory_marks.hpp"
#include "dispatch/failures.hpp"
#include "dispatch/home.hpp"
#include "dispatch/worker.hpp"

namespace foorumi::dispatch {
namespace {

constexpr std::size_t load_batch = 5'000;
constexpr std::size_t largest_batch = 10'000'000;
constexpr std::chrono::milliseconds retry_delay{200};

std::vector<directory::EntityChange> changes_of(const std::vector<store::KeyedValue>& entities) {
    std::vector<directory::EntityChange> changes;
    changes.reserve(entities.size());
    for (const auto& e : entities) changes.push_back({e.key, e.version, e.bytes});
    return changes;
}

}  // namespace

// A load that is under way. A sync does not tell of entities that were forgotten since, only that some were.
struct Home::DirectoryLoad {
    std::shared_ptr<const directory::Snapshot> so_far;
    std::optional<store::Epoch> epoch;  // of so_far
    bool replaces = false;              // it is another one than what is published
    store::Version whole_at = 0;        // what was forgotten up to here is not in it; 0: nothing is
    std::size_t batch = load_batch;
    std::function<void()> done;

    // The pages get larger, so that in the end nothing can be forgotten between two of them.
    void start_over() {
        so_far = std::make_shared<const directory::Snapshot>();
        epoch.reset();
        whole_at = 0;
        batch = std::min(2 * batch, largest_batch);
    }
    // Something that it has may have been forgotten.
    [[nodiscard]] bool misses_what_is_gone(const store::SyncResult& page) {
        if (so_far->version() == 0) whole_at = page.present;
        return std::ranges::any_of(page.entities, [this](const auto& entity) {
            return entity.key == membership::forgotten_key && entity.version > whole_at;
        });
    }
};

void Home::publish_directory(std::shared_ptr<const directory::Snapshot> next, bool replaces) {
    auto& shared = worker_.shared();
    if (replaces)
        shared.directory.replace(std::move(next));
    else
        shared.directory.publish(std::move(next));
    shared.post_all([](Worker& worker) {
        worker.refresh_directory();
        worker.store().directory_changed();
    });
}

void Home::load_directory(std::function<void()> done) {
    directory_loaded_ = false;
    auto load = std::make_shared<DirectoryLoad>();
    load->so_far = worker_.shared().directory.current();
    load->epoch = directory_epoch_;
    load->whole_at = load->so_far->version();
    load->done = std::move(done);
    load_more(std::move(load));
}

void Home::load_more(std::shared_ptr<DirectoryLoad> load) {
    const store::SyncRead read{load->so_far->version(), load->batch, 0, load->epoch};
    worker_.store().open_sync(
        std::string(forum::directory_channel), read,
        [this, load = std::move(load)](store::ReadOutcome<store::SyncResult> outcome,
                                       std::vector<std::shared_ptr<const store::Released>> later) {
            loaded(load, std::move(outcome), later);
        });
}

// Published once, when it is whole: before that, what a later page brings is older in it than its version claims.
void Home::loaded(const std::shared_ptr<DirectoryLoad>& load, store::ReadOutcome<store::SyncResult> outcome,
                  const std::vector<std::shared_ptr<const store::Released>>& later) {
    if (outcome.failure == store::Failure::stopping) return;
    if (outcome.failure) return worker_.after(retry_delay, [this, load] { load_more(load); });
    if (outcome.result.unknown_version) {
        spdlog::critical("the directory is not the one whose version {} was released: it is loaded afresh",
                         load->so_far->version());
        worker_.shared().directory.doubt();
        load->start_over();
        load->replaces = true;
        return load_more(load);
    }
    if (load->misses_what_is_gone(outcome.result)) {
        load->start_over();
        return load_more(load);
    }
    load->epoch = outcome.result.epoch;
    load->so_far = load->so_far->with(changes_of(outcome.result.entities), outcome.result.version);
    if (outcome.result.more) return load_more(load);
    publish_directory(load->so_far, load->replaces);
    directory_loaded_ = true;
    directory_epoch_ = load->epoch;
    for (const auto& released : later) directory_released(*released);
    load->done();
}

void Home::directory_released(const store::Released& released) {
    if (!directory_loaded_) return;  // load_more() reads it
    const auto current = worker_.shared().directory.current();
    if (released.version <= current->version()) return;
    publish_directory(current->with(changes_of(released.entities), released.version));
}

void Home::write_directory(const store::ChangeId& id, std::vector<store::Put> puts, bool fence,
                           std::function<void(forum::Result<store::Committed>)> done) {
    put_marks(puts, fence);
    store::ChangeRequest request;
    request.channel = forum::directory_channel;
    request.change_id = id;
    request.fingerprint = id;
    worker_.store().change(
        std::move(request),
        [this, puts = std::move(puts)](const store::View&, store::Version& decided_on) {
            decided_on = worker_.shared().directory.version();
            store::Commit commit;
            commit.puts = puts;
            return std::make_optional(std::move(commit));
        },
        [this, fence, done = std::move(done)](store::ChangeOutcome outcome) mutable {
            if (outcome.failure) return done(refusal_of(*outcome.failure));
            if (!fence) return done(outcome.committed);
            fence_all(outcome.committed.version, [done = std::move(done), committed = outcome.committed](bool stands) {
                stands ? done(committed) : done(refusal_of(store::Failure::outcome_unknown));
            });
        });
}

// Every worker fences its own partitions, trying again until each has it.
void Home::fence_all(forum::Version version, FenceDone done) {
    struct Round {
        std::size_t left;
        bool stands = true;
        FenceDone done;
    };
    auto& shared = worker_.shared();
    const auto round = std::make_shared<Round>(Round{.left = worker_.settings().workers, .done = std::move(done)});
    const auto me = worker_.index();
    const bool at_once = shared.directory.version() != 0;  // else it is in doubt
    shared.post_all([version, at_once, round, me](Worker& worker) {
        const auto one_less = [&worker, round, me](bool stands) {
            worker.shared().post(me, [round, stands](Worker&) {
                round->stands = round->stands && stands;
                if (--round->left == 0) round->done(round->stands);
            });
        };
        at_once ? worker.home().fence_own(version, one_less) : worker.home().fence_own_later(version, one_less);
    });
}

void Home::fence_own(forum::Version version, FenceDone done) {
    worker_.store().fence(
        version, [this, version, done = std::move(done)](std::optional<store::Failure> failure) mutable {
            if (!failure) return done(true);
            if (*failure == store::Failure::stopping) return;
            spdlog::warn("the fence for directory version {} did not reach every partition, trying again", version);
            worker_.after(retry_delay, [this, version, done = std::move(done)]() mutable {
                fence_own_later(version, std::move(done));
            });
        });
}

// Redis may have come back without the act meanwhile. Nobody brings the directory to that version then, and what is
// behind a fence of it would be held for ever, what brings the directory itself on included.
void Home::fence_own_later(forum::Version version, FenceDone done) {
    worker_.read_entities(
        std::string(forum::directory_channel), {},
        [this, version, done = std::move(done)](store::ReadOutcome<store::EntitiesResult> stored) mutable {
            if (stored.failure == store::Failure::stopping) return;
            if (stored.failure) {
                worker_.after(retry_delay, [this, version, done = std::move(done)]() mutable {
                    fence_own_later(version, std::move(done));
                });
                return;
            }
            if (stored.result.version >= version) return fence_own(version, std::move(done));
            spdlog::warn("no fence for directory version {}: the directory that had it is gone", version);
            done(false);
        });
}

}  // namespace foorumi::dispatch
