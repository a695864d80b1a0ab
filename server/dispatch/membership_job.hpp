// An act of membership on its way through the directory's home. Thread: that worker.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "dispatch/change_job.hpp"
#include "membership/filters.hpp"
#include "membership/holds.hpp"
#include "membership/places.hpp"
#include "membership/rules.hpp"
#include "membership/sanctions.hpp"

namespace foorumi::v1 {
class Request;
}

namespace foorumi::dispatch {

using MembershipCommand =
    std::variant<membership::RevokeSessions, membership::EndSessions, membership::SignIn, membership::SignOut,
                 membership::TouchSessions, membership::ExpireAll, membership::Invite, membership::IssueReset,
                 membership::WithdrawInvitation, membership::Accept, membership::SetStanding, membership::PutTerm,
                 membership::TurnTerms, membership::ChangePassword, membership::SetSecondFactor,
                 membership::SetAudience, membership::EraseMember, membership::KeepMember, membership::Erase,
                 membership::EndSweep, membership::EndErasure, membership::Sanction, membership::LiftSanction,
                 membership::ForgetSanctions, membership::CreateForum, membership::CreateRoom,
                 membership::DescribePlace, membership::OrderPlaces, membership::ArchivePlace, membership::SetFilter,
                 membership::LiftFilter, membership::SetHold, membership::SetRetention>;

// REQUIRES: the request holds one of the commands of membership.
[[nodiscard]] MembershipCommand membership_command_of(const v1::Request& request);

// As the protocol, or what takes its place, calls it; for logs.
[[nodiscard]] std::string_view name_of(const MembershipCommand& command);

struct MembershipJob {
    MembershipCommand command;
    forum::Id member = 0;    // who acts; 0: the operator
    std::string token_hash;  // of the session that asks; empty: none that could be revoked
    bool pending = false;    // that session may be one that waits for the second factor
    store::ChangeId change_id{};
    store::Fingerprint fingerprint{};
    std::int64_t made_at_ms = 0;
    forum::Millis now = 0;                   // when it is done, of all its tries; 0: when it comes home
    std::function<void(ChangeResult)> done;  // called once, through answer()

    std::chrono::steady_clock::time_point deadline;  // its home's note

    void answer(ChangeResult result) {
        if (const auto first = std::exchange(done, nullptr)) first(std::move(result));
    }
};

// An act that the server makes itself, under a new change id: by the operator, unless the caller says otherwise.
[[nodiscard]] std::shared_ptr<MembershipJob> own_job(MembershipCommand command);

}  // namespace foorumi::dispatch
