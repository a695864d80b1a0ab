#include "forum/records.hpp"
#include "forum/rule_parts.hpp"
#include "forum/text.hpp"

namespace foorumi::forum {

using namespace parts;

namespace {

// Whether somebody who may write there does it as the author, for whom the place has to be open; nothing: as a
// moderator.
Result<bool> marks_as_author(const Actor& actor, Id room, const Place& place, const Message& message) {
    const bool own = message.author == actor.member.id;
    const bool moderates = moderates_room(actor, room);
    if (!own && !moderates) return refusal(ErrorCode::forbidden, "moderators_only", "message");
    if (!own) return false;
    const auto& card = *actor.directory.room(room);
    Result<void> may = place.open(actor, room);
    if (may && !may_write(actor.directory, actor.member, card, actor.now))
        may = refusal(ErrorCode::forbidden, why_not_write(actor.member, card, actor.now), "room");
    if (may) return true;
    if (moderates) return false;
    return may.error();
}

// The ground of a tombstone is read by everybody, so moderators change it, and take it away for good where no text can
// come back.
bool marks_tombstone(const Actor& actor, const MarkSecrecy& command, const Message& message) {
    const bool for_good = message.purged != 0 || message.expired_days != 0;
    return moderates_room(actor, command.room) && !(for_good && command.marked);
}

void tell_of_mark(Decision& decision, const Actor& actor, const MarkSecrecy& command, const Message& message) {
    if (message.author == actor.member.id) return;
    InboxEntry entry;
    entry.kind = command.marked ? InboxKind::secrecy_marked : InboxKind::secrecy_lifted;
    entry.room = command.room;
    entry.thread = message.thread;
    entry.message = command.message;
    entry.created = actor.now;
    entry.reason = command.ground;
    decision.effects.push_back({member_channel(message.author), new_act_inbox_key(command.room, command.message), entry,
                                std::string(inbox_index)});
}

bool is_marked_so(const Message& message, const MarkSecrecy& command, bool own) {
    if (!command.marked) return !message.secrecy;
    return message.secrecy && message.secrecy->ground == command.ground && message.secrecy->by_moderators == !own;
}

}  // namespace

Result<void> check(const Actor& actor, const MarkSecrecy& command) {
    const auto limit = actor.limits.reason_bytes;
    auto ground = command.marked ? check_text(command.ground, limit, "ground")  //
                                 : check_draft(command.ground, limit, "ground");
    if (!ground) return ground;
    if (auto visible = visible_room(actor, command.room); !visible) return visible.error();
    return {};
}

std::vector<std::string> needs(const Actor&, const MarkSecrecy& command) {
    return {std::string(room_key), thread_key(command.thread), message_key(command.message)};
}

Result<Decision> decide(const Actor& actor, const MarkSecrecy& command, const View& view) {
    const Place place(view, command.thread);
    const Seen<Message> message(view, message_key(command.message));
    if (auto exists = place.exists(); !exists)
        return exists.error().reason == "thread_not_found" ? no_message("message") : exists.error();
    if (!is_in(message.value(), command.thread)) return no_message("message");
    const Message& before = *message.value();
    auto own = marks_as_author(actor, command.room, place, before);
    if (!own) return own.error();
    if (before.deleted != 0) {
        if (!marks_tombstone(actor, command, before))
            return refusal(ErrorCode::forbidden, "message_deleted", "message");
        own = false;
    }
    // What the moderators have marked they leave marked as theirs, also on their own messages.
    const bool of_moderators = before.secrecy && before.secrecy->by_moderators;
    if (*own && of_moderators) {
        if (!moderates_room(actor, command.room))
            return refusal(ErrorCode::forbidden, "secrecy_by_moderators", "message");
        own = false;
    }
    if (is_marked_so(before, command, *own)) return Decision{};

    Message after = before;
    after.secrecy.reset();
    if (command.marked) after.secrecy = Secrecy{command.ground, actor.now, !*own};
    Decision decision;
    place.expect(decision);
    decision.expectations.push_back(message.expectation());
    decision.writes = {{message.key, std::move(after)}};
    if (*own) return decision;
    tell_of_mark(decision, actor, command, before);
    Act act;
    act.name = command.marked ? "mark_secrecy" : "lift_secrecy";
    act.forum = actor.directory.room(command.room)->forum;
    act.room = command.room;
    act.thread = before.thread;
    act.message = command.message;
    act.member = before.author;
    act.reason = command.ground;
    decision.act = std::move(act);
    return decision;
}

Result<void> check(const Actor& actor, const ExportRecords& command) {
    if (auto visible = visible_room(actor, command.room); !visible) return visible.error();
    if (!moderates_room(actor, command.room)) return refusal(ErrorCode::forbidden, "moderators_only", "room");
    return {};
}

Act act_of(const Actor& actor, const ExportRecords& command) {
    Act act;
    act.forum = actor.directory.room(command.room)->forum;
    act.room = command.room;
    act.thread = command.thread;
    act.public_copy = command.public_copy;
    return act;
}

}  // namespace foorumi::forum
