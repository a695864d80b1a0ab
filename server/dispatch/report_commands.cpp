// Reports and appeals, from the protocol's requests to the forum's.
#include "dispatch/commands.hpp"
#include "foorumi/v1/protocol.pb.h"

namespace foorumi::dispatch {
namespace {

forum::FileReport report_of(const v1::FileReport& asked) {
    forum::FileReport command;
    command.category = asked.category() >= 0 && asked.category() < 255
                           ? static_cast<forum::ReportCategory>(asked.category())
                           : forum::ReportCategory{};
    command.words = asked.words();
    if (asked.has_message()) {
        command.room = asked.message().room();
        command.message = asked.message().message();
    } else if (asked.has_member()) {
        command.forum = asked.member().forum();
        command.member = asked.member().member();
    }
    command.no_target = command.message == 0 && command.member == 0;
    return command;
}

forum::FileAppeal appeal_of(const v1::FileAppeal& asked) {
    forum::FileAppeal command;
    command.words = asked.words();
    command.room = asked.removal().room();
    command.message = asked.removal().message();
    command.no_target = command.message == 0;
    return command;
}

}  // namespace

std::optional<Command> report_command_of(const v1::Request& request) {
    switch (request.command_case()) {
        case v1::Request::kFileReport:
            return report_of(request.file_report());
        case v1::Request::kFileAppeal:
            return appeal_of(request.file_appeal());
        case v1::Request::kAssignReport: {
            const auto& c = request.assign_report();
            return forum::AssignReport{c.forum(), c.report(), c.member()};
        }
        case v1::Request::kNoteReport: {
            const auto& c = request.note_report();
            return forum::NoteReport{c.forum(), c.report(), c.text()};
        }
        case v1::Request::kResolveReport: {
            const auto& c = request.resolve_report();
            return forum::ResolveReport{c.forum(), c.report(), c.rejected(), c.words(), c.to_author()};
        }
        default:
            return std::nullopt;
    }
}

void aim(Command& command, const forum::Directory& directory) {
    const auto forum_of = [&](forum::Id room) {
        const auto* card = directory.room(room);
        return card == nullptr ? 0 : card->forum;
    };
    if (auto* report = std::get_if<forum::FileReport>(&command); report != nullptr && report->message != 0)
        report->forum = forum_of(report->room);
    if (auto* appeal = std::get_if<forum::FileAppeal>(&command)) appeal->forum = forum_of(appeal->room);
}

bool tells_version(const Command& command) {
    return !std::holds_alternative<forum::FileReport>(command) && !std::holds_alternative<forum::FileAppeal>(command);
}

}  // namespace foorumi::dispatch
