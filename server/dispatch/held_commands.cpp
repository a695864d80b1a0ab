// Posts that may be held, and what becomes of them: from the protocol's requests to the forum's.
#include "dispatch/commands.hpp"
#include "foorumi/v1/protocol.pb.h"

namespace foorumi::dispatch {

std::optional<Command> held_command_of(const v1::Request& request) {
    switch (request.command_case()) {
        case v1::Request::kApproveHeld:
            return forum::ApproveHeld{request.approve_held().forum(), request.approve_held().held()};
        case v1::Request::kRejectHeld: {
            const auto& c = request.reject_held();
            return forum::RejectHeld{c.forum(), c.held(), c.reason()};
        }
        default:
            return std::nullopt;
    }
}

std::optional<forum::HeldMessage> held_of(const forum::Actor& actor, const Command& command) {
    if (const auto* post = std::get_if<forum::PostMessage>(&command)) return forum::held_of(actor, *post);
    if (const auto* start = std::get_if<forum::StartThread>(&command)) return forum::held_of(actor, *start);
    return std::nullopt;
}

bool is_post(const Command& command) {
    return std::holds_alternative<forum::PostMessage>(command) || std::holds_alternative<forum::StartThread>(command);
}

std::optional<NewcomersText> newcomers_text(const Command& command) {
    if (const auto* post = std::get_if<forum::PostMessage>(&command))
        return NewcomersText{post->room, post->text, true};
    if (const auto* start = std::get_if<forum::StartThread>(&command))
        return NewcomersText{start->room, start->text, true};
    if (const auto* edit = std::get_if<forum::EditMessage>(&command))
        return NewcomersText{edit->room, edit->text, false};
    return std::nullopt;
}

}  // namespace foorumi::dispatch
