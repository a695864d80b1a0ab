#include <algorithm>

#include "forum/moves.hpp"
#include "forum/rule_parts.hpp"
#include "forum/text.hpp"

namespace foorumi::forum {

using namespace parts;

namespace {

Refusal in_field(Refusal refusal, std::string_view field) {
    refusal.field = field;
    return refusal;
}

// Sight, and the power.
Result<const RoomCard*> movable_room(const Actor& actor, Id room, std::string_view field) {
    const auto visible = visible_room(actor, room);
    if (!visible) return in_field(visible.error(), field);
    if (!moderates_room(actor, room)) return refusal(ErrorCode::forbidden, "moderators_only", field);
    return *visible;
}

std::vector<Id> ascending(std::vector<Id> ids) {
    std::ranges::sort(ids);
    const auto twice = std::ranges::unique(ids);
    ids.erase(twice.begin(), twice.end());
    return ids;
}

Result<void> few_enough(const Actor& actor, std::size_t messages, std::string_view field) {
    if (messages <= actor.limits.moved_messages) return {};
    return refusal(ErrorCode::limited, "too_many_messages", field);
}

// There, in a room that is not archived, and at rest.
Result<void> at_rest(const Actor& actor, Id room, const Place& place) {
    if (auto exists = place.exists(); !exists) return exists;
    return place.not_archived(actor, room);
}

// Within a room that is held all of it stays held; a hold of the thread's own has to find it where it stands, also when
// the room's is lifted.
Result<void> not_held_alone(const Actor& actor, Id room, Id thread) {
    const auto& holds = actor.directory.room(room)->holds;
    if (std::ranges::find(holds, thread) == holds.end()) return {};
    return refusal(ErrorCode::forbidden, "place_held", "thread");
}

void hold(const Actor& actor, const Place& place, Decision& decision) {
    place.expect(decision);
    Thread held = place.thread();
    held.moving = actor.now;
    decision.writes.push_back({place.thread_key(), std::move(held)});
}

// The thread is held, and what is to be done with it comes to the moderators' channel.
Decision begin_move(const Actor& actor, const Place& place, Move move) {
    Decision decision;
    hold(actor, place, decision);
    const Id forum = actor.directory.room(move.room)->forum;
    Act act;
    act.forum = forum;
    act.room = move.room;
    act.thread = move.thread;
    act.member = place.thread().author;
    act.to_room = move.to_room == move.room ? 0 : move.to_room;
    act.to_thread = move.to_thread;
    act.messages = move.messages;
    move.by = actor.member.id;
    move.at = actor.now;
    auto key = new_move_key(move.room, move.thread);
    decision.effects.push_back({moderation_channel(forum), std::move(key), std::move(move), std::string(moves_index)});
    decision.act = std::move(act);
    return decision;
}

}  // namespace

Result<void> check(const Actor& actor, const MoveThread& command) {
    if (command.room == command.to_room) return refusal(ErrorCode::invalid, "same_room", "to_room");
    const auto from = movable_room(actor, command.room, "room");
    if (!from) return from.error();
    const auto to = movable_room(actor, command.to_room, "to_room");
    if (!to) return to.error();
    if (!command.exposes_history && may_expose(actor.directory, **from, **to))
        return refusal(ErrorCode::forbidden, "audience_widens", "exposes_history");
    return {};
}

std::vector<std::string> needs(const Actor&, const MoveThread& command) {
    return {std::string(room_key), thread_key(command.thread)};
}

Result<Decision> decide(const Actor& actor, const MoveThread& command, const View& view) {
    const Place place(view, command.thread);
    if (auto rests = at_rest(actor, command.room, place); !rests) return rests.error();
    if (auto free = not_held(actor, command.room, command.thread, "thread"); !free) return free.error();
    if (is_archived(actor.directory, *actor.directory.room(command.to_room)))
        return refusal(ErrorCode::forbidden, "room_archived", "to_room");
    if (auto few = few_enough(actor, command.found, "thread"); !few) return few.error();
    auto decision = begin_move(
        actor, place,
        {.kind = MoveKind::move, .room = command.room, .thread = command.thread, .to_room = command.to_room});
    decision.act->exposes_history = command.exposes_history;
    return decision;
}

Result<void> check(const Actor& actor, const SplitThread& command) {
    if (auto title = check_title(command.title, actor.limits.title_bytes, "title"); !title) return title;
    if (command.messages.empty()) return refusal(ErrorCode::invalid, "messages_missing", "messages");
    if (auto few = few_enough(actor, command.messages.size(), "messages"); !few) return few;
    if (std::ranges::find(command.messages, command.thread) != command.messages.end())
        return refusal(ErrorCode::invalid, "first_message", "messages");
    if (auto room = movable_room(actor, command.room, "room"); !room) return room.error();
    return {};
}

std::vector<std::string> needs(const Actor&, const SplitThread& command) {
    std::vector<std::string> keys{std::string(room_key), thread_key(command.thread)};
    for (const Id message : ascending(command.messages)) keys.push_back(message_key(message));
    return keys;
}

Result<Decision> decide(const Actor& actor, const SplitThread& command, const View& view) {
    const Place place(view, command.thread);
    if (auto rests = at_rest(actor, command.room, place); !rests) return rests.error();
    if (auto free = not_held_alone(actor, command.room, command.thread); !free) return free.error();
    Move move{.kind = MoveKind::split,
              .room = command.room,
              .thread = command.thread,
              .to_room = command.room,
              .messages = ascending(command.messages),
              .title = command.title};
    for (const Id id : move.messages) {
        const Seen<Message> message(view, message_key(id));
        if (!is_in(message.value(), command.thread)) return no_message("messages");
    }
    // A thread that was split off has no message with its own number; something stays in it all the same.
    if (move.messages.size() >= command.found) return refusal(ErrorCode::invalid, "first_message", "messages");
    return begin_move(actor, place, std::move(move));
}

Result<void> check(const Actor& actor, const MergeThreads& command) {
    if (command.thread == command.into) return refusal(ErrorCode::invalid, "same_thread", "into");
    if (auto room = movable_room(actor, command.room, "room"); !room) return room.error();
    return {};
}

std::vector<std::string> needs(const Actor&, const MergeThreads& command) {
    return {std::string(room_key), thread_key(command.thread), thread_key(command.into)};
}

Result<Decision> decide(const Actor& actor, const MergeThreads& command, const View& view) {
    const Place place(view, command.thread);
    const Place into(view, command.into);
    if (auto rests = at_rest(actor, command.room, place); !rests) return rests.error();
    if (auto rests = at_rest(actor, command.room, into); !rests) return in_field(rests.error(), "into");
    if (auto free = not_held_alone(actor, command.room, command.thread); !free) return free.error();
    if (auto few = few_enough(actor, command.found, "thread"); !few) return few.error();
    auto decision = begin_move(actor, place,
                               {.kind = MoveKind::merge,
                                .room = command.room,
                                .thread = command.thread,
                                .to_room = command.room,
                                .to_thread = command.into});
    hold(actor, into, decision);
    return decision;
}

}  // namespace foorumi::forum
