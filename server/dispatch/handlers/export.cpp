#include <optional>

#include "codec/entity_codec.hpp"
#include "dispatch/answers.hpp"
#include "dispatch/failures.hpp"
#include "dispatch/handlers/handlers.hpp"
#include "dispatch/page_cursor.hpp"
#include "dispatch/worker.hpp"
#include "foorumi/v1/stored.pb.h"

namespace foorumi::dispatch {
namespace {

bool is_of(forum::Id member, const v1::Entity& entity) {
    return (entity.has_thread() && entity.thread().author() == member) ||
           (entity.has_message() && entity.message().author() == member);
}

void fill_page(v1::OwnEntities& out, forum::Id member, const store::SyncResult& found) {
    for (const auto& stored : found.entities) {
        v1::Entity entity;
        if (fill_entity(entity, stored) && is_of(member, entity)) *out.add_entities() = std::move(entity);
    }
}

// Where the next page begins: in the same room, or in the next one; nothing: there is none.
std::optional<PageCursor> next_page(const directory::Snapshot& directory, forum::Id room,
                                    const store::SyncResult& found) {
    if (found.unknown_version) return PageCursor{room, 0};  // of a time that a restored backup has taken back
    if (found.more) return PageCursor{room, found.version};
    const auto* next = directory.first_room_from(room + 1);
    return next == nullptr ? std::nullopt : std::optional(PageCursor{next->id, 0});
}

}  // namespace

void handle_read_account(const Call& call) {
    auto& worker = call.worker;
    worker.read_entities(std::string(forum::directory_channel), {membership::secret_key(call.session.member)},
                         [&worker, origin = call.origin,
                          member = call.session.member](store::ReadOutcome<store::EntitiesResult> outcome) {
                             if (outcome.failure)
                                 return worker.dispatcher().refuse(origin, refusal_of(*outcome.failure));
                             v1::DirectoryEntity entity;
                             if (!entity.ParseFromString(outcome.result.entities.front().bytes))
                                 return worker.dispatcher().refuse(origin,
                                                                   {forum::ErrorCode::internal, "internal", "", 0});
                             const auto& secret = entity.secret();
                             v1::Response response;
                             auto& account = *response.mutable_account();
                             account.set_email(secret.email());
                             account.set_password_changed_ms(secret.changed_ms());
                             account.set_second_factor(!secret.totp().empty());
                             account.set_recovery_codes_left(static_cast<std::uint32_t>(secret.recovery_size()));
                             if (const auto* card = worker.directory().member(member)) fill_erasure(account, *card);
                             worker.dispatcher().answer(origin, response);
                         });
}

// Whether the member may read the room plays no part: what is told is theirs, and of others nothing.
void handle_export_own(const Call& call) {
    auto& worker = call.worker;
    const auto& asked = call.request.export_own();
    PageCursor begin{asked.room(), asked.since()};
    if (begin != PageCursor()) begin = worker.shared().cursors.open(call.session.member, begin);
    const auto* room = worker.directory().first_room_from(begin.room);
    if (room == nullptr) {
        v1::Response nothing;
        nothing.mutable_own_entities();
        return worker.dispatcher().answer(call.origin, nothing);
    }
    const auto& settings = worker.settings();
    // Of a room that is gone meanwhile the next one is read, from its begin.
    const store::SyncRead read{room->id == begin.room ? begin.since : 0, settings.session.sync_entities,
                               settings.answer_bytes()};
    worker.read_sync(forum::room_channel(room->id), read,
                     [&worker, origin = call.origin, member = call.session.member,
                      id = room->id](store::ReadOutcome<store::SyncResult> outcome) {
                         if (outcome.failure) return worker.dispatcher().refuse(origin, refusal_of(*outcome.failure));
                         v1::Response response;
                         auto& page = *response.mutable_own_entities();
                         fill_page(page, member, outcome.result);
                         // Of rooms in which they have written nothing not even the number is told.
                         if (page.entities_size() > 0) page.set_room(id);
                         if (const auto next = next_page(worker.directory(), id, outcome.result)) {
                             const auto closed = worker.shared().cursors.close(member, *next);
                             page.set_more(true);
                             page.set_next_room(closed.room);
                             page.set_next_since(closed.since);
                         }
                         worker.dispatcher().answer(origin, response);
                     });
}

}  // namespace foorumi::dispatch
