#include "forum/held.hpp"
#include "forum/rule_parts.hpp"
#include "forum/screening.hpp"
#include "forum/text.hpp"

namespace foorumi::forum {

using namespace parts;

Result<void> check(const Actor& actor, const StartThread& command) {
    if (auto title = check_title(command.title, actor.limits.title_bytes, "title"); !title) return title;
    if (auto text = check_text(command.text, actor.limits.text_bytes, "text"); !text) return text;
    if (auto room = writable_room(actor, command.room); !room) return room.error();
    if (auto members = mentioned_members(actor, command.room, command.text); !members) return members.error();
    return {};
}

std::vector<std::string> needs(const Actor&, const StartThread&) { return {std::string(room_key)}; }

Result<Decision> decide(const Actor& actor, const StartThread& command, const View& view) {
    const Seen<Room> room(view, std::string(room_key));
    if (auto open = not_archived(actor, command.room, room.value()); !open) return open.error();
    auto mentions = mentioned_members(actor, command.room, command.text);
    if (!mentions) return mentions.error();
    const auto screened = screen(actor, command.room, {{command.title, "title"}, {command.text, "text"}});
    if (!screened) return screened.error();
    if (screened->action == FilterAction::hold) return to_hold(actor, command, screened->patterns);

    const Id author = actor.member.id;
    Thread thread{command.title, author, badge_of(actor.directory, actor.member), actor.now};
    Message message;
    message.author = author;
    message.badge = thread.badge;
    message.text = command.text;
    message.mentions = *mentions;
    message.created = actor.now;

    Decision decision;
    decision.expectations = {room.expectation()};
    decision.writes = {{std::string(new_thread_key), std::move(thread)},
                       {std::string(new_message_key), std::move(message), true}};
    decision.indexes = {{std::string(new_thread_index), new_thread_index_member(author)},
                        {std::string(threads_index), "@"}};
    tell_mentioned(decision, actor, *mentions, command.room, 0, 0);
    flag(decision, actor, command.room, 0, 0, *screened);
    return decision;
}

}  // namespace foorumi::forum
