#include "client/request_queue.hpp"

#include <algorithm>
#include <cmath>

namespace foorumi::client {
namespace {

using foorumi::v1::Error;

// A little below the server's figure: the two clocks do not tick together.
constexpr double pace_share = 0.9;
// How much of a second's requests may go at once.
constexpr double burst_share = 0.25;
constexpr Millis shortest_pause_ms = 100;
constexpr Millis longest_pause_ms = 5'000;

}  // namespace

bool is_temporary(const Error& error) {
    switch (error.code()) {
        case Error::CODE_UNAVAILABLE:
        case Error::CODE_OUTCOME_UNKNOWN:
            return true;
        case Error::CODE_LIMITED:
            // Of one thread, or one member, and maybe for hours: nothing else is held up, and whoever wrote it decides.
            return error.retry_after_ms() > 0 && error.reason() != "slow_mode" && error.reason() != "new_member_limit";
        default:
            return false;
    }
}

void RequestQueue::set_pace(std::uint32_t per_second, Millis now) {
    if (per_second == 0) per_second = 1;
    if (limits_.per_second == per_second && pace_ > 0) return;
    limits_.per_second = per_second;
    pace_ = per_second * pace_share;
    tokens_ = std::max(1.0, pace_ * burst_share);
    refilled_ = now;
}

std::uint64_t RequestQueue::add(foorumi::v1::Request request) {
    request.set_id(++last_id_);
    pending_.push_back({.request = std::move(request), .sent = false, .doubtful = false, .last_refusal = {}});
    return last_id_;
}

void RequestQueue::refill(Millis now) {
    const double burst = std::max(1.0, pace_ * burst_share);
    tokens_ = std::min(burst, tokens_ + pace_ * static_cast<double>(now - refilled_) / 1000.0);
    refilled_ = now;
}

std::vector<foorumi::v1::Request> RequestQueue::take(Millis now, Millis server_now_ms) {
    std::vector<foorumi::v1::Request> out;
    refill(now);
    // What was under way at a refusal is answered first, so that the refused can be repeated in its place.
    const bool draining = recovering_until_ != 0 && in_flight_ > 0;
    if (now < paused_until_ || draining) return out;
    for (auto& pending : pending_) {
        if (pending.sent) continue;
        if (in_flight_ >= window() || tokens_ < 1.0) break;
        tokens_ -= 1.0;
        ++in_flight_;
        if (!pending.request.change_id().empty() && pending.request.made_at_ms() == 0) {
            pending.request.set_made_at_ms(server_now_ms);
        }
        pending.sent = true;
        out.push_back(pending.request);
    }
    return out;
}

std::optional<Millis> RequestQueue::next_turn(Millis now) const {
    const bool waiting = std::ranges::any_of(pending_, [](const Pending& pending) { return !pending.sent; });
    const bool draining = recovering_until_ != 0 && in_flight_ > 0;
    if (!waiting || draining || in_flight_ >= window() || pace_ <= 0) return std::nullopt;
    Millis turn = std::max(now, paused_until_);
    if (tokens_ < 1.0) {
        const auto wait = static_cast<Millis>(std::ceil((1.0 - tokens_) / pace_ * 1000.0));
        turn = std::max(turn, refilled_ + wait);
    }
    return turn;
}

std::deque<RequestQueue::Pending>::iterator RequestQueue::find(std::uint64_t id) {
    const auto found = std::ranges::lower_bound(pending_, id, {}, [](const Pending& p) { return p.request.id(); });
    return found != pending_.end() && found->request.id() == id ? found : pending_.end();
}

void RequestQueue::pause(const Error& error, std::uint64_t id, Millis now) {
    // The refusals of one window count once.
    const bool another = recovering_until_ == 0 || in_flight_ == 0;
    if (another || refusals_in_a_row_ == 0) refusals_in_a_row_ = std::min(refusals_in_a_row_ + 1, 7);
    if (another && error.code() == Error::CODE_LIMITED) pace_ = std::max(1.0, pace_ / 2);
    const Millis own = std::min(longest_pause_ms, shortest_pause_ms << (refusals_in_a_row_ - 1));
    paused_until_ = std::max(paused_until_, now + std::max<Millis>(own, error.retry_after_ms()));
    recovering_until_ = std::max(recovering_until_, id);
}

std::optional<Answer> RequestQueue::on_response(const foorumi::v1::Response& response, Millis now) {
    const auto found = find(response.id());
    if (found == pending_.end() || !found->sent) return std::nullopt;
    --in_flight_;
    found->sent = false;
    if (response.has_error() && is_temporary(response.error())) {
        found->doubtful |= response.error().code() == Error::CODE_OUTCOME_UNKNOWN;
        found->last_refusal = response.error();
        pause(response.error(), response.id(), now);
        return std::nullopt;
    }
    refusals_in_a_row_ = 0;
    pace_ = std::min(limits_.per_second * pace_share, pace_ * 1.02);
    const bool expired = response.has_error() && response.error().code() == Error::CODE_EXPIRED;
    Answer answer{
        .request = std::move(found->request), .response = response, .outcome_unknown = expired && found->doubtful};
    pending_.erase(found);
    if (pending_.empty() || pending_.front().request.id() > recovering_until_) recovering_until_ = 0;
    return answer;
}

void RequestQueue::on_disconnected() {
    for (auto& pending : pending_) {
        if (!pending.sent) continue;
        pending.sent = false;
        pending.doubtful = true;
    }
    in_flight_ = 0;
    paused_until_ = 0;
    recovering_until_ = 0;
}

RequestQueue::Fate RequestQueue::fate(const Pending& pending) {
    return (pending.sent || pending.doubtful) && !pending.request.change_id().empty() ? Fate::unknown
                                                                                      : Fate::not_applied;
}

}  // namespace foorumi::client
