#include "dispatch/expiries.hpp"

#include <sodium.h>
#include <spdlog/spdlog.h>

#include "base/crash_points.hpp"
#include "codec/entity_codec.hpp"
#include "dispatch/decided.hpp"
#include "forum/keys.hpp"

namespace foorumi::dispatch {
namespace {

constexpr std::size_t threads_at_once = 64;

template <class T>
std::optional<T> value_of(const store::KeyedValue& stored) {
    const auto value = codec::decode_value(stored.bytes);
    const auto* held = value ? std::get_if<T>(&*value) : nullptr;
    return held != nullptr ? std::optional(*held) : std::nullopt;
}

}  // namespace

void Expiries::tick(std::chrono::steady_clock::time_point now) {
    if (busy_) return;
    if (!at_ && rooms_.empty()) {
        const bool first = !next_;
        if (!first && now < *next_) return;
        next_ = now + options_.interval;
        if (first) return;
        find_rooms();
    }
    if (!at_) next_room();
    if (!at_) return;
    busy_ = true;
    passed_ = 0;
    if (at_->some.empty()) return read_threads();
    look(at_->some.back());
}

// One without a retention any more is looked at once: what was closed for its age may have been so too early.
void Expiries::find_rooms() {
    const auto directory = around_.newest();
    std::set<forum::Id> with_retention;
    for (const auto* room = directory->first_room_from(0); room != nullptr;
         room = directory->first_room_from(room->id + 1)) {
        if (!around_.at_home(forum::room_channel(room->id))) continue;
        const bool has = room->retention_days != 0;
        if (has) with_retention.insert(room->id);
        if (has || with_retention_.contains(room->id)) rooms_.push_back(room->id);
    }
    with_retention_ = std::move(with_retention);
}

void Expiries::next_room() {
    if (rooms_.empty()) return;
    at_ = Threads{rooms_.back()};
    rooms_.pop_back();
}

// The least active ones first.
void Expiries::read_threads() {
    if (!at_->more) {
        at_.reset();
        busy_ = false;
        return;
    }
    store::IndexRead read;
    read.index = forum::threads_index;
    read.after = at_->after;
    read.limit = threads_at_once;
    read.prefixes = {"thread:"};
    around_.store().read_index(channel(), std::move(read), [this](store::ReadOutcome<store::IndexResult> outcome) {
        auto& rows = outcome.result.rows;
        at_->more = !outcome.failure && outcome.result.more;
        if (outcome.failure) spdlog::warn("{}: its threads could not be read for their age", channel());
        if (!rows.empty()) at_->after = rows.back().score;
        for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
            const auto thread = value_of<forum::Thread>(row->entities.front());
            const auto id = forum::parse_thread_index_member(row->member + ".0");
            if (thread && id) at_->some.push_back({id->message, thread->expired_to, is_closed_by_age(*thread)});
        }
        busy_ = false;
    });
}

void Expiries::look(const Place& place) {
    const auto directory = around_.newest();
    // Where there is nothing too old any more, what a lock has come in between of is opened again all the same.
    if (expiry(*directory).before(place.thread) == 0 && !place.closed) return pass();
    store::IndexRead read;
    read.index = forum::thread_index(place.thread);
    // With neither bound the read begins at the end that `descending` says.
    read.after = place.expired_to;
    read.limit = options_.batch;
    read.prefixes = {"message:"};
    around_.store().read_index(channel(), std::move(read),
                               [this, place](const store::ReadOutcome<store::IndexResult>& outcome) {
                                   if (outcome.failure) return end_step(true);
                                   found(place, outcome.result);
                               });
}

void Expiries::found(const Place& place, const store::IndexResult& page) {
    const auto directory = around_.newest();
    const auto judge = expiry(*directory);
    const auto thread = place.thread;
    std::vector<forum::Id> over;
    for (const auto& row : page.rows) {
        const auto message = value_of<forum::Message>(row.entities.front());
        const auto id = forum::parse_thread_index_member(row.member);
        if (!message || !id || !judge.is_over(*message)) break;
        over.push_back(id->message);
    }
    if (page.rows.empty() ? place.expired_to == 0 : over.empty() && !place.closed) return pass();
    if (page.rows.empty())
        return commit(
            forum::Expiry::needs_to_close(thread),
            [place](const auto& rules, const auto& view) { return rules.close(place.thread, place.expired_to, view); },
            [this](const Done& done) {
                at_->some.back().closed = true;
                end_step(done.writes == 0);
            });
    if (over.empty())
        return commit(
            forum::Expiry::needs_to_close(thread),
            [place](const auto& rules, const auto& view) { return rules.reopen(place.thread, place.expired_to, view); },
            [this](const Done&) { end_step(true); });
    auto needs = forum::Expiry::needs_to_expire(thread, over);
    commit(
        std::move(needs),
        [thread, over](const auto& rules, const auto& view) { return rules.expire(thread, over, view); },
        [this](const Done& done) {
            // Nothing: what it is decided on is another one; the next time.
            if (done.expired_to == 0) return end_step(true);
            // As far as was decided, whatever was found to be over before.
            at_->some.back().expired_to = done.expired_to;
            end_step(false);
        });
}

// `then` is told what was written; nothing: nothing was to be done, or it failed. Decided on the newest directory:
// behind the fence of a hold, or of another retention, anew.
void Expiries::commit(std::vector<std::string> needs, Decide decide, std::function<void(const Done&)> then) {
    store::ChangeRequest request;
    request.channel = channel();
    request.from_feed = true;
    request.needs = std::move(needs);
    // By a clock that is ahead of Redis' nothing is deleted.
    request.made_at_ms = around_.now();
    randombytes_buf(request.change_id.data(), request.change_id.size());
    request.fingerprint = request.change_id;
    const auto done = std::make_shared<Done>();
    around_.store().change(
        std::move(request),
        [this, decide = std::move(decide), done](const store::View& view,
                                                 store::Version& decided_on) -> std::optional<store::Commit> {
            const auto directory = around_.newest();
            decided_on = directory->version();
            try {
                const auto decision = decide(expiry(*directory), DecodedView(view));
                *done = {decision.writes.size()};
                for (const auto& write : decision.writes) {
                    if (std::holds_alternative<forum::Message>(write.value)) ++done->messages;
                    if (const auto* thread = std::get_if<forum::Thread>(&write.value))
                        done->expired_to = thread->expired_to;
                }
                return to_commit(decision);
            } catch (const std::exception& error) {
                spdlog::critical("{}: what is too old is not deleted: {}", channel(), error.what());
                return std::nullopt;
            }
        },
        [this, done, then = std::move(then)](const store::ChangeOutcome& outcome) {
            if (outcome.failure) return then({});
            FOORUMI_CRASH_POINT(retention_step_done);
            if (done->messages > 0) {
                spdlog::info("{}: the retention of {} messages is over", channel(), done->messages);
                around_.expired(done->messages);
            }
            then(*done);
        });
}

// Nothing was to be done: to the next one at once.
void Expiries::pass() {
    end_step(true);
    if (++passed_ >= threads_at_once || !at_ || at_->some.empty()) return;
    busy_ = true;
    look(at_->some.back());
}

void Expiries::end_step(bool thread_is_done) {
    if (thread_is_done && at_ && !at_->some.empty()) at_->some.pop_back();
    busy_ = false;
}

}  // namespace foorumi::dispatch
