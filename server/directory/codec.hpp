// Directory entities as stored bytes. Pure.
#pragma once

#include <string>

#include "directory/snapshot.hpp"
#include "foorumi/v1/stored.pb.h"

namespace foorumi::directory {

[[nodiscard]] forum::MemberCard member_card(forum::Id id, const v1::StoredMember& stored);
[[nodiscard]] forum::ForumCard forum_card(forum::Id id, const v1::StoredForum& stored);
[[nodiscard]] forum::RoomCard room_card(forum::Id id, const v1::StoredRoom& stored);

[[nodiscard]] SessionCard session_card(const v1::StoredToken& stored);
[[nodiscard]] InvitationCard invitation_card(const v1::StoredInvitation& stored);
[[nodiscard]] ErasureCard erasure_card(forum::Id id, const v1::StoredErasure& stored);
[[nodiscard]] SanctionsCard sanctions_card(forum::Id member, const v1::StoredSanctions& stored);
[[nodiscard]] FiltersCard filters_card(forum::Id forum, const v1::StoredFilters& stored);
[[nodiscard]] TermCard term_card(forum::Id id, const v1::StoredTerm& stored);

void to_stored(const forum::MemberCard& card, v1::StoredMember& out);
[[nodiscard]] forum::Audience audience_from(const v1::Audience& stored);
void audience_to(const forum::Audience& audience, v1::Audience& out);

[[nodiscard]] std::string encode(const MunicipalityCard& card);
[[nodiscard]] std::string encode(const forum::MemberCard& card);
[[nodiscard]] std::string encode(const forum::ForumCard& card);
[[nodiscard]] std::string encode(const forum::RoomCard& card);
[[nodiscard]] std::string encode_token(forum::Id member, forum::Millis created);
[[nodiscard]] std::string encode_fence();
[[nodiscard]] std::string encode_forgotten();
[[nodiscard]] std::string encode_marker(forum::Millis done);

}  // namespace foorumi::directory
