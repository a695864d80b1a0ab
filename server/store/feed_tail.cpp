#include "store/feed_tail.hpp"

#include <spdlog/spdlog.h>

#include <array>
#include <iterator>
#include <utility>

#include "base/crash_points.hpp"
#include "base/mutants.hpp"
#include "store/replies.hpp"

namespace foorumi::store {
namespace {

constexpr std::chrono::milliseconds block{5'000};

RedisClientOptions client_options(const FeedTailOptions& options) {
    RedisClientOptions client;
    client.locator = options.locator;
    client.name = options.name;
    client.setup = options.setup;
    client.reply_deadline += std::max(block, options.replica_wait);
    client.identify = true;
    client.settles = options.replicas == 0;
    return client;
}

}  // namespace

FeedTail::FeedTail(boost::asio::io_context& context, FeedTailOptions options, FeedTailHooks hooks)
    : options_(std::move(options)),
      hooks_(std::move(hooks)),
      feed_(RedisKeys(options_.partition).feed()),
      meta_(RedisKeys(options_.partition).meta()),
      barrier_(RedisKeys(options_.partition).barrier()),
      client_(context, client_options(options_),
              {.ready = [this] { check_position(); }, .lost = [this] { lost(); }, .push = nullptr}) {
    if (!options_.remembered) return;
    epoch_ = options_.remembered->epoch;
    released_ = options_.remembered->entries;
    trace_ = released_;
}

void FeedTail::stop() {
    stopped_ = true;
    client_.stop();
}

void FeedTail::lost() {
    if (FOORUMI_MUTANT(tail_stops)) stopped_ = true;
    reading_ = known_again_ = false;
    ++connection_;
    history_.clear();
    if (options_.replicas == 0 || FOORUMI_MUTANT(replicas_by_memory)) {
        resume();  // what was read is durable
    } else {
        // Another server may come back, that has only what was replicated.
        waiting_.clear();
        trace_.cut(std::max(cursor_.position(), released_.newest().first));
        known_ = wanted_ = missed_ = 0;  // a gap that is met again is told again, for what its fence waits for
        replicated_.reset();
        if (std::exchange(held_, false)) hooks_.held(false);
    }
    if (!FOORUMI_MUTANT(waits_go_on)) hooks_.unsure();
}

void FeedTail::resume() {
    again_ = true;
    if (!waiting_.empty() && !handing_over_ && !reading_ && !stopped_) hand_over();
}

// Entries were trimmed before they were read, and a fence may have been among them: it goes ahead of what waits. What
// was missed is told before it holds anything: of the directory's partition, that is what brings the version it waits
// for.
void FeedTail::check_fence() {
    const std::array<std::string_view, 3> command{"HMGET", meta_, "fence"};
    reading_ = client_.send(command, [this](const Reply* reply) {
        reading_ = false;
        if (reply == nullptr || reply->is_error()) {
            waiting_.clear();  // read again
            trace_.cut(cursor_.position());
            return read_done(reply);
        }
        const auto last = waiting_.front().position - 1;
        if (const Version fence = (*reply)[0].number(); fence > 0)
            waiting_.push_front({.position = last, .fence = fence});
        missed(last);
        hand_over();
    });
}

void FeedTail::read() {
    if (reading_ || !client_.ready()) return;
    const auto batch = std::to_string(options_.batch);
    const auto wait = std::to_string(block.count());
    const auto cursor = std::to_string(cursor_.position()) + "-0";
    const std::array<std::string_view, 8> command{"XREAD", "COUNT", batch, "BLOCK", wait, "STREAMS", feed_, cursor};
    reading_ = client_.send(command, [this](const Reply* reply) {
        reading_ = false;
        read_done(reply);
    });
}

void FeedTail::read_done(const Reply* reply) {
    if (failed(reply)) return;
    auto entries = parse_feed(*reply, options_.partition);
    if (entries.empty()) return check_position();
    FOORUMI_CRASH_POINT(entries_read);
    const bool trimmed = waiting_.empty() && entries.front().position > cursor_.position() + 1;
    const bool alone = entries.size() == 1 && options_.batch > 1;  // Redis cuts a blocked read like this
    const bool wide =
        entries.size() < options_.batch &&
        std::ranges::any_of(
            entries, [this](const FeedEntry& entry) { return entry.commit && hooks_.is_wide(*entry.commit); });
    keep(std::move(entries));
    if (trimmed) return check_fence();
    if (wide || alone) return wait_for_replies(wide ? hooks_.gather : hooks_.later);
    hand_over();
}

bool FeedTail::failed(const Reply* reply) {
    if (reply == nullptr) return true;
    if (!reply->is_error()) return false;
    spdlog::error("feed of partition {}: {}", options_.partition, error_prefix(reply->text()));
    client_.reconnect();  // which delays the next attempt
    return true;
}

void FeedTail::missed(std::uint64_t position) {
    if (position <= missed_) return;
    missed_ = position;
    ++counts_.gaps;
    spdlog::warn("feed of partition {} was trimmed up to {} before it was read", options_.partition, position);
    hooks_.gap(position);
}

void FeedTail::keep(std::vector<FeedEntry> entries) {
    for (const auto& entry : entries) {
        // What is read again was compared on this connection.
        if (entry.position > trace_.newest().first) trace_.note({entry.position, entry.digest});
    }
    waiting_.insert(waiting_.end(), std::make_move_iterator(entries.begin()), std::make_move_iterator(entries.end()));
}

// Redis sends them together with the entry, on another connection; those that have come by the next turn are heard.
void FeedTail::wait_for_replies(const std::function<void(std::function<void()>)>& wait) {
    reading_ = true;
    wait([this, connection = connection_] {
        if (connection != connection_) return;  // a lost connection has handed over
        reading_ = false;
        if (known_ > last_read()) read_on();
        if (!reading_) hand_over();
    });
}

// Once for each entry that came alone, so that nobody's commits hold up those of others.
void FeedTail::read_on() {
    read_behind(options_.batch - waiting_.size(), [this](std::vector<FeedEntry> entries) {
        if (entries.empty()) return check_position();  // that was of a feed that has been rewound
        // Trimmed in between: read() meets that again, with its fence.
        if (entries.front().position > last_read() + 1) entries.clear();
        keep(std::move(entries));
        hand_over();
    });
}

void FeedTail::read_behind(std::size_t count, std::function<void(std::vector<FeedEntry>)> then) {
    const auto most = std::to_string(count);
    const auto cursor = std::to_string(last_read()) + "-0";
    const std::array<std::string_view, 6> command{"XREAD", "COUNT", most, "STREAMS", feed_, cursor};
    reading_ = client_.send(command, [this, then = std::move(then)](const Reply* reply) {
        reading_ = false;
        if (!failed(reply) && !stopped_) then(parse_feed(*reply, options_.partition));
    });
}

bool FeedTail::is_released(std::string_view channel, std::uint64_t position) const {
    return position <= last_read() && std::ranges::none_of(waiting_, [&](const FeedEntry& entry) {
               return entry.commit && entry.commit->channel == channel;
           });
}

void FeedTail::hand_over() {
    if (!replicated()) return replicate(last_read());
    handing_over_ = true;
    while (!waiting_.empty() && !stopped_) {
        again_ = false;
        // A hook may have removed what it waits for.
        if (!hand_over_front() && !again_) break;
    }
    handing_over_ = false;
    if (stopped_) return;
    if (waiting_.empty()) return read();
    if (options_.replicas > 0) replicate_to(wanted_);
}

// One entry, or a run of commits. False: it has to wait.
bool FeedTail::hand_over_front() {
    const auto entry = waiting_.front();
    const bool held = entry.fence && hooks_.directory_version() < *entry.fence && !FOORUMI_MUTANT(fence_not_held);
    if (held != held_) {
        held_ = held;
        hooks_.held(held);
    }
    if (held || (entry.commit && !hooks_.may_release())) return false;
    waiting_.pop_front();
    switch (cursor_.meet(entry.position)) {
        case FeedCursor::Step::seen:
            arrived_ = true;
            hooks_.passed(cursor_.position());
            return true;
        case FeedCursor::Step::gap:
            missed(cursor_.position());
            hooks_.passed(cursor_.position());
            break;
        case FeedCursor::Step::next:
            break;
    }
    cursor_.passed(entry.position);
    remember(entry.commit ? release_run(entry) : FeedMark{entry.position, entry.digest});
    if (entry.epoch > epoch_.value_or(0)) began(entry.epoch);
    hooks_.passed(cursor_.position());
    return true;
}

// The commit, and those that follow it with nothing in between. They go out together, and are passed together: whoever
// waits for one of them learns of it behind all.
FeedMark FeedTail::release_run(FeedEntry entry) {
    for (;;) {
        hooks_.release(entry.commit);
        FOORUMI_CRASH_POINT(commit_released);
        if (FOORUMI_MUTANT_EACH(released_twice, 20)) hooks_.release(entry.commit);
        if (stopped_ || waiting_.empty()) break;
        const auto& next = waiting_.front();
        if (!next.commit || next.fence || next.position != cursor_.position() + 1 || !hooks_.may_release()) break;
        if (FOORUMI_MUTANT(release_of_any_order) && waiting_.size() > 1 && waiting_[1].commit) {
            std::swap(waiting_[0].commit, waiting_[1].commit);
        }
        note_released({entry.position, entry.digest});
        entry = next;
        cursor_.passed(entry.position);
        waiting_.pop_front();
        if (FOORUMI_MUTANT(run_loses) && waiting_.empty()) break;
    }
    hooks_.released_all();
    FOORUMI_CRASH_POINT(run_released);
    return {entry.position, entry.digest};
}

void FeedTail::remember(FeedMark entry) {
    note_released(entry);
    if (hooks_.remember) hooks_.remember({epoch_.value_or(0), released_});
}

// What is released again, behind a start, is known to be the same; what stands for a gap has no digest.
void FeedTail::note_released(FeedMark entry) {
    if (entry.second != 0 && entry.first > released_.newest().first) released_.note(entry);
}

}  // namespace foorumi::store
