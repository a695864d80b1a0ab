#include <algorithm>
#include <iterator>
#include <optional>

#include "forum/held.hpp"
#include "forum/rule_parts.hpp"
#include "forum/screening.hpp"
#include "forum/text.hpp"

namespace foorumi::forum {

using namespace parts;

namespace {

bool contains(const std::vector<Id>& ids, Id id) { return std::find(ids.begin(), ids.end(), id) != ids.end(); }

// The author of the message replied to learns of it, unless a mention told already.
void tell_replied(Decision& decision, const Actor& actor, const PostMessage& command, Id author,
                  const std::vector<Id>& mentions) {
    if (author == actor.member.id || contains(mentions, author)) return;
    const MemberCard* member = actor.directory.member(author);
    const ChannelName channel{ChannelKind::room, command.room};
    if (member == nullptr || !may_read(actor.directory, *member, channel, actor.now)) return;
    decision.effects.push_back(inbox_effect(actor, author, InboxKind::reply, command.room, command.thread, 0));
}

Message new_message(const Actor& actor, const PostMessage& command, const std::vector<Id>& mentions) {
    Message message;
    message.thread = command.thread;
    message.author = actor.member.id;
    message.badge = badge_of(actor.directory, actor.member);
    message.text = command.text;
    message.reply_to = command.reply_to;
    message.mentions = mentions;
    message.created = actor.now;
    return message;
}

Decision needing(std::string key) {
    Decision undecided;
    undecided.further = {std::move(key)};
    return undecided;
}

// Clocks of nodes differ, by less than this: a post that is further ahead was made by a clock that was wrong.
constexpr Millis clocks_differ = 60LL * 60 * 1000;

Result<void> slow_enough(const Actor& actor, const Thread& thread, const Pace* last) {
    if (last == nullptr || last->at - actor.now > clocks_differ) return {};
    const Millis wait = Millis{thread.slow_mode_s} * 1000 - (actor.now - last->at);
    if (thread.slow_mode_s == 0 || wait <= 0) return {};
    Refusal slow = refusal(ErrorCode::limited, "slow_mode", "thread");
    slow.retry_after_ms = static_cast<std::uint32_t>(wait);
    return slow;
}

// Whether the actor may change the message now: there, one's own, in an open place.
Result<void> changeable(const Actor& actor, Id room, const Place& place, const Message* message, Id thread) {
    if (auto exists = place.exists(); !exists) {
        return exists.error().reason == "thread_not_found" ? no_message("message") : exists.error();
    }
    if (!is_in(message, thread)) return no_message("message");
    if (message->author != actor.member.id) return refusal(ErrorCode::forbidden, "not_author", "message");
    return place.open(actor, room);
}

Message edited(const Actor& actor, const Message& before, const std::string& text, const std::vector<Id>& mentions) {
    Message after = before;
    after.text = text;
    after.mentions = mentions;
    after.edited = actor.now;
    ++after.edits;
    return after;
}

// The author's own mark goes with what it is about.
Message without_own_mark(Message message) {
    if (message.secrecy && !message.secrecy->by_moderators) message.secrecy.reset();
    return message;
}

Message deleted_by_author(const Actor& actor, const Message& removed) {
    Message after = without_own_mark(removed);
    after.author_deleted = actor.now;
    return after;
}

}  // namespace

Result<void> check(const Actor& actor, const PostMessage& command) {
    if (auto text = check_text(command.text, actor.limits.text_bytes, "text"); !text) return text;
    if (auto room = writable_room(actor, command.room); !room) return room.error();
    if (auto members = mentioned_members(actor, command.room, command.text); !members) return members.error();
    return {};
}

std::vector<std::string> needs(const Actor&, const PostMessage& command) {
    std::vector<std::string> keys{std::string(room_key), thread_key(command.thread)};
    if (command.reply_to != 0) keys.push_back(message_key(command.reply_to));
    return keys;
}

Result<Decision> decide(const Actor& actor, const PostMessage& command, const View& view) {
    const Place place(view, command.thread);
    if (auto exists = place.exists(); !exists) return exists.error();
    std::optional<Seen<Message>> replied;
    if (command.reply_to != 0) {
        replied.emplace(view, message_key(command.reply_to));
        if (!is_in(replied->value(), command.thread)) return no_message("reply_to");
    }
    if (auto open = place.open(actor, command.room); !open) return open.error();
    if (replied && replied->value()->deleted != 0) {
        return refusal(ErrorCode::forbidden, "reply_to_deleted", "reply_to");
    }
    auto mentions = mentioned_members(actor, command.room, command.text);
    if (!mentions) return mentions.error();
    const auto screened = screen(actor, command.room, {{command.text, "text"}});
    if (!screened) return screened.error();
    std::optional<Seen<Pace>> pace;
    if (place.thread().slow_mode_s > 0 && !moderates_room(actor, command.room)) {
        auto key = pace_key(command.thread, actor.member.id);
        if (!view.has(key)) return needing(std::move(key));
        pace.emplace(view, std::move(key));
        if (auto slow = slow_enough(actor, place.thread(), pace->value()); !slow) return slow.error();
    }

    if (screened->action == FilterAction::hold) return to_hold(actor, command, screened->patterns);
    Decision decision;
    place.expect(decision);
    if (replied) decision.expectations.push_back(replied->expectation());
    decision.writes = {{std::string(new_message_key), new_message(actor, command, *mentions)}};
    if (pace) {
        decision.expectations.push_back(pace->expectation());
        decision.writes.push_back({pace->key, Pace{actor.member.id, actor.now}});
    }
    decision.indexes = {{thread_index(command.thread), new_thread_index_member(actor.member.id)},
                        {std::string(threads_index), std::to_string(command.thread)}};
    tell_mentioned(decision, actor, *mentions, command.room, command.thread, 0);
    if (replied) tell_replied(decision, actor, command, replied->value()->author, *mentions);
    flag(decision, actor, command.room, command.thread, 0, *screened);
    return decision;
}

Result<void> check(const Actor& actor, const EditMessage& command) {
    return check(actor, PostMessage{command.room, 0, command.text});
}

std::vector<std::string> needs(const Actor&, const EditMessage& command) {
    return {std::string(room_key), thread_key(command.thread), message_key(command.message)};
}

Result<Decision> decide(const Actor& actor, const EditMessage& command, const View& view) {
    const Place place(view, command.thread);
    const Seen<Message> message(view, message_key(command.message));
    if (auto may = changeable(actor, command.room, place, message.value(), command.thread); !may) return may.error();
    const Message& before = *message.value();
    if (before.deleted != 0) return refusal(ErrorCode::forbidden, "message_deleted", "message");
    if (before.text == command.text) return Decision{};
    const auto screened = screen_present(actor, command.room, {{command.text, "text"}});
    if (!screened) return screened.error();
    if (before.edits >= actor.limits.edits) return refusal(ErrorCode::limited, "too_many_edits", "message");
    auto mentions = mentioned_members(actor, command.room, command.text);
    if (!mentions) return mentions.error();

    std::vector<Id> added;
    std::copy_if(mentions->begin(), mentions->end(), std::back_inserter(added),
                 [&before](Id member) { return !contains(before.mentions, member); });
    Decision decision;
    place.expect(decision);
    decision.expectations.push_back(message.expectation());
    decision.writes = {{message.key, edited(actor, before, command.text, *mentions)}};
    decision.effects = {earlier_effect(actor, earlier_key(command.room, command.message, before.edits + 1),
                                       earlier_text(actor, command.room, command.message, before))};
    tell_mentioned(decision, actor, added, command.room, command.thread, command.message);
    flag(decision, actor, command.room, command.thread, command.message, *screened);
    return decision;
}

Result<void> check(const Actor& actor, const DeleteMessage& command) {
    if (auto room = writable_room(actor, command.room); !room) return room.error();
    return {};
}

std::vector<std::string> needs(const Actor&, const DeleteMessage& command) {
    return {std::string(room_key), thread_key(command.thread), message_key(command.message),
            reactions_key(command.message)};
}

Result<Decision> decide(const Actor& actor, const DeleteMessage& command, const View& view) {
    const Place place(view, command.thread);
    const Seen<Message> message(view, message_key(command.message));
    const Seen<Reactions> reactions(view, reactions_key(command.message));
    if (auto may = changeable(actor, command.room, place, message.value(), command.thread); !may) return may.error();
    const Message& before = *message.value();
    if (before.author_deleted != 0 || (before.deleted != 0 && before.removed == 0)) return Decision{};

    Decision decision;
    place.expect(decision);
    if (before.removed != 0) {
        // Its text is with the moderators already; it is only not to come back.
        decision.expectations.push_back(message.expectation());
        decision.writes = {{message.key, deleted_by_author(actor, before)}};
        return decision;
    }
    bury(decision, message, reactions, command.message, without_own_mark(tombstone(actor, before)));
    auto earlier = earlier_text(actor, command.room, command.message, before);
    earlier.removed = true;
    auto key = earlier_key(command.room, command.message, before.edits + 1);
    decision.effects = {earlier_effect(actor, std::move(key), std::move(earlier))};
    return decision;
}

}  // namespace foorumi::forum
