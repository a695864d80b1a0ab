#include "dispatch/answers.hpp"

#include <spdlog/spdlog.h>

#include "codec/entity_codec.hpp"
#include "codec/frame_codec.hpp"
#include "dispatch/worker.hpp"

namespace foorumi::dispatch {

void fill_error(v1::Error& out, const forum::Refusal& refusal, const config::Catalogue& catalogue,
                std::string_view language) {
    out.set_code(static_cast<v1::Error::Code>(refusal.code));
    out.set_reason(refusal.reason);
    out.set_field(refusal.field);
    out.set_text(catalogue.text(language, "error." + refusal.reason));
    out.set_retry_after_ms(refusal.retry_after_ms);
    if (refusal.moved) fill_place(*out.mutable_moved(), *refusal.moved);
}

void fill_place(v1::Place& out, const forum::Located& place) {
    out.set_room(place.room);
    out.set_thread(place.thread);
    out.set_message(place.message);
}

ItemRef encode_ref(const v1::Item& item) { return make_item(codec::encode_item(item)); }

void fill_member(v1::Member& out, const forum::MemberCard& card, const directory::Snapshot& directory,
                 std::string_view language) {
    out.set_id(card.id);
    out.set_handle(card.handle);
    out.set_name(card.name);
    out.set_municipality(card.municipality);
    if (const auto* municipality = directory.municipality(card.municipality))
        out.set_municipality_name(language == "sv" ? municipality->name_sv : municipality->name_fi);
    codec::to_proto(card.roles, *out.mutable_roles());
    for (const auto& position : forum::badge_of(directory, card).positions)
        codec::to_proto(position, *out.add_positions());
}

bool fill_entity(v1::Entity& out, const store::KeyedValue& stored) {
    if (codec::to_proto({stored.key, stored.version, stored.bytes}, out)) return true;
    spdlog::error("entity {} at version {} cannot be read", stored.key, stored.version);
    return false;
}

void add_entity(google::protobuf::RepeatedPtrField<v1::Entity>& list, const store::KeyedValue& stored) {
    if (!fill_entity(*list.Add(), stored)) list.RemoveLast();
}

const forum::MemberCard* member_of(Worker& worker, const session::Session& session) {
    return worker.directory().member(session.member);
}

forum::Result<const forum::RoomCard*> readable_room(Worker& worker, const session::Session& session, forum::Id room) {
    const auto* member = member_of(worker, session);
    const auto* card = worker.directory().room(room);
    if (member == nullptr || card == nullptr ||
        !forum::may_read(worker.directory(), *member, {forum::ChannelKind::room, room},
                         worker.shared().clock.wall_ms()))
        return forum::Refusal{forum::ErrorCode::not_found, "room_not_found", "room", 0};
    return card;
}

forum::Result<std::size_t> page_size(Worker& worker, std::uint32_t asked) {
    const auto& limits = worker.settings().session;
    if (asked == 0) return std::size_t{limits.page_default};
    if (asked > limits.page) return forum::Refusal{forum::ErrorCode::limited, "page_too_large", "limit", 0};
    return std::size_t{asked};
}

}  // namespace foorumi::dispatch
