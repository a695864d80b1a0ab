// What the audit log keeps of an act. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dispatch/membership_job.hpp"
#include "foorumi/v1/protocol.pb.h"
#include "forum/decision.hpp"

namespace foorumi::dispatch {

// An encoded v1::AuditRecord; empty where it is no act of power: what members do to themselves, and what only time does
// to sign-ins and invitations. Names, addresses and secrets are not in it.
// `sanction`, `filter`: that was imposed, set or lifted by it.
[[nodiscard]] std::string audit_record(const MembershipCommand& command, forum::Id actor, forum::Millis now,
                                       const std::optional<forum::Sanctioned>& sanction = std::nullopt,
                                       const std::optional<forum::Filter>& filter = std::nullopt);

// The same of an act in a channel of the forum's, that `name` calls.
[[nodiscard]] std::string audit_record(const forum::Act& act, std::string_view name, forum::Id actor,
                                       forum::Millis now);

void fill_standing(v1::Standing& out, const membership::Standing& standing);

}  // namespace foorumi::dispatch
