#include "dispatch/commands.hpp"

#include <stdexcept>

#include "codec/entity_codec.hpp"
#include "foorumi/v1/protocol.pb.h"
#include "forum/keys.hpp"
#include "names/unicode_forms.hpp"

namespace foorumi::dispatch {

using namespace std::string_view_literals;

namespace {

template <class... Fs>
struct Overloaded : Fs... {
    using Fs::operator()...;
};

// Numbers of a later protocol must not wrap around into one that exists.
template <class Enum>
Enum enum_of(int number) {
    constexpr auto unknown = static_cast<Enum>(255);
    return number >= 0 && number < 255 ? static_cast<Enum>(number) : unknown;
}

forum::RestrictThread restriction_of(const v1::RestrictThread& asked) {
    forum::RestrictThread command{asked.room(), asked.thread(), asked.slow_mode_s()};
    for (const int number : asked.write()) {
        const auto role = codec::role_from_proto(number);
        if (role)
            command.write.add(*role);
        else
            command.role_unknown = true;
    }
    return command;
}

// Folding takes long of what is long: what is beyond every configuration is not folded.
forum::TagThread tags_of(const v1::TagThread& asked) {
    constexpr int most_tags = 200;
    constexpr std::size_t most_bytes = 4'000;
    forum::TagThread command{asked.room(), asked.thread(), {}};
    command.too_many = asked.tags_size() > most_tags;
    command.too_long = std::ranges::any_of(asked.tags(), [](const auto& tag) { return tag.size() > most_bytes; });
    if (command.too_many || command.too_long) return command;
    for (const auto& tag : asked.tags()) command.tags.push_back(names::lookup_form(tag));
    return command;
}

}  // namespace

Command command_of(const v1::Request& request) {
    switch (request.command_case()) {
        case v1::Request::kStartThread: {
            const auto& c = request.start_thread();
            return forum::StartThread{c.room(), c.title(), c.text()};
        }
        case v1::Request::kPostMessage: {
            const auto& c = request.post_message();
            return forum::PostMessage{c.room(), c.thread(), c.text(), c.reply_to()};
        }
        case v1::Request::kEditMessage: {
            forum::EditMessage command;
            command.room = request.edit_message().room();
            command.message = request.edit_message().message();
            command.text = request.edit_message().text();
            return command;
        }
        case v1::Request::kDeleteMessage: {
            forum::DeleteMessage command;
            command.room = request.delete_message().room();
            command.message = request.delete_message().message();
            return command;
        }
        case v1::Request::kReact: {
            forum::React command;
            command.room = request.react().room();
            command.message = request.react().message();
            command.emoji = request.react().emoji();
            command.remove = request.react().remove();
            return command;
        }
        case v1::Request::kMarkRead: {
            const auto& c = request.mark_read();
            return forum::MarkRead{c.room(), c.thread(), c.to()};
        }
        case v1::Request::kSaveDraft: {
            const auto& c = request.save_draft();
            return forum::SaveDraft{c.room(), c.thread(), c.text(), c.title()};
        }
        case v1::Request::kSetWatch: {
            const auto& c = request.set_watch();
            return forum::SetWatch{c.room(), c.thread(), enum_of<forum::WatchLevel>(c.level())};
        }
        case v1::Request::kMarkInboxSeen: {
            const auto& c = request.mark_inbox_seen();
            return forum::MarkInboxSeen{c.room(), c.message(), c.act()};
        }
        case v1::Request::kRemoveMessage: {
            const auto& c = request.remove_message();
            return forum::RemoveMessage{c.room(), c.message(), c.reason()};
        }
        case v1::Request::kRestoreMessage: {
            const auto& c = request.restore_message();
            return forum::RestoreMessage{c.room(), c.message()};
        }
        case v1::Request::kPurgeMessage: {
            const auto& c = request.purge_message();
            return forum::PurgeMessage{c.room(), c.message(), c.reason()};
        }
        case v1::Request::kMarkSecrecy: {
            const auto& c = request.mark_secrecy();
            return forum::MarkSecrecy{c.room(), c.message(), c.marked(), c.ground()};
        }
        case v1::Request::kMoveThread: {
            const auto& c = request.move_thread();
            return forum::MoveThread{c.room(), c.thread(), c.to_room(), c.exposes_history()};
        }
        case v1::Request::kSplitThread: {
            const auto& c = request.split_thread();
            return forum::SplitThread{c.room(), c.thread(), {c.messages().begin(), c.messages().end()}, c.title()};
        }
        case v1::Request::kMergeThreads: {
            const auto& c = request.merge_threads();
            return forum::MergeThreads{c.room(), c.thread(), c.into()};
        }
        case v1::Request::kLockThread: {
            const auto& c = request.lock_thread();
            return forum::LockThread{c.room(), c.thread(), c.locked(), c.reason()};
        }
        case v1::Request::kPinThread: {
            const auto& c = request.pin_thread();
            return forum::PinThread{c.room(), c.thread(), c.until_ms(), c.announcement(), c.unpin()};
        }
        case v1::Request::kRestrictThread:
            return restriction_of(request.restrict_thread());
        case v1::Request::kSetThreadState: {
            const auto& c = request.set_thread_state();
            return forum::SetThreadState{c.room(), c.thread(), enum_of<forum::ThreadState>(c.state())};
        }
        case v1::Request::kTagThread:
            return tags_of(request.tag_thread());
        case v1::Request::kRenameThread: {
            const auto& c = request.rename_thread();
            return forum::RenameThread{c.room(), c.thread(), c.title()};
        }
        default:
            break;
    }
    if (auto command = report_command_of(request)) return std::move(*command);
    if (auto command = held_command_of(request)) return std::move(*command);
    throw std::logic_error("command_of: the request changes nothing");
}

std::string_view name_of(const Command& command) {
    return std::visit(Overloaded{[](const forum::StartThread&) { return "start_thread"sv; },
                                 [](const forum::PostMessage&) { return "post_message"sv; },
                                 [](const forum::EditMessage&) { return "edit_message"sv; },
                                 [](const forum::DeleteMessage&) { return "delete_message"sv; },
                                 [](const forum::React&) { return "react"sv; },
                                 [](const forum::MarkRead&) { return "mark_read"sv; },
                                 [](const forum::SaveDraft&) { return "save_draft"sv; },
                                 [](const forum::SetWatch&) { return "set_watch"sv; },
                                 [](const forum::MarkInboxSeen&) { return "mark_inbox_seen"sv; },
                                 [](const forum::LockThread&) { return "lock_thread"sv; },
                                 [](const forum::PinThread&) { return "pin_thread"sv; },
                                 [](const forum::RestrictThread&) { return "restrict_thread"sv; },
                                 [](const forum::SetThreadState&) { return "set_thread_state"sv; },
                                 [](const forum::TagThread&) { return "tag_thread"sv; },
                                 [](const forum::RenameThread&) { return "rename_thread"sv; },
                                 [](const forum::RemoveMessage&) { return "remove_message"sv; },
                                 [](const forum::RestoreMessage&) { return "restore_message"sv; },
                                 [](const forum::PurgeMessage&) { return "purge_message"sv; },
                                 [](const forum::MoveThread&) { return "move_thread"sv; },
                                 [](const forum::SplitThread&) { return "split_thread"sv; },
                                 [](const forum::MergeThreads&) { return "merge_threads"sv; },
                                 [](const forum::FileReport&) { return "file_report"sv; },
                                 [](const forum::FileAppeal&) { return "file_appeal"sv; },
                                 [](const forum::AssignReport&) { return "assign_report"sv; },
                                 [](const forum::NoteReport&) { return "note_report"sv; },
                                 [](const forum::ResolveReport&) { return "resolve_report"sv; },
                                 [](const forum::ApproveHeld&) { return "approve_held"sv; },
                                 [](const forum::RejectHeld&) { return "reject_held"sv; },
                                 [](const forum::MarkSecrecy&) { return "mark_secrecy"sv; }},
                      command);
}

std::string channel_of(const Command& command, forum::Id member) {
    return std::visit(Overloaded{[&](const forum::MarkRead&) { return forum::member_channel(member); },
                                 [&](const forum::SaveDraft&) { return forum::member_channel(member); },
                                 [&](const forum::SetWatch&) { return forum::member_channel(member); },
                                 [&](const forum::MarkInboxSeen&) { return forum::member_channel(member); },
                                 [](const forum::FileReport& c) { return forum::moderation_channel(c.forum); },
                                 [](const forum::FileAppeal& c) { return forum::moderation_channel(c.forum); },
                                 [](const forum::AssignReport& c) { return forum::moderation_channel(c.forum); },
                                 [](const forum::NoteReport& c) { return forum::moderation_channel(c.forum); },
                                 [](const forum::ResolveReport& c) { return forum::moderation_channel(c.forum); },
                                 [](const forum::ApproveHeld& c) { return forum::moderation_channel(c.forum); },
                                 [](const forum::RejectHeld& c) { return forum::moderation_channel(c.forum); },
                                 [](const auto& in_room) { return forum::room_channel(in_room.room); }},
                      command);
}

forum::Result<void> check(const forum::Actor& actor, const Command& command) {
    return std::visit([&](const auto& c) { return forum::check(actor, c); }, command);
}

std::vector<std::string> needs(const forum::Actor& actor, const Command& command) {
    return std::visit([&](const auto& c) { return forum::needs(actor, c); }, command);
}

forum::Result<forum::Decision> decide(const forum::Actor& actor, const Command& command, const forum::View& view) {
    return std::visit([&](const auto& c) { return forum::decide(actor, c, view); }, command);
}

std::optional<MessageLookup> message_lookup(Command& command) {
    using Found = std::optional<MessageLookup>;
    return std::visit(
        Overloaded{[](forum::EditMessage& c) { return Found(MessageLookup{c.room, c.message, &c.thread}); },
                   [](forum::DeleteMessage& c) { return Found(MessageLookup{c.room, c.message, &c.thread}); },
                   [](forum::React& c) { return Found(MessageLookup{c.room, c.message, &c.thread}); },
                   [](forum::RemoveMessage& c) { return Found(MessageLookup{c.room, c.message, &c.thread}); },
                   [](forum::RestoreMessage& c) { return Found(MessageLookup{c.room, c.message, &c.thread}); },
                   [](forum::PurgeMessage& c) { return Found(MessageLookup{c.room, c.message, &c.thread}); },
                   [](forum::MarkSecrecy& c) { return Found(MessageLookup{c.room, c.message, &c.thread}); },
                   [](forum::FileReport& c) {
                       return c.message == 0 ? Found() : Found(MessageLookup{c.room, c.message, nullptr, &c.found});
                   },
                   [](forum::FileAppeal& c) { return Found(MessageLookup{c.room, c.message, nullptr, &c.found}); },
                   [](auto&) { return Found(); }},
        command);
}

std::optional<ThreadLookup> thread_lookup(const Command& command) {
    using Found = std::optional<ThreadLookup>;
    return std::visit(Overloaded{[](const forum::MarkRead& c) { return Found(ThreadLookup{c.room, c.thread}); },
                                 [](const forum::SaveDraft& c) {
                                     return c.thread == 0 ? Found() : Found(ThreadLookup{c.room, c.thread});
                                 },
                                 [](const forum::SetWatch& c) { return Found(ThreadLookup{c.room, c.thread}); },
                                 [](const auto&) { return Found(); }},
                      command);
}

std::optional<MoveLookup> move_lookup(Command& command) {
    using Found = std::optional<MoveLookup>;
    return std::visit(Overloaded{[](forum::MoveThread& c) { return Found(MoveLookup{c.thread, &c.found}); },
                                 [](forum::SplitThread& c) { return Found(MoveLookup{c.thread, &c.found}); },
                                 [](forum::MergeThreads& c) { return Found(MoveLookup{c.thread, &c.found}); },
                                 [](auto&) { return Found(); }},
                      command);
}

}  // namespace foorumi::dispatch
