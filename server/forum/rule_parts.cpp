#include "forum/rule_parts.hpp"

#include "forum/text.hpp"

namespace foorumi::forum::parts {

namespace {

constexpr std::uint32_t soon_moved_ms = 1'000;

}  // namespace

Refusal refusal(ErrorCode code, std::string_view reason, std::string_view field) {
    return {code, std::string(reason), std::string(field)};
}

Result<const RoomCard*> visible_room(const Actor& actor, Id room) {
    if (!may_read(actor.directory, actor.member, {ChannelKind::room, room}, actor.now)) {
        return refusal(ErrorCode::not_found, "room_not_found", "room");
    }
    return actor.directory.room(room);
}

Result<const RoomCard*> writable_room(const Actor& actor, Id room) {
    auto card = visible_room(actor, room);
    if (card && !may_write(actor.directory, actor.member, **card, actor.now)) {
        return refusal(ErrorCode::forbidden, why_not_write(actor.member, **card, actor.now), "room");
    }
    return card;
}

bool moderates_room(const Actor& actor, Id room) {
    return may_moderate(actor.directory, actor.member, actor.directory.room(room)->forum, actor.now);
}

Result<std::vector<Id>> mentioned_members(const Actor& actor, Id room, std::string_view text) {
    std::vector<Id> members;
    for (const auto& handle : mentioned_handles(text)) {
        const MemberCard* member = actor.directory.member_by_handle(handle);
        const ChannelName channel{ChannelKind::room, room};
        if (member == nullptr || !may_read(actor.directory, *member, channel, actor.now)) continue;
        if (members.size() == actor.limits.mentions) return refusal(ErrorCode::limited, "too_many_mentions", "text");
        members.push_back(member->id);
    }
    return members;
}

Result<void> Place::exists() const {
    if (std::holds_alternative<Redirect>(thread_.seen.value)) return refusal(ErrorCode::not_found, "moved", "thread");
    if (thread_.value() == nullptr) return refusal(ErrorCode::not_found, "thread_not_found", "thread");
    if (thread_.value()->moving == 0) return {};
    auto moving = refusal(ErrorCode::unavailable, "thread_moving", "thread");
    moving.retry_after_ms = soon_moved_ms;
    return moving;
}

Result<void> Place::open(const Actor& actor, Id room) const {
    if (auto open = not_archived(actor, room); !open) return open;
    if (thread().locked) return refusal(ErrorCode::forbidden, "thread_locked", "thread");
    const Roles writers = thread().write;
    if (!writers.empty() && !writers.intersects(actor.member.roles) && !moderates_room(actor, room)) {
        return refusal(ErrorCode::forbidden, "may_not_post_in_thread", "thread");
    }
    return {};
}

Result<void> Place::not_archived(const Actor& actor, Id room) const {
    return parts::not_archived(actor, room, room_.value());
}

void Place::expect(Decision& decision) const {
    decision.expectations.push_back(room_.expectation());
    decision.expectations.push_back(thread_.expectation());
}

Result<void> not_held(const Actor& actor, Id room, Id thread, std::string_view field) {
    if (!is_held(*actor.directory.room(room), thread)) return {};
    return refusal(ErrorCode::forbidden, "place_held", field);
}

Refusal no_message(std::string_view field) { return refusal(ErrorCode::not_found, "message_not_found", field); }

bool is_in(const Message* message, Id thread) { return message != nullptr && message->thread == thread; }

EarlierText earlier_text(const Actor& actor, Id room, Id id, const Message& before) {
    EarlierText earlier;
    earlier.room = room;
    earlier.thread = before.thread;
    earlier.message = id;
    earlier.author = before.author;
    earlier.text = before.text;
    earlier.replaced = actor.now;
    earlier.keep_until = actor.now + actor.limits.earlier_text_ms;
    return earlier;
}

Effect earlier_effect(const Actor& actor, std::string key, EarlierText earlier) {
    const Id forum = actor.directory.room(earlier.room)->forum;
    return {moderation_channel(forum), std::move(key), std::move(earlier), std::string(earlier_index)};
}

Message tombstone(const Actor& actor, const Message& before) {
    Message after = before;
    after.text.clear();
    after.mentions.clear();
    after.deleted = actor.now;
    return after;
}

void bury(Decision& decision, const Seen<Message>& message, const Seen<Reactions>& reactions, Id id,
          Message tombstone) {
    decision.expectations.push_back(message.expectation());
    decision.expectations.push_back(reactions.expectation());
    const std::string index = thread_index(tombstone.thread);
    decision.indexes = {{index, thread_index_member(id, tombstone.author), 0, true},
                        {index, thread_index_member(id, 0), id}};
    decision.writes = {{message.key, std::move(tombstone)}};
    if (reactions.value() != nullptr) decision.writes.push_back({reactions.key, std::monostate{}});
}

// The directory tells what is so. What the room's subscribers are told may be newer than this directory: then nothing
// is to come behind it.
Result<void> not_archived(const Actor& actor, Id room, const Room* told) {
    const RoomCard& card = *actor.directory.room(room);
    const bool meanwhile = told != nullptr && told->archived && told->as_of > told_of(actor.directory, card).as_of;
    if (is_archived(actor.directory, card) || meanwhile) return refusal(ErrorCode::forbidden, "room_archived", "room");
    return {};
}

Effect inbox_effect(const Actor& actor, Id member, InboxKind kind, Id room, Id thread, Id message) {
    InboxEntry entry;
    entry.kind = kind;
    entry.room = room;
    entry.thread = thread;
    entry.message = message;
    entry.author = actor.member.id;
    entry.created = actor.now;
    return {member_channel(member), message == 0 ? new_inbox_key(room) : inbox_key(room, message), entry,
            std::string(inbox_index)};
}

void tell_mentioned(Decision& decision, const Actor& actor, const std::vector<Id>& members, Id room, Id thread,
                    Id message) {
    for (const Id member : members) {
        if (member == actor.member.id) continue;
        decision.effects.push_back(inbox_effect(actor, member, InboxKind::mention, room, thread, message));
    }
}

std::uint64_t begin_report(Decision& decision, const View& view) {
    const Seen<ReportBook> queue(view, std::string(reports_key));
    ReportBook next = queue.value() == nullptr ? ReportBook{} : *queue.value();
    const auto number = ++next.last;
    decision.expectations.push_back(queue.expectation());
    decision.writes.push_back({queue.key, std::move(next)});
    decision.indexes.push_back({std::string(reports_index), report_key(number)});
    return number;
}

}  // namespace foorumi::forum::parts
