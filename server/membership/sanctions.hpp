// The rules of sanctions: what is done to members who do not keep the rules, in a forum or everywhere. Pure, as those
// of rules.hpp. What a sanction that is in force keeps a member from, forum/access.hpp says.
//
// All sanctions of a member stand in one entity, so that a decision sees them all. All are fenced: when they are
// acknowledged no node lets the member do, or get, what they are kept from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "membership/rules.hpp"

namespace foorumi::v1 {
class SanctionRecord;
}

namespace foorumi::membership {

[[nodiscard]] std::string sanctions_key(forum::Id member);

// By moderators of the forum, of members who do not moderate it, and by administrators. Takes the place of one of the
// same effect that is in force at the same place. Shut out from everything, the member loses all sign-ins.
struct Sanction {
    forum::Id member = 0;
    std::optional<forum::SanctionKind> kind;  // nothing: one that this server does not know
    forum::Id forum = 0;                      // 0: everywhere
    forum::Millis until = 0;                  // 0: until it is lifted
    std::string reason;
    std::string appeal;  // empty: as the configuration says
};
// By who may sanction the member there. Ends it; of a warning: withdraws it.
struct LiftSanction {
    forum::Id member = 0;
    std::uint64_t sanction = 0;  // its number
    std::string reason;
};
// Takes away what was kept long enough. By the operator.
struct ForgetSanctions {
    std::vector<forum::Id> members;
};
// Members of whom there is something to forget, at most `limit`.
[[nodiscard]] std::vector<forum::Id> sanctions_to_forget(const Actor& actor, std::size_t limit);

// Further refusals, by code (field in parentheses): INVALID sanction_unknown (kind), until_missing, until_not_allowed,
// until_in_past, sanction_too_long (until_ms), and those of texts (reason, appeal). NOT_FOUND sanction_not_found
// (sanction). FORBIDDEN moderators_only (forum), own_sanction, member_moderates, last_administrator (member),
// sanction_over (sanction). LIMITED too_many_sanctions (member).
[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const Sanction& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const Sanction& command, const View& view);
[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const LiftSanction& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const LiftSanction& command, const View& view);
[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const ForgetSanctions& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const ForgetSanctions& command, const View& view);

// Why a member cannot sign in, FORBIDDEN member_suspended or member_banned; nothing: they can. Only for who has shown
// the password.
[[nodiscard]] std::optional<forum::Refusal> shut_out(const forum::MemberCard& member, forum::Millis now);

// Whether the sanction is in force by this clock. A warning never is.
[[nodiscard]] bool is_in_force(const v1::SanctionRecord& sanction, forum::Millis now);
// Whether it keeps its member from signing in.
[[nodiscard]] bool shuts_out_everywhere(const v1::SanctionRecord& sanction, forum::Millis now);

// Who is told of sanctions of `member`: refuses who is told of nobody's (FORBIDDEN moderators_only), and where there is
// no such member.
[[nodiscard]] forum::Result<void> may_list_sanctions(const directory::Snapshot& directory,
                                                     const forum::MemberCard& viewer, forum::Id member,
                                                     forum::Millis now);
// Whether this one is among what the viewer is told of. REQUIRES: may_list_sanctions().
[[nodiscard]] bool may_see_sanction(const directory::Snapshot& directory, const forum::MemberCard& viewer,
                                    forum::Id member, const v1::SanctionRecord& sanction, forum::Millis now);

}  // namespace foorumi::membership
