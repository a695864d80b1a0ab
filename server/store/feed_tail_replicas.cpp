// Of FeedTail: what all replicas must have before it is handed over.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/crash_points.hpp"
#include "base/mutants.hpp"
#include "store/feed_tail.hpp"
#include "store/info.hpp"
#include "store/replies.hpp"

namespace foorumi::store {
namespace {

// Entries that a tail reads at most while replicas are missing: more than are committed until that is found.
constexpr std::size_t most_waiting = 65'536;

// Primaries that are remembered when another has taken their place.
constexpr std::size_t most_left = 16;

}  // namespace

bool FeedTail::replicated() const {
    return options_.replicas == 0 || waiting_.empty() || (replicated_ && last_read() <= *replicated_);
}

// WAIT tells of what its own connection has written (https://redis.io/docs/latest/commands/wait/), so a write goes
// behind what was read. Replicas that sync always acknowledge only what they have on disk: a turn of Redis' loop syncs
// before it answers.
void FeedTail::replicate(std::uint64_t position) {
    const auto look = std::make_shared<Look>();
    const auto barrier = std::to_string(position);
    const std::array<std::string_view, 3> command{"SET", barrier_, barrier};
    if (!FOORUMI_MUTANT(waits_elsewhere))
        reading_ = client_.send(command, [this, look](const Reply* reply) { look->good = !failed(reply); });
    wait_for_replicas(position, look);
}

// All of it leaves at once: Redis does what stands behind a WAIT when that has ended.
void FeedTail::wait_for_replicas(std::uint64_t position, const std::shared_ptr<Look>& look) {
    const auto wanted = std::to_string(options_.replicas);
    const auto wait = std::to_string(options_.replica_wait.count());
    const std::array<std::string_view, 3> command{"WAIT", wanted, wait};
    reading_ = client_.send(command, [this, look](const Reply* reply) {
        look->good = !failed(reply) && look->good;
        look->missing = look->good && reply->number() < options_.replicas && !FOORUMI_MUTANT(replicas_ignored);
    });
    if_same_history([this, position, look] {
        if (!look->good) return;
        client_.settled();
        if (!look->missing) return found_on_replicas(position);
        read_more();
        hooks_.replicas_missing();
    });
}

// A primary that was demoted, and maybe promoted again, may have lost what it had alone, and its connections live on
// where no write came in between. What it said before this was so, as no history comes back.
void FeedTail::if_same_history(std::function<void()> then) {
    if (options_.replicas == 0) return then();
    constexpr std::array<std::string_view, 2> command{"INFO", "replication"};
    reading_ = client_.send(command, [this, then = std::move(then)](const Reply* reply) {
        reading_ = false;
        if (failed(reply) || stopped_) return;
        const auto history = info_field(reply->text(), "master_replid");
        if (!history.empty() && client_.server_history().ends_with(history)) return then();
        spdlog::warn("feed of partition {}: this Redis goes on with another history", options_.partition);
        client_.reconnect();
    });
}

void FeedTail::found_on_replicas(std::uint64_t position) {
    if (last_history_ != history_) {
        // What was moved away may be moved back; who was promoted tells in whose place.
        const bool replaced = !options_.moves || last_history_.ends_with(client_.server_origin());
        if (!last_history_.empty() && replaced) left_.push_back(last_history_);
        if (left_.size() > most_left) left_.pop_front();
        last_history_ = history_;
    }
    FOORUMI_CRASH_POINT(replicas_have_it);
    replicated_ = position;
    hooks_.replicated(position);
    if (stopped_) return;
    hand_over();
}

void FeedTail::replicate_to(std::uint64_t position) {
    wanted_ = std::max(wanted_, position);
    if (held_ && !reading_ && !stopped_ && replicated_ && *replicated_ < wanted_) read_more();
}

// What came before changes were refused: of the channels that it is not of, all is known.
void FeedTail::read_more() {
    read_behind(options_.batch, [this](std::vector<FeedEntry> entries) {
        if (entries.empty() || entries.front().position > last_read() + 1 || waiting_.size() >= most_waiting)
            return replicate_all();
        keep(std::move(entries));
        replicate(last_read());
    });
}

// Also of what was trimmed, or is not kept. Who waits for more waits for what is gone.
void FeedTail::replicate_all() {
    const std::array<std::string_view, 3> command{"HGET", meta_, "n"};
    reading_ = client_.send(command, [this, wanted = wanted_](const Reply* reply) {
        reading_ = false;
        if (failed(reply) || stopped_) return;
        const auto last = std::max(last_read(), reply->number());
        if (wanted_ == wanted) wanted_ = std::min(wanted_, last);
        replicate(last);
    });
}

}  // namespace foorumi::store
