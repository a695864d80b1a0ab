// The changing commands: from the protocol's requests to the forum's, and what they are done to. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "forum/held.hpp"
#include "forum/moderation.hpp"
#include "forum/moves.hpp"
#include "forum/records.hpp"
#include "forum/reports.hpp"
#include "forum/rules.hpp"

namespace foorumi::v1 {
class Request;
}

namespace foorumi::dispatch {

using Command =
    std::variant<forum::StartThread, forum::PostMessage, forum::EditMessage, forum::DeleteMessage, forum::React,
                 forum::MarkRead, forum::SaveDraft, forum::SetWatch, forum::MarkInboxSeen, forum::LockThread,
                 forum::PinThread, forum::RestrictThread, forum::SetThreadState, forum::TagThread, forum::RenameThread,
                 forum::RemoveMessage, forum::RestoreMessage, forum::PurgeMessage, forum::MoveThread,
                 forum::SplitThread, forum::MergeThreads, forum::FileReport, forum::FileAppeal, forum::AssignReport,
                 forum::NoteReport, forum::ResolveReport, forum::ApproveHeld, forum::RejectHeld, forum::MarkSecrecy>;

// REQUIRES: the request holds one of the changing commands.
[[nodiscard]] Command command_of(const v1::Request& request);

// Of reports and appeals; nothing: another command.
[[nodiscard]] std::optional<Command> report_command_of(const v1::Request& request);

// Of held messages; the same.
[[nodiscard]] std::optional<Command> held_command_of(const v1::Request& request);

// A post, or a thread, as it is held; nothing: another command.
[[nodiscard]] std::optional<forum::HeldMessage> held_of(const forum::Actor& actor, const Command& command);

// Whether it is a post, or a thread: what may be held.
[[nodiscard]] bool is_post(const Command& command);

// What a new member writes of which there are limits; nothing: another command.
struct NewcomersText {
    forum::Id room = 0;
    std::string text;
    bool counts = false;  // it is a post, and not an edit
};
[[nodiscard]] std::optional<NewcomersText> newcomers_text(const Command& command);

// Fills in what a command does not name, by which its channel is found: the forum of a report's room. 0: there is no
// such room.
void aim(Command& command, const forum::Directory& directory);

// Whether who sends it may learn in which channel it was committed, and how much has happened there.
[[nodiscard]] bool tells_version(const Command& command);

// As the protocol calls it.
[[nodiscard]] std::string_view name_of(const Command& command);

// The channel that the command commits to.
[[nodiscard]] std::string channel_of(const Command& command, forum::Id member);

[[nodiscard]] forum::Result<void> check(const forum::Actor& actor, const Command& command);
[[nodiscard]] std::vector<std::string> needs(const forum::Actor& actor, const Command& command);
[[nodiscard]] forum::Result<forum::Decision> decide(const forum::Actor& actor, const Command& command,
                                                    const forum::View& view);

// Commands on a message name it alone; its thread is looked up first. Null for other commands.
struct MessageLookup {
    forum::Id room = 0;
    forum::Id message = 0;
    forum::Id* thread = nullptr;                     // to be filled in, unless null
    std::optional<forum::Message>* found = nullptr;  // the same: the message as it is
};
[[nodiscard]] std::optional<MessageLookup> message_lookup(Command& command);

// Commands in a member's channel that name a thread of a room: it is looked up there first.
struct ThreadLookup {
    forum::Id room = 0;
    forum::Id thread = 0;
};
[[nodiscard]] std::optional<ThreadLookup> thread_lookup(const Command& command);

// Commands that take all of a thread somewhere: how much that is.
struct MoveLookup {
    forum::Id thread = 0;
    std::size_t* found = nullptr;
};
[[nodiscard]] std::optional<MoveLookup> move_lookup(Command& command);

}  // namespace foorumi::dispatch
