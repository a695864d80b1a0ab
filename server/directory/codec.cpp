#include "directory/codec.hpp"

#include "codec/entity_codec.hpp"

namespace foorumi::directory {
namespace {

// Where a later release has written only what this one does not know, nobody is meant, not everybody.
forum::Roles known_or_nobody(const google::protobuf::RepeatedField<int>& stored) {
    auto roles = codec::roles_from_proto(stored);
    if (!stored.empty() && roles.empty()) roles.add(forum::Role{});
    return roles;
}

// What a later release wants done with what is found is not known, so it waits for a moderator; what it looks for under
// a kind of its own cannot be found.
forum::FilterAction known_or_hold(v1::FilterAction stored) {
    if (stored == v1::FILTER_ACTION_FLAG) return forum::FilterAction::flag;
    return stored == v1::FILTER_ACTION_REFUSE ? forum::FilterAction::refuse : forum::FilterAction::hold;
}

constexpr auto no_size = static_cast<forum::MunicipalitySize>(forum::municipality_sizes.size());

}  // namespace

void audience_to(const forum::Audience& audience, v1::Audience& out) {
    codec::to_proto(audience.read, *out.mutable_read());
    codec::to_proto(audience.write, *out.mutable_write());
    for (const auto& code : audience.municipalities) out.add_municipalities(code);
    for (const auto size : forum::municipality_sizes)
        if (audience.sizes.has(size)) out.add_sizes(codec::to_proto(size));
    for (const auto term : audience.terms) out.add_terms(term);
}

forum::Audience audience_from(const v1::Audience& stored) {
    forum::Audience audience;
    audience.read = known_or_nobody(stored.read());
    audience.write = known_or_nobody(stored.write());
    audience.municipalities.assign(stored.municipalities().begin(), stored.municipalities().end());
    for (const auto size : forum::municipality_sizes)
        for (const int number : stored.sizes())
            if (number == codec::to_proto(size)) audience.sizes.add(size);
    if (stored.sizes_size() > 0 && audience.sizes.empty()) audience.sizes.add(no_size);
    audience.terms.assign(stored.terms().begin(), stored.terms().end());
    return audience;
}

forum::MemberCard member_card(forum::Id id, const v1::StoredMember& stored) {
    forum::MemberCard card;
    card.id = id;
    card.handle = stored.handle();
    card.name = stored.name();
    card.municipality = stored.municipality();
    card.roles = codec::roles_from_proto(stored.roles());
    card.moderates.assign(stored.moderates().begin(), stored.moderates().end());
    if (stored.grants_size() > 0)
        for (const auto role : forum::all_roles)
            if (card.roles.has(role)) card.grants.push_back({role, 0});
    for (const auto& grant : stored.grants())
        if (const auto role = codec::role_from_proto(grant.role())) card.grants.push_back({*role, grant.term()});
    for (const auto& position : stored.positions()) card.positions.push_back(codec::from_proto(position));
    card.contact_for = stored.contact_for();
    card.second_factor = stored.second_factor();
    card.epoch = stored.epoch();
    card.erase_at = stored.erase_at_ms();
    card.erase_removes = stored.erase_removes();
    card.joined = stored.joined_ms();
    return card;
}

ErasureCard erasure_card(forum::Id id, const v1::StoredErasure& stored) {
    return {id, stored.removes(), stored.handle(), {stored.claims().begin(), stored.claims().end()}};
}

SanctionsCard sanctions_card(forum::Id member, const v1::StoredSanctions& stored) {
    SanctionsCard card{member, {}, 0};
    for (const auto& record : stored.records()) {
        // One that a later release wrote is as hard as any.
        const auto kind = codec::sanction_from_proto(record.kind()).value_or(forum::SanctionKind::ban);
        const bool warning = kind == forum::SanctionKind::warn;
        const auto over = record.ended_ms() != 0 ? record.ended_ms() : warning ? record.begun_ms() : record.until_ms();
        if (over != 0 && (card.first_over == 0 || over < card.first_over)) card.first_over = over;
        if (record.ended_ms() == 0 && !warning) card.restraints.push_back({kind, record.forum(), record.until_ms()});
    }
    return card;
}

FiltersCard filters_card(forum::Id forum, const v1::StoredFilters& stored) {
    std::vector<forum::Filter> filters;
    for (const auto& record : stored.filters()) {
        if (!v1::FilterKind_IsValid(record.kind())) continue;
        filters.push_back({record.number(), static_cast<forum::FilterKind>(record.kind()), record.pattern(),
                           known_or_hold(record.action()), record.set_ms(), record.by()});
    }
    filters::Matcher matcher(filters);
    return {forum, std::move(filters), std::move(matcher)};
}

SessionCard session_card(const v1::StoredToken& stored) {
    SessionCard card;
    card.member = stored.member();
    card.created = stored.created_ms();
    card.used = std::max(stored.created_ms(), stored.used_ms());
    card.expires = stored.expires_ms();
    card.device = stored.device();
    card.pending = stored.pending();
    card.second_factor = stored.second_factor();
    card.epoch = stored.epoch();
    return card;
}

InvitationCard invitation_card(const v1::StoredInvitation& stored) {
    InvitationCard card;
    card.by = stored.by();
    card.created = stored.created_ms();
    card.expires = stored.expires_ms();
    card.resets = stored.resets();
    card.name = stored.member().name();
    card.municipality = stored.member().municipality();
    return card;
}

TermCard term_card(forum::Id id, const v1::StoredTerm& stored) {
    return {id, stored.name(), stored.first_day(), stored.last_day(), stored.current(), stored.turned_ms()};
}

forum::ForumCard forum_card(forum::Id id, const v1::StoredForum& stored) {
    forum::ForumCard card;
    card.id = id;
    card.slug = stored.slug();
    card.title = stored.title();
    card.description = stored.description();
    card.position = stored.position();
    card.audience = audience_from(stored.audience());
    card.archived = stored.archived();
    card.archive_reason = stored.archive_reason();
    return card;
}

forum::RoomCard room_card(forum::Id id, const v1::StoredRoom& stored) {
    forum::RoomCard card;
    card.id = id;
    card.forum = stored.forum();
    card.slug = stored.slug();
    card.title = stored.title();
    card.description = stored.description();
    card.position = stored.position();
    if (stored.has_audience()) card.audience = audience_from(stored.audience());
    card.archived = stored.archived();
    card.archive_reason = stored.archive_reason();
    for (const auto& hold : stored.holds()) card.holds.push_back(hold.thread());
    card.retention_days = stored.retention_days();
    return card;
}

void to_stored(const forum::MemberCard& card, v1::StoredMember& out) {
    out.set_handle(card.handle);
    out.set_name(card.name);
    out.set_municipality(card.municipality);
    forum::Roles lasting = card.grants.empty() ? card.roles : forum::Roles();
    for (const auto& grant : card.grants) {
        if (grant.term == 0) {
            lasting.add(grant.role);
            continue;
        }
        auto& stored = *out.add_grants();
        stored.set_role(codec::to_proto(grant.role));
        stored.set_term(grant.term);
    }
    codec::to_proto(lasting, *out.mutable_roles());
    for (const auto id : card.moderates) out.add_moderates(id);
    for (const auto& position : card.positions) codec::to_proto(position, *out.add_positions());
    out.set_contact_for(card.contact_for);
    out.set_second_factor(card.second_factor);
    out.set_epoch(card.epoch);
    out.set_erase_at_ms(card.erase_at);
    out.set_erase_removes(card.erase_removes);
    out.set_joined_ms(card.joined);
}

std::string encode(const MunicipalityCard& card) {
    v1::DirectoryEntity entity;
    auto& out = *entity.mutable_municipality();
    out.set_name_fi(card.name_fi);
    out.set_name_sv(card.name_sv);
    out.set_population(card.population);
    return entity.SerializeAsString();
}

std::string encode(const forum::MemberCard& card) {
    v1::DirectoryEntity entity;
    to_stored(card, *entity.mutable_member());
    return entity.SerializeAsString();
}

std::string encode(const forum::ForumCard& card) {
    v1::DirectoryEntity entity;
    auto& out = *entity.mutable_forum();
    out.set_slug(card.slug);
    out.set_title(card.title);
    out.set_description(card.description);
    out.set_position(card.position);
    audience_to(card.audience, *out.mutable_audience());
    out.set_archived(card.archived);
    out.set_archive_reason(card.archive_reason);
    return entity.SerializeAsString();
}

std::string encode(const forum::RoomCard& card) {
    v1::DirectoryEntity entity;
    auto& out = *entity.mutable_room();
    out.set_forum(card.forum);
    out.set_slug(card.slug);
    out.set_title(card.title);
    out.set_description(card.description);
    out.set_position(card.position);
    if (card.audience) audience_to(*card.audience, *out.mutable_audience());
    out.set_archived(card.archived);
    out.set_archive_reason(card.archive_reason);
    return entity.SerializeAsString();
}

std::string encode_token(forum::Id member, forum::Millis created) {
    v1::DirectoryEntity entity;
    entity.mutable_token()->set_member(member);
    entity.mutable_token()->set_created_ms(created);
    return entity.SerializeAsString();
}

std::string encode_fence() {
    v1::DirectoryEntity entity;
    entity.mutable_fence();
    return entity.SerializeAsString();
}

std::string encode_forgotten() {
    v1::DirectoryEntity entity;
    entity.mutable_forgotten();
    return entity.SerializeAsString();
}

std::string encode_marker(forum::Millis done) {
    v1::DirectoryEntity entity;
    entity.mutable_marker()->set_done_ms(done);
    return entity.SerializeAsString();
}

}  // namespace foorumi::directory
