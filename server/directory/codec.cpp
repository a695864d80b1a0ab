#include "directory/codec.hpp"

#include "codec/entity_codec.hpp"

namespace foorumi::directory {
namespace {

forum::Audience audience_from(const v1::Audience& stored) {
    return {codec::roles_from_proto(stored.read()), codec::roles_from_proto(stored.write())};
}

void audience_to(const forum::Audience& audience, v1::Audience& out) {
    codec::to_proto(audience.read, *out.mutable_read());
    codec::to_proto(audience.write, *out.mutable_write());
}

}  // namespace

forum::MemberCard member_card(forum::Id id, const v1::StoredMember& stored) {
    forum::MemberCard card;
    card.id = id;
    card.handle = stored.handle();
    card.name = stored.name();
    card.municipality = stored.municipality();
    card.roles = codec::roles_from_proto(stored.roles());
    card.moderates.assign(stored.moderates().begin(), stored.moderates().end());
    return card;
}

forum::ForumCard forum_card(forum::Id id, const v1::StoredForum& stored) {
    forum::ForumCard card;
    card.id = id;
    card.slug = stored.slug();
    card.title = stored.title();
    card.description = stored.description();
    card.position = stored.position();
    card.audience = audience_from(stored.audience());
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
    return card;
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
    auto& out = *entity.mutable_member();
    out.set_handle(card.handle);
    out.set_name(card.name);
    out.set_municipality(card.municipality);
    codec::to_proto(card.roles, *out.mutable_roles());
    for (forum::Id id : card.moderates) out.add_moderates(id);
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

std::string encode_marker(forum::Millis done) {
    v1::DirectoryEntity entity;
    entity.mutable_marker()->set_done_ms(done);
    return entity.SerializeAsString();
}

}  // namespace foorumi::directory
