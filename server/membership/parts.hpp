// What several rules of membership need. Internal to membership/.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "foorumi/v1/stored.pb.h"
#include "membership/rules.hpp"

namespace foorumi::membership {

using forum::ErrorCode;
using forum::Refusal;

using Keys = forum::Result<std::vector<std::string>>;

inline const Refusal session_gone{ErrorCode::unauthenticated, "token_invalid", "", 0};
inline const Refusal wrong_credentials{ErrorCode::unauthenticated, "credentials_invalid", "", 0};

[[nodiscard]] inline Refusal invalid(std::string_view reason, std::string_view field) {
    return {ErrorCode::invalid, std::string(reason), std::string(field), 0};
}
[[nodiscard]] inline Refusal not_found(std::string_view reason, std::string_view field) {
    return {ErrorCode::not_found, std::string(reason), std::string(field), 0};
}
[[nodiscard]] inline Refusal forbidden(std::string_view reason, std::string_view field = {}) {
    return {ErrorCode::forbidden, std::string(reason), std::string(field), 0};
}
[[nodiscard]] inline Refusal limited(std::string_view reason, std::string_view field) {
    return {ErrorCode::limited, std::string(reason), std::string(field), 0};
}

[[nodiscard]] inline Refusal conflict(std::string_view reason, std::string_view field) {
    return {ErrorCode::conflict, std::string(reason), std::string(field), 0};
}

// The stored entity; throws std::runtime_error where its bytes cannot be read. Nothing set: there is none.
[[nodiscard]] v1::DirectoryEntity entity_at(const View& view, std::string_view key);

// The member who acts. Null: the operator.
[[nodiscard]] const forum::MemberCard* card_of(const Actor& actor);
// Whether the actor may do what administrators do: the operator, and administrators who are not muted everywhere.
[[nodiscard]] bool is_administrator(const Actor& actor);
// The same of contact persons.
[[nodiscard]] bool is_contact(const Actor& actor);
// A refusal to an administrator who is kept from the forum, `as_if_absent`, or muted there.
[[nodiscard]] forum::Result<void> not_restrained_in(const Actor& actor, forum::Id forum, const Refusal& as_if_absent);

// Whether the actor may do to members, and to what they write, in the forum; 0: everywhere. Of one who may not read the
// forum nothing is told of it: NOT_FOUND forum_not_found. FORBIDDEN moderators_only, administrators_only.
[[nodiscard]] forum::Result<void> check_power_in(const Actor& actor, forum::Id forum);

// The stored member; nothing where there is none.
[[nodiscard]] std::optional<v1::StoredMember> member_at(const View& view, forum::Id member);
void put_member(forum::Id member, const v1::StoredMember& stored, Decision& decision);

// Ends a member's sign-ins at once, however many there are, but for the one with this hash (empty: none). REQUIRES: the
// caller puts `member`, and needs the spared one.
void end_sessions(const View& view, std::string_view spared, v1::StoredMember& member, Decision& decision);

// Uses what was shown up: false where it was used before. Nothing shown is nothing used.
[[nodiscard]] bool use_second_factor(const ShownFactor& shown, v1::StoredSecret& secret);

// A new sign-in of `member`; 0: of the member that the commit makes.
[[nodiscard]] Put new_session(const Actor& actor, forum::Id member, const SignIn& command);

// What is wrong with a standing that `actor` grants to somebody who had `before` (null: nobody yet).
[[nodiscard]] forum::Result<void> check_standing(const Actor& actor, const Standing& standing,
                                                 const forum::MemberCard* before);
void put_standing(const Standing& standing, v1::StoredMember& out);

// The keys that no two members of a municipality have in common whose names are the same or look the same.
[[nodiscard]] std::vector<std::string> twin_claims(const Actor& actor, std::string_view name,
                                                   std::string_view municipality);
// Claims are as this release's tables see names; those of members who came in under earlier ones may differ, so the
// members themselves are compared, too, but for `but`.
[[nodiscard]] bool has_twin(const Actor& actor, forum::Id but, std::string_view name, std::string_view municipality);

// The names that a member takes, and under which keys: handle, e-mail address, and twice the name.
[[nodiscard]] std::vector<std::string> name_claims(const Actor& actor, std::string_view handle, std::string_view email,
                                                   std::string_view name, std::string_view municipality);

// Who is an administrator whatever terms come and go.
[[nodiscard]] bool is_lasting_administrator(const forum::MemberCard& member);
// Whether another one stays, who is not shut out.
[[nodiscard]] bool other_administrator(const Actor& actor, forum::Id but);

// What is wrong with an audience that somebody asks for.
[[nodiscard]] forum::Result<void> check_audience(const Actor& actor, const forum::Audience& audience);

[[nodiscard]] forum::Result<void> check_hash(std::string_view hash, std::string_view field);

}  // namespace foorumi::membership
