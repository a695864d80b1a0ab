#include "forum/retention_rules.hpp"

#include <algorithm>
#include <iterator>

#include "forum/rule_parts.hpp"

namespace foorumi::forum {

using namespace parts;

namespace {

constexpr Millis retention_day_ms = 24LL * 60 * 60 * 1000;
constexpr std::size_t texts_of_an_effect = 500;  // keys that one commit empties

Message expired(const Message& before, Millis now, std::uint32_t days) {
    Message after = before;
    after.text.clear();
    after.mentions.clear();
    after.reason.clear();
    after.secrecy.reset();
    if (after.deleted == 0) after.deleted = now;
    // Nobody restores it.
    if (after.removed != 0 && after.purged == 0) after.purged = now;
    after.expired_days = days;
    return after;
}

void bury_expired(Decision& decision, const Seen<Message>& message, const Seen<Reactions>& reactions, Id id,
                  Message tombstone) {
    const auto index = thread_index(tombstone.thread);
    decision.expectations.push_back(message.expectation());
    decision.expectations.push_back(reactions.expectation());
    decision.indexes.push_back({index, thread_index_member(id, tombstone.author), 0, true});
    decision.indexes.push_back({index, thread_index_member(id, 0), id});
    decision.writes.push_back({message.key, std::move(tombstone)});
    if (reactions.value() != nullptr) decision.writes.push_back({reactions.key, std::monostate{}});
}

// The moderators' texts go in the step that tells of it, and by the mark all of it from Redis' feeds and file.
void take_expired_texts(Decision& decision, const Expiry& expiry, Id thread, std::vector<std::string> keys) {
    EarlierText mark;
    mark.room = expiry.room;
    mark.thread = thread;
    mark.replaced = expiry.now;
    mark.keep_until = expiry.now + expiry.keep_ms;
    mark.removed = mark.purged = true;
    const auto channel = moderation_channel(expiry.directory.room(expiry.room)->forum);
    std::uint32_t piece = 0;
    do {
        Effect effect{channel, new_expired_key(expiry.room, ++piece), mark, std::string(purges_index)};
        const auto some = static_cast<std::ptrdiff_t>(std::min(keys.size(), texts_of_an_effect));
        effect.takes.assign(std::make_move_iterator(keys.begin()), std::make_move_iterator(keys.begin() + some));
        keys.erase(keys.begin(), keys.begin() + some);
        decision.effects.push_back(std::move(effect));
    } while (!keys.empty());
}

Decision put_alone(const Seen<Thread>& thread, Thread after) {
    Decision decision;
    decision.expectations = {thread.expectation()};
    decision.writes = {{thread.key, std::move(after)}};
    return decision;
}

// At rest, and come no further, and no less far, than where was looked.
bool is_looked_at(const Thread* thread, Id behind) {
    return thread != nullptr && thread->moving == 0 && thread->expired_to == behind;
}

void unpin_expired(Decision& decision, const Seen<Pins>& pins, Id thread) {
    if (pins.value() == nullptr) return;
    Pins left = *pins.value();
    std::erase_if(left.pinned, [&](const auto& one) { return one.thread == thread; });
    if (left == *pins.value()) return;
    decision.expectations.push_back(pins.expectation());
    decision.writes.push_back({pins.key, left.pinned.empty() ? Entity{} : Entity{std::move(left)}});
}

}  // namespace

bool is_closed_by_age(const Thread& thread) {
    return thread.locked && thread.lock.by == 0 && thread.lock.at != 0 && thread.expired_to != 0;
}

Millis Expiry::before(Id thread) const {
    const auto* card = directory.room(room);
    if (card == nullptr || card->retention_days == 0 || is_held(*card, thread)) return 0;
    return std::max<Millis>(0, now - card->retention_days * retention_day_ms);
}

bool Expiry::is_over(const Message& message) const { return message.created < before(message.thread); }

std::vector<std::string> Expiry::needs_to_expire(Id thread, const std::vector<Id>& ids) {
    std::vector<std::string> keys{thread_key(thread)};
    for (const Id id : ids) {
        keys.push_back(message_key(id));
        keys.push_back(reactions_key(id));
    }
    return keys;
}

Decision Expiry::expire(Id thread, const std::vector<Id>& ids, const View& view) const {
    const Seen<Thread> place(view, thread_key(thread));
    Decision decision;
    if (place.value() == nullptr || place.value()->moving != 0 || before(thread) == 0) return decision;
    const auto days = directory.room(room)->retention_days;
    Thread after = *place.value();
    std::vector<std::string> texts;
    for (const Id id : ids) {
        const Seen<Message> message(view, message_key(id));
        const Seen<Reactions> reactions(view, reactions_key(id));
        if (!is_in(message.value(), thread)) continue;  // it has left since
        if (!is_over(*message.value())) break;
        after.expired_to = std::max(after.expired_to, id);
        if (message.value()->expired_days != 0) continue;
        // What was purged has none.
        if (message.value()->purged == 0)
            std::ranges::move(earlier_keys({room, id}, *message.value()), std::back_inserter(texts));
        bury_expired(decision, message, reactions, id, expired(*message.value(), now, days));
    }
    if (!decision.writes.empty()) take_expired_texts(decision, *this, thread, std::move(texts));
    if (after == *place.value()) return decision;
    decision.expectations.push_back(place.expectation());
    decision.writes.push_back({place.key, std::move(after)});
    return decision;
}

std::vector<std::string> Expiry::needs_to_close(Id thread) { return {thread_key(thread), std::string(pins_key)}; }

Decision Expiry::close(Id thread, Id behind, const View& view) const {
    const Seen<Thread> place(view, thread_key(thread));
    if (!is_looked_at(place.value(), behind) || before(thread) == 0 || behind == 0) return {};
    Thread after = *place.value();
    if (!is_closed_by_age(after)) {
        after.locked = true;
        after.lock = {{}, 0, now};
        return put_alone(place, std::move(after));
    }
    after.title.clear();
    after.tags.clear();
    after.pin.reset();
    if (after == *place.value()) return {};
    auto decision = put_alone(place, std::move(after));
    decision.indexes = {{std::string(threads_index), std::to_string(thread), 0, true}};
    unpin_expired(decision, Seen<Pins>(view, std::string(pins_key)), thread);
    return decision;
}

Decision Expiry::reopen(Id thread, Id behind, const View& view) const {
    const Seen<Thread> place(view, thread_key(thread));
    if (!is_looked_at(place.value(), behind) || !is_closed_by_age(*place.value())) return {};
    Thread after = *place.value();
    after.locked = false;
    after.lock = {};
    return put_alone(place, std::move(after));
}

}  // namespace foorumi::forum
