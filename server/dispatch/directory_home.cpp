// Home's part for the directory channel: loading it, following it, writing to it, fencing.
#include <spdlog/spdlog.h>

#include <memory>
#include <vector>

#include "directory/codec.hpp"
#include "dispatch/failures.hpp"
#include "dispatch/home.hpp"
#include "dispatch/worker.hpp"

namespace foorumi::dispatch {
namespace {

constexpr std::size_t load_batch = 5'000;
constexpr std::chrono::milliseconds retry_delay{200};

std::vector<directory::EntityChange> changes_of(const std::vector<store::KeyedValue>& entities) {
    std::vector<directory::EntityChange> changes;
    changes.reserve(entities.size());
    for (const auto& e : entities) changes.push_back({e.key, e.version, e.bytes});
    return changes;
}

}  // namespace

void Home::publish_directory(std::shared_ptr<const directory::Snapshot> next) {
    auto& shared = worker_.shared();
    shared.directory.publish(std::move(next));
    shared.post_all([](Worker& worker) {
        worker.refresh_directory();
        worker.store().directory_changed();
    });
}

void Home::load_directory(std::function<void()> done) {
    directory_loaded_ = false;
    load_more(worker_.shared().directory.current(), std::move(done));
}

// Published once, when it is whole: before that, what a later page brings is older in it than its version claims.
void Home::load_more(std::shared_ptr<const directory::Snapshot> so_far, std::function<void()> done) {
    const auto since = so_far->version();
    worker_.store().open_sync(
        std::string(forum::directory_channel), store::SyncRead{since, load_batch, 0},
        [this, so_far = std::move(so_far), done = std::move(done)](
            store::ReadOutcome<store::SyncResult> outcome,
            std::vector<std::shared_ptr<const store::Released>> later) mutable {
            if (outcome.failure == store::Failure::stopping) return;
            if (outcome.failure) {
                worker_.after(retry_delay,
                              [this, so_far, done = std::move(done)]() mutable { load_more(so_far, std::move(done)); });
                return;
            }
            if (outcome.result.unknown_version) {
                spdlog::critical("the directory is behind version {} that was released: was a backup restored?",
                                 so_far->version());
                const auto nothing = std::make_shared<const directory::Snapshot>();
                publish_directory(nothing);
                return load_more(nothing, std::move(done));
            }
            auto next = so_far->with(changes_of(outcome.result.entities), outcome.result.version);
            if (outcome.result.more) return load_more(std::move(next), std::move(done));
            publish_directory(std::move(next));
            directory_loaded_ = true;
            for (const auto& released : later) directory_released(*released);
            done();
        });
}

void Home::directory_released(const store::Released& released) {
    if (!directory_loaded_) return;  // load_more() reads it
    const auto current = worker_.shared().directory.current();
    if (released.version <= current->version()) return;
    publish_directory(current->with(changes_of(released.entities), released.version));
}

void Home::write_directory(const store::ChangeId& id, std::vector<store::Put> puts, bool fence,
                           std::function<void(forum::Result<store::Committed>)> done) {
    if (fence) puts.push_back({"fence", directory::encode_fence(), {}});
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
            fence_all(outcome.committed.version,
                      [done = std::move(done), committed = outcome.committed] { done(committed); });
        });
}

// Every worker fences its own partitions, trying again until each has it.
void Home::fence_all(forum::Version version, std::function<void()> done) {
    auto& shared = worker_.shared();
    auto left = std::make_shared<std::size_t>(worker_.settings().workers);
    const auto me = worker_.index();
    shared.post_all([version, left, me, done](Worker& worker) {
        worker.home().fence_own(version, [&worker, left, me, done] {
            worker.shared().post(me, [left, done](Worker&) {
                if (--*left == 0) done();
            });
        });
    });
}

void Home::fence_own(forum::Version version, std::function<void()> done) {
    worker_.store().fence(
        version, [this, version, done = std::move(done)](std::optional<store::Failure> failure) mutable {
            if (!failure) return done();
            if (*failure == store::Failure::stopping) return;
            spdlog::warn("the fence for directory version {} did not reach every partition, trying again", version);
            worker_.after(retry_delay,
                          [this, version, done = std::move(done)]() mutable { fence_own(version, std::move(done)); });
        });
}

}  // namespace foorumi::dispatch
