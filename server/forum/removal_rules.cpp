// What moderators do to messages of others.
#include <algorithm>

#include "forum/rule_parts.hpp"
#include "forum/text.hpp"

namespace foorumi::forum {

using namespace parts;

namespace {

constexpr std::uint32_t soon_ms = 200;
constexpr std::size_t keys_of_a_purge = 500;  // that one commit empties

Result<void> moderated(const Actor& actor, Id room) {
    const auto visible = visible_room(actor, room);
    if (!visible) return visible.error();
    if (may_moderate(actor.directory, actor.member, (*visible)->forum, actor.now)) return {};
    return refusal(ErrorCode::forbidden, "moderators_only", "room");
}

Result<void> there(const Place& place, const Message* message, Id thread) {
    if (auto exists = place.exists(); !exists) {
        return exists.error().reason == "thread_not_found" ? no_message("message") : exists.error();
    }
    if (!is_in(message, thread)) return no_message("message");
    return {};
}

std::vector<std::string> needs_of(Id thread, Id message) {
    return {std::string(room_key), thread_key(thread), message_key(message)};
}

Act act_on(const Actor& actor, Id room, Id id, const Message& message, const std::string& reason = {}) {
    return {.forum = actor.directory.room(room)->forum,
            .room = room,
            .thread = message.thread,
            .message = id,
            .member = message.author,
            .reason = reason};
}

// The author learns of it, not by whom.
void tell_author(Decision& decision, const Actor& actor, InboxKind kind, Id room, Id id, const Message& message) {
    if (message.author == actor.member.id) return;
    InboxEntry entry;
    entry.kind = kind;
    entry.room = room;
    entry.thread = message.thread;
    entry.message = id;
    entry.created = actor.now;
    entry.reason = message.reason;
    decision.effects.push_back(
        {member_channel(message.author), new_act_inbox_key(room, id), entry, std::string(inbox_index)});
}

Refusal contended() {
    auto later = refusal(ErrorCode::unavailable, "contended");
    later.retry_after_ms = soon_ms;
    return later;
}

// What moderators think of a message of their own is for the others to say.
Refusal own_message() { return refusal(ErrorCode::forbidden, "own_message", "message"); }

Message restored(const Message& before, const EarlierText& text) {
    Message after = before;
    after.text = text.text;
    after.mentions = text.mentions;
    after.deleted = after.removed = 0;
    after.reason.clear();
    return after;
}

// Why this removal cannot be taken back; nothing: it can.
Result<void> restorable(const Actor& actor, const RestoreMessage& command, const Message& message) {
    if (message.removed == 0 || message.author_deleted != 0)
        return refusal(ErrorCode::forbidden, "message_deleted", "message");
    if (message.purged != 0) return refusal(ErrorCode::forbidden, "message_purged", "message");
    if (message.removals > std::max<std::size_t>(1, actor.limits.edits))
        return refusal(ErrorCode::limited, "too_many_edits", "message");
    if (message.removals != command.removal || command.removed.version == 0) return contended();
    const auto* removed = std::get_if<EarlierText>(&command.removed.value);
    if (removed == nullptr) return refusal(ErrorCode::forbidden, "earlier_text_gone", "message");
    if (message.author == actor.member.id && removed->by != actor.member.id) return own_message();
    return {};
}

std::vector<std::string> text_keys(Id room, Id id, const Message& message) {
    std::vector<std::string> keys;
    const bool by_author = message.deleted != 0 && message.removed == 0;
    for (std::uint32_t n = 1; n <= message.edits + (by_author ? 1 : 0); ++n) keys.push_back(earlier_key(room, id, n));
    for (std::uint32_t n = 1; n <= message.removals; ++n) keys.push_back(removed_key(room, id, n));
    return keys;
}

std::uint32_t pieces_of(std::size_t keys) {
    return static_cast<std::uint32_t>(std::max<std::size_t>(1, (keys + keys_of_a_purge - 1) / keys_of_a_purge));
}

// Puts that it was purged, and takes the texts, in as many commits as it has pieces.
void take_texts(Decision& decision, const Actor& actor, const PurgeMessage& command, const Message& message) {
    auto keys = text_keys(command.room, command.message, message);
    auto mark = earlier_text(actor, command.room, command.message, message);
    mark.removed = mark.purged = true;
    mark.by = actor.member.id;
    mark.reason = command.reason;
    for (std::uint32_t n = 1, pieces = pieces_of(keys.size()); n <= pieces; ++n) {
        auto effect = earlier_effect(actor, purged_key(command.room, command.message, n), mark);
        effect.index = purges_index;
        const auto some = std::min(keys.size(), keys_of_a_purge);
        const auto last = keys.begin() + static_cast<std::ptrdiff_t>(some);
        effect.takes.assign(std::make_move_iterator(keys.begin()), std::make_move_iterator(last));
        keys.erase(keys.begin(), last);
        decision.effects.push_back(std::move(effect));
    }
}

}  // namespace

Result<void> check(const Actor& actor, const RemoveMessage& command) {
    if (auto reason = check_text(command.reason, actor.limits.reason_bytes, "reason"); !reason) return reason;
    return moderated(actor, command.room);
}

std::vector<std::string> needs(const Actor&, const RemoveMessage& command) {
    auto keys = needs_of(command.thread, command.message);
    keys.push_back(reactions_key(command.message));
    return keys;
}

Result<Decision> decide(const Actor& actor, const RemoveMessage& command, const View& view) {
    const Place place(view, command.thread);
    const Seen<Message> message(view, message_key(command.message));
    const Seen<Reactions> reactions(view, reactions_key(command.message));
    if (auto found = there(place, message.value(), command.thread); !found) return found.error();
    const Message& before = *message.value();
    if (before.removed != 0) return Decision{};
    if (before.deleted != 0) return refusal(ErrorCode::forbidden, "message_deleted", "message");

    auto removed = tombstone(actor, before);
    removed.removed = actor.now;
    removed.reason = command.reason;
    ++removed.removals;
    auto earlier = earlier_text(actor, command.room, command.message, before);
    earlier.removed = true;
    earlier.mentions = before.mentions;
    earlier.by = actor.member.id;
    earlier.reason = command.reason;
    Decision decision;
    place.expect(decision);
    auto key = removed_key(command.room, command.message, removed.removals);
    decision.effects = {earlier_effect(actor, std::move(key), std::move(earlier))};
    tell_author(decision, actor, InboxKind::removed, command.room, command.message, removed);
    decision.act = act_on(actor, command.room, command.message, before, command.reason);
    bury(decision, message, reactions, command.message, std::move(removed));
    return decision;
}

Result<void> check(const Actor& actor, const RestoreMessage& command) { return moderated(actor, command.room); }

std::vector<std::string> needs(const Actor&, const RestoreMessage& command) {
    return needs_of(command.thread, command.message);
}

Result<Decision> decide(const Actor& actor, const RestoreMessage& command, const View& view) {
    const Place place(view, command.thread);
    const Seen<Message> message(view, message_key(command.message));
    if (auto found = there(place, message.value(), command.thread); !found) return found.error();
    const Message& before = *message.value();
    if (before.deleted == 0) return Decision{};
    if (auto may = restorable(actor, command, before); !may) return may.error();

    auto after = restored(before, std::get<EarlierText>(command.removed.value));
    std::erase_if(after.mentions, [&](Id id) {
        const auto* member = actor.directory.member(id);
        return member == nullptr || !may_read(actor.directory, *member, {ChannelKind::room, command.room}, actor.now);
    });
    const auto index = thread_index(command.thread);
    Decision decision;
    place.expect(decision);
    decision.expectations.push_back(message.expectation());
    decision.writes = {{message.key, after}};
    decision.indexes = {{index, thread_index_member(command.message, 0), 0, true},
                        {index, thread_index_member(command.message, after.author), command.message}};
    tell_author(decision, actor, InboxKind::restored, command.room, command.message, after);
    decision.act = act_on(actor, command.room, command.message, before);
    return decision;
}

Result<void> check(const Actor& actor, const PurgeMessage& command) {
    return check(actor, RemoveMessage{command.room, command.message, command.reason});
}

std::vector<std::string> needs(const Actor&, const PurgeMessage& command) {
    return needs_of(command.thread, command.message);
}

Result<Decision> decide(const Actor& actor, const PurgeMessage& command, const View& view) {
    const Place place(view, command.thread);
    const Seen<Message> message(view, message_key(command.message));
    if (auto found = there(place, message.value(), command.thread); !found) return found.error();
    const Message& before = *message.value();
    if (before.deleted == 0) return refusal(ErrorCode::forbidden, "message_not_removed", "message");
    if (before.purged != 0) return Decision{};
    if (before.author == actor.member.id) return own_message();
    if (auto free = not_held(actor, command.room, command.thread, "message"); !free) return free.error();

    Message after = before;
    after.purged = actor.now;
    // Why it was secret may tell of what it said.
    if (after.secrecy) after.secrecy->ground.clear();
    Decision decision;
    place.expect(decision);
    decision.expectations.push_back(message.expectation());
    decision.writes = {{message.key, std::move(after)}};
    take_texts(decision, actor, command, before);
    decision.act = act_on(actor, command.room, command.message, before, command.reason);
    return decision;
}

Result<void> check(const Actor& actor, const ReadEarlierTexts& command) { return moderated(actor, command.room); }

std::vector<std::string> earlier_keys(const ReadEarlierTexts& command, const Message& message) {
    auto keys = text_keys(command.room, command.message, message);
    if (message.purged != 0) keys.push_back(purged_key(command.room, command.message, 1));
    return keys;
}

Act act_of(const Actor& actor, const ReadEarlierTexts& command, const Message& message) {
    return act_on(actor, command.room, command.message, message);
}

}  // namespace foorumi::forum
