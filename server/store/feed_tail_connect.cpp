// Of FeedTail: what it makes sure of before it reads from a connection.
#include <spdlog/spdlog.h>

#include <array>
#include <utility>

#include "store/feed_tail.hpp"
#include "store/replies.hpp"

namespace foorumi::store {

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
        "is "
        "not used. Make it a replica of the other",
        options_.partition);
    client_.reconnect();
}

// Once for each connection: a feed that goes back, or is another one, is met on a new one.
void FeedTail::check_trace(const Standing& standing) {
    if (known_again_ || trace_.empty()) return check_epoch(standing);
    const auto newest = std::to_string(last_read()) + "-0";
    const auto count = std::to_string(FeedTrace::length);
    const std::array<std::string_view, 6> command{"XREVRANGE", feed_, newest, "-", "COUNT", count};
    reading_ = client_.send(command, [this, standing](const Reply* reply) {
        reading_ = false;
        if (failed(reply) || stopped_) return;
        auto checked = standing;
        checked.same = !trace_.contradicts(parse_marks(*reply));
        check_epoch(checked);
    });
}

// Who holds a version of what is gone must not take it for one of what is there: what is there gets another epoch,
// above all that were known, before anything of it is handed over. An epoch that has gone back is what is left of a
// rewound feed; one that has risen was raised by another node.
void FeedTail::check_epoch(const Standing& standing) {
    const auto reached = std::max(last_read(), standing.heard);
    const auto known = epoch_.value_or(standing.epoch);
    auto checked = standing;
    if (cursor_.started() && (standing.last < reached || standing.epoch < known)) checked.same = false;
    if (checked.same || standing.epoch > known) return begin(checked);
    constexpr std::string_view raise =
        "local epoch = tonumber(redis.call('HGET', KEYS[1], 'epoch') or '0') "
        "if epoch >= tonumber(ARGV[1]) then return epoch end "
        "redis.call('HSET', KEYS[1], 'epoch', ARGV[1]) "
        "return tonumber(ARGV[1])";
    const auto next = std::to_string(known + 1);
    const std::array<std::string_view, 5> command{"EVAL", raise, "1", meta_, next};
    reading_ = client_.send(command, [this, checked](const Reply* reply) {
        reading_ = false;
        if (failed(reply) || stopped_) return;
        auto raised = checked;
        raised.epoch = reply->number();
        begin(raised);
    });
}

void FeedTail::begin(const Standing& standing) {
    history_ = client_.server_history();
    known_again_ = true;
    epoch_ = standing.epoch;
    // What was read and waits is ahead of the cursor; it is still valid unless the feed was rewound.
    switch (cursor_.connected(standing.last, standing.consumed, std::max(last_read(), standing.heard), standing.same)) {
        case FeedCursor::Start::goes_on:
            break;
        case FeedCursor::Start::rewound:
            rewind(standing);
            [[fallthrough]];
        case FeedCursor::Start::first:
            // A fence may stand before the cursor, where this tail never meets it.
            if (standing.fence == 0)
                hooks_.passed(cursor_.position());
            else
                waiting_.push_back(
                    {.position = cursor_.position(), .commit = nullptr, .fence = standing.fence, .digest = 0});
            break;
    }
    if (!stopped_ && !handing_over_ && !waiting_.empty()) return hand_over();
    if (stopped_ || !waiting_.empty()) return;
    if (options_.replicas == 0) return read();
    // Once for each connection all is made sure of; later on it is only looked whether the replicas are there.
    return replicated_ ? wait_for_replicas(*replicated_) : replicate();
}

void FeedTail::rewind(const Standing& standing) {
    spdlog::critical(
        "feed of partition {} ends at {}, and is not the one that was read: a backup was restored, or a replica "
        "promoted "
        "that lacked something. Epoch {} begins, and clients load afresh",
        options_.partition, standing.last, standing.epoch);
    waiting_.clear();
    trace_.clear();
    known_ = missed_ = 0;
    if (std::exchange(held_, false)) hooks_.held(false);
    hooks_.rewound(cursor_.position());
}

// Redis goes on with a new run_id or, where it was promoted, a new master_replid: what was left once and comes back
// with the same ones is a primary beside the present one.
bool FeedTail::was_left() const {
    return options_.replicas > 0 && std::ranges::find(left_, client_.server_history()) != left_.end();
}

}  // namespace foorumi::store
