// Of FeedTail: what it makes sure of before it reads from a connection.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/crash_points.hpp"
#include "base/mutants.hpp"
#include "store/feed_tail.hpp"
#include "store/replies.hpp"

namespace foorumi::store {
namespace {

constexpr std::chrono::milliseconds raise_retry{1'000};

}  // namespace

void FeedTail::check_position() {
    const std::array<std::string_view, 6> command{"HMGET", meta_, "n", "done", "fence", "epoch"};
    // What is heard of before this is asked is in the feed, unless that was rewound.
    reading_ = client_.send(command, [this, heard = known_](const Reply* reply) {
        reading_ = false;
        if (reply == nullptr) return;
        if (reply->is_error()) return read_done(reply);
        if (was_left()) return leave();
        const auto& found = *reply;
        check_trace({.last = found[0].number(),
                     .consumed = found[1].number(),
                     .fence = found[2].number(),
                     .epoch = found[3].number(),
                     .heard = heard});
    });
}

void FeedTail::leave() {
    spdlog::critical(
        "feed of partition {}: this Redis is a primary that another one has taken the place of; what it has by itself "
        "is not used. Make it a replica of the other",
        options_.partition);
    client_.reconnect();
}

// Redis goes on with a new run_id or, where it was promoted, a new master_replid: what was left once and comes back
// with the same ones is a primary beside the present one.
bool FeedTail::was_left() const {
    return options_.replicas > 0 && std::ranges::find(left_, client_.server_history()) != left_.end();
}

// Once for each connection: a feed that goes back, or is another one, is met on a new one.
void FeedTail::check_trace(const Standing& standing) {
    if (known_again_ || trace_.empty()) return if_same_history([this, standing] { check_epoch(standing); });
    ask_for_marks(trace_.newest().first, trace_.oldest().first, [this, standing](const std::vector<FeedMark>& found) {
        auto checked = standing;
        checked.same = !trace_.contradicts(found);
        if_same_history([this, checked] { check_epoch(checked); });
    });
}

// Newest first.
void FeedTail::ask_for_marks(std::uint64_t newest, std::uint64_t oldest,
                             std::function<void(const std::vector<FeedMark>&)> then) {
    const auto from = std::to_string(newest) + "-0";
    const auto to = std::to_string(oldest) + "-0";
    const auto count = std::to_string(FeedTrace::length);
    const std::array<std::string_view, 6> command{"XREVRANGE", feed_, from, to, "COUNT", count};
    reading_ = client_.send(command, [this, then = std::move(then)](const Reply* reply) {
        reading_ = false;
        if (!failed(reply) && !stopped_) then(parse_marks(*reply));
    });
}

// Who holds a version of what is gone must not take it for one of what is there: what is there gets another epoch,
// above all that were known, before anything of it is handed over. An epoch that has gone back is what is left of a
// rewound feed; one that has risen was raised by another node, behind what this one has read.
void FeedTail::check_epoch(const Standing& standing) {
    const auto known = epoch_.value_or(standing.epoch);
    const bool restored = options_.restored && !cursor_.started();
    auto checked = standing;
    checked.same = standing.same && !restored && standing.last >= std::max(trace_.newest().first, last_read()) &&
                   standing.epoch >= known;
    if (FOORUMI_MUTANT(epoch_ignored)) checked.same = true;
    if (checked.same || (standing.epoch > known && !restored)) return begin(checked);
    if (cursor_.started()) {
        // Also where the connection is lost before it is certain, nothing more of it is handed over.
        waiting_.clear();
        arrived_ = false;
        hooks_.doubtful();
    }
    raise_epoch(checked, std::max(known, standing.epoch) + 1);
}

// The time makes it another one than what was raised elsewhere, for another loss, from the same number. The entry tells
// those who have lost nothing: their clients may have come from where something was.
void FeedTail::raise_epoch(const Standing& standing, std::uint64_t least) {
    constexpr std::string_view raise = R"(
local meta = redis.call('HMGET', KEYS[1], 'n', 'fence', 'epoch')
local epoch = tonumber(meta[3] or '0')
if epoch >= tonumber(ARGV[1]) then return epoch end
local time = redis.call('TIME')
epoch = math.max(tonumber(ARGV[1]), tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
local position, name = string.format('%.0f', tonumber(meta[1] or '0') + 1), string.format('%.0f', epoch)
local added = redis.pcall('XADD', KEYS[2], position .. '-0', 'f', meta[2] or '0', 'e', name)
if type(added) == 'string' then redis.call('HSET', KEYS[1], 'n', position) end
redis.call('HSET', KEYS[1], 'epoch', name)
return epoch)";
    const auto wanted = std::to_string(least);
    const std::array<std::string_view, 6> command{"EVAL", raise, "2", meta_, feed_, wanted};
    reading_ = client_.send(command, [this, standing](const Reply* reply) {
        reading_ = false;
        if (reply != nullptr && reply->is_error()) return raise_later(*reply);
        if (failed(reply) || stopped_) return;
        FOORUMI_CRASH_POINT(epoch_raised);
        auto raised = standing;
        raised.epoch = reply->number();
        begin(raised);
    });
}

// Nothing is handed over until then.
void FeedTail::raise_later(const Reply& refusal) {
    spdlog::error("feed of partition {}: its epoch cannot be raised: {}", options_.partition,
                  error_prefix(refusal.text()));
    reading_ = true;
    const bool elsewhere = reaction_to(refusal.text()) == Reaction::reconnect;
    hooks_.after(raise_retry, [this, elsewhere, connection = connection_] {
        if (connection != connection_ || stopped_) return;
        reading_ = false;
        if (elsewhere) return client_.reconnect();
        check_position();
    });
}

void FeedTail::begin(const Standing& standing) {
    history_ = client_.server_history();
    const bool known = std::exchange(known_again_, true);
    const bool risen = epoch_ && standing.epoch > *epoch_ && standing.same && cursor_.started();
    epoch_ = standing.epoch;
    if (!standing.same) {
        ++counts_.epochs;
        tell_of_loss(standing);
        trace_.clear();
        released_.clear();
    }
    // What was read and waits is ahead of the cursor; it is still valid unless the feed was rewound.
    switch (cursor_.connected(standing.last, standing.consumed, std::max(last_read(), standing.heard), standing.same)) {
        case FeedCursor::Start::goes_on:
            if (!known) hooks_.began();
            if (risen) began(standing.epoch);
            if (!arrived_) wait_for_start();
            if (FOORUMI_MUTANT(tail_skips)) {
                cursor_.passed(standing.last);
                hooks_.passed(standing.last);
            }
            return go_on();
        case FeedCursor::Start::rewound:
            rewind(standing);
            [[fallthrough]];
        case FeedCursor::Start::first:
            if (!known) hooks_.began();
            arrive(standing);
            return fill_trace();
    }
}

// A fence may stand before the cursor, where this tail never meets it. Until it is fulfilled nothing is passed, on
// whatever connection.
void FeedTail::arrive(const Standing& standing) {
    beginning_ = cursor_.position();
    start_fence_ = standing.fence;
    arrival_ = start_fence_ == 0 ? beginning_ : std::max(beginning_, standing.last);
    wait_for_start();
}

// Later fences stand ahead, and with them what brings the versions that they want.
void FeedTail::wait_for_start() {
    arrived_ = start_fence_ == 0;
    if (arrived_)
        hooks_.passed(cursor_.position());
    else
        waiting_.push_front({.position = cursor_.position(), .fence = start_fence_});
}

// By it the next connection is compared, also where nothing has been read by then.
void FeedTail::fill_trace() {
    if (trace_.newest().first >= cursor_.position()) return filled({});
    ask_for_marks(cursor_.position(), 0, [this](const std::vector<FeedMark>& found) { filled(found); });
}

void FeedTail::filled(const std::vector<FeedMark>& found) {
    const auto kept = std::min(found.size(), FeedTrace::length);
    for (auto mark = found.rend() - static_cast<std::ptrdiff_t>(kept); mark != found.rend(); ++mark) trace_.note(*mark);
    if (trace_.newest().first > released_.newest().first) released_ = trace_;
    remember(released_.newest());
    go_on();
}

void FeedTail::go_on() {
    if (!stopped_ && !handing_over_ && !waiting_.empty()) return hand_over();
    if (stopped_ || !waiting_.empty()) return;
    if (options_.replicas == 0) return read();
    // Once for each connection all is made sure of; later on it is only looked whether the replicas are there.
    return replicated_ ? wait_for_replicas(*replicated_) : replicate(last_read());
}

void FeedTail::began(std::uint64_t epoch) {
    epoch_ = epoch;
    ++counts_.epochs;
    spdlog::warn("feed of partition {}: epoch {} has begun, raised by another node that had read what is gone",
                 options_.partition, epoch);
    remember(released_.newest());
    hooks_.epoch_began();
}

void FeedTail::rewind(const Standing& standing) {
    if (standing.same) {
        spdlog::critical("feed of partition {} ends at {}, before what was committed as its reply said",
                         options_.partition, standing.last);
    }
    waiting_.clear();
    trace_.cut(std::max(cursor_.position(), released_.newest().first));
    replicated_.reset();
    known_ = missed_ = 0;
    if (std::exchange(held_, false)) hooks_.held(false);
    hooks_.rewound(cursor_.position());
}

void FeedTail::tell_of_loss(const Standing& standing) {
    if (options_.restored && !cursor_.started()) {
        return spdlog::warn("partition {}: as --restored says, epoch {} begins, and clients load afresh",
                            options_.partition, standing.epoch);
    }
    ++counts_.losses;
    spdlog::critical(
        "feed of partition {} ends at {}, and is not the one that was released: a backup was restored, or a replica "
        "promoted that lacked something. Epoch {} begins, and clients load afresh",
        options_.partition, standing.last, standing.epoch);
}

}  // namespace foorumi::store
