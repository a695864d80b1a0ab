// Home's part for what was purged: out of Redis' feeds and file.
#include <spdlog/spdlog.h>

#include <utility>

#include "dispatch/home.hpp"
#include "dispatch/worker.hpp"

namespace foorumi::dispatch {

// Those of all partitions: drafts have it, too. The file last, where Redis may be told to write it anew.
void Home::purge_feeds(std::uint16_t partition, std::function<void(bool)> done) {
    if (partition == worker_.settings().partitions) {
        return worker_.store().rewrite_log([done = std::move(done)](std::optional<store::RewriteFailure> failure) {
            const bool impossible =
                failure == store::RewriteFailure::not_permitted || failure == store::RewriteFailure::no_log;
            if (impossible)
                spdlog::warn("Redis does not rewrite its file ({}): what was purged stays there until it does",
                             to_string(*failure));
            done(!failure || impossible);
        });
    }
    auto& shared = worker_.shared();
    auto purged = [this, partition, done = std::move(done)](bool clean) mutable {
        if (!clean) return done(false);
        purge_feeds(static_cast<std::uint16_t>(partition + 1), std::move(done));
    };
    const auto me = worker_.index();
    const auto at = static_cast<std::uint16_t>(partition % worker_.settings().workers);
    shared.post(at, [&shared, partition, me, purged = std::move(purged)](Worker& home) {
        home.store().purge_feed(partition, [&shared, me, purged](std::optional<store::Failure> failure) {
            shared.post(me, [purged, clean = !failure](Worker&) mutable { purged(clean); });
        });
    });
}

}  // namespace foorumi::dispatch
