#include <sodium.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "codec/entity_codec.hpp"
#include "directory/codec.hpp"
#include "dispatch/membership_job.hpp"
#include "foorumi/v1/protocol.pb.h"

namespace foorumi::dispatch {
namespace {

constexpr forum::Millis hour_ms = 60LL * 60 * 1000;

membership::Standing standing_of(const v1::Standing& asked) {
    membership::Standing standing;
    // A role that this server does not know stays one that no rule grants.
    for (const auto& grant : asked.grants())
        standing.grants.push_back({codec::role_from_proto(grant.role()).value_or(forum::Role{}), grant.term()});
    standing.municipality = asked.municipality();
    for (const auto& position : asked.positions()) standing.positions.push_back(codec::from_proto(position));
    standing.moderates.assign(asked.moderates().begin(), asked.moderates().end());
    standing.contact_for = asked.contact_for();
    return standing;
}

membership::Invite invite_of(const v1::Invite& asked) {
    return {asked.invitation(),           asked.name(), asked.handle(), asked.email(), standing_of(asked.standing()),
            asked.valid_hours() * hour_ms};
}

// What this server does not know stays something that it refuses.
forum::Roles roles_of(const google::protobuf::RepeatedField<int>& asked) {
    forum::Roles roles;
    for (const int number : asked) roles.add(codec::role_from_proto(number).value_or(forum::Role{}));
    return roles;
}

forum::Audience asked_audience(const v1::Audience& asked) {
    auto audience = directory::audience_from(asked);
    audience.read = roles_of(asked.read());
    audience.write = roles_of(asked.write());
    for (const int number : asked.sizes())
        if (std::ranges::none_of(forum::municipality_sizes, [&](auto size) { return codec::to_proto(size) == number; }))
            audience.sizes.add(static_cast<forum::MunicipalitySize>(forum::municipality_sizes.size()));
    return audience;
}

membership::SetAudience audience_of(const v1::SetAudience& asked) {
    membership::SetAudience command;
    command.forum = asked.forum();
    command.room = asked.room();
    if (asked.has_audience()) command.audience = asked_audience(asked.audience());
    command.exposes_history = asked.exposes_history();
    return command;
}

membership::CreateForum new_forum(const v1::CreateForum& asked) {
    membership::CreateForum command{{asked.slug(), asked.title(), asked.description()}, {}};
    if (asked.has_audience()) command.audience = asked_audience(asked.audience());
    return command;
}

membership::CreateRoom new_room(const v1::CreateRoom& asked) {
    membership::CreateRoom command{asked.forum(), {asked.slug(), asked.title(), asked.description()}, {}};
    if (asked.has_audience()) command.audience = asked_audience(asked.audience());
    return command;
}

membership::DescribePlace description_of(const v1::DescribePlace& asked) {
    membership::DescribePlace command{asked.forum(), asked.room(), {}, {}, {}};
    if (asked.has_slug()) command.slug = asked.slug();
    if (asked.has_title()) command.title = asked.title();
    if (asked.has_description()) command.description = asked.description();
    return command;
}

membership::SetFilter filter_of(const v1::SetFilter& asked) {
    membership::SetFilter command{asked.forum(), {}, asked.pattern(), {}};
    if (asked.kind() != v1::FILTER_KIND_UNSPECIFIED && v1::FilterKind_IsValid(asked.kind()))
        command.kind = static_cast<forum::FilterKind>(asked.kind());
    if (asked.action() != v1::FILTER_ACTION_UNSPECIFIED && v1::FilterAction_IsValid(asked.action()))
        command.action = static_cast<forum::FilterAction>(asked.action());
    return command;
}

// What this server does not know is as if nothing was said.
membership::EraseMember erasure_of(const v1::EraseMember& asked) {
    membership::EraseMember command{asked.member(), {}, {}};
    if (asked.content() == v1::ERASED_CONTENT_KEPT) command.removes_content = false;
    if (asked.content() == v1::ERASED_CONTENT_REMOVED) command.removes_content = true;
    return command;
}

}  // namespace

std::shared_ptr<MembershipJob> own_job(MembershipCommand command) {
    auto job = std::make_shared<MembershipJob>();
    job->command = std::move(command);
    randombytes_buf(job->change_id.data(), job->change_id.size());
    job->fingerprint = job->change_id;
    return job;
}

std::string_view name_of(const MembershipCommand& command) {
    // In the order of the variant.
    static constexpr std::array<std::string_view, std::variant_size_v<MembershipCommand>> names{
        "revoke_sessions", "end_sessions",    "sign_in",
        "sign_out",        "note_use",        "expire",
        "invite",          "issue_reset",     "withdraw_invitation",
        "accept",          "set_standing",    "put_term",
        "turn_terms",      "change_password", "set_second_factor",
        "set_audience",    "erase_member",    "keep_member",
        "erase",           "end_sweep",       "end_erasure",
        "sanction",        "lift_sanction",   "forget_sanctions",
        "create_forum",    "create_room",     "describe_place",
        "order_places",    "archive_place",   "set_filter",
        "lift_filter",     "set_hold",        "set_retention"};
    return names[command.index()];
}

MembershipCommand membership_command_of(const v1::Request& request) {
    switch (request.command_case()) {
        case v1::Request::kRevokeSessions: {
            const auto& asked = request.revoke_sessions();
            return membership::RevokeSessions{{asked.sessions().begin(), asked.sessions().end()}, asked.others()};
        }
        case v1::Request::kEndSessions:
            return membership::EndSessions{request.end_sessions().member()};
        case v1::Request::kInvite:
            return invite_of(request.invite());
        case v1::Request::kIssueReset:
            return membership::IssueReset{request.issue_reset().invitation(), request.issue_reset().member(),
                                          request.issue_reset().clears_second_factor()};
        case v1::Request::kWithdrawInvitation:
            return membership::WithdrawInvitation{request.withdraw_invitation().invitation()};
        case v1::Request::kSetStanding:
            return membership::SetStanding{request.set_standing().member(),
                                           standing_of(request.set_standing().standing())};
        case v1::Request::kPutTerm: {
            const auto& asked = request.put_term();
            return membership::PutTerm{asked.term(), asked.name(), asked.first_day(), asked.last_day()};
        }
        case v1::Request::kSetAudience:
            return audience_of(request.set_audience());
        case v1::Request::kCreateForum:
            return new_forum(request.create_forum());
        case v1::Request::kCreateRoom:
            return new_room(request.create_room());
        case v1::Request::kDescribePlace:
            return description_of(request.describe_place());
        case v1::Request::kOrderPlaces: {
            const auto& asked = request.order_places();
            return membership::OrderPlaces{asked.forum(), {asked.places().begin(), asked.places().end()}};
        }
        case v1::Request::kArchivePlace: {
            const auto& asked = request.archive_place();
            return membership::ArchivePlace{asked.forum(), asked.room(), asked.archived(), asked.reason()};
        }
        case v1::Request::kSetHold: {
            const auto& asked = request.set_hold();
            return membership::SetHold{asked.room(), asked.thread(), asked.held(), asked.reason()};
        }
        case v1::Request::kSetRetention:
            return membership::SetRetention{request.set_retention().room(), request.set_retention().days()};
        case v1::Request::kEraseMember:
            return erasure_of(request.erase_member());
        case v1::Request::kKeepMember:
            return membership::KeepMember{request.keep_member().member()};
        case v1::Request::kSanction: {
            const auto& asked = request.sanction();
            return membership::Sanction{asked.member(), codec::sanction_from_proto(asked.kind()),
                                        asked.forum(),  asked.until_ms(),
                                        asked.reason(), asked.appeal()};
        }
        case v1::Request::kSetFilter:
            return filter_of(request.set_filter());
        case v1::Request::kLiftFilter:
            return membership::LiftFilter{request.lift_filter().forum(), request.lift_filter().filter()};
        case v1::Request::kLiftSanction: {
            const auto& asked = request.lift_sanction();
            return membership::LiftSanction{asked.member(), asked.sanction(), asked.reason()};
        }
        default:
            throw std::logic_error("membership_command_of: the request is no act of membership");
    }
}

}  // namespace foorumi::dispatch
