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

// Behind the rooms come the moderation channels: those of forums with numbers from here on.
constexpr std::uint64_t first_forum = std::uint64_t{1} << 63U;

bool is_forum(std::uint64_t place) { return place >= first_forum; }

std::string channel_of_place(std::uint64_t place) {
    return is_forum(place) ? forum::moderation_channel(place - first_forum) : forum::room_channel(place);
}

// The first room or forum that is not before this; nothing: there is none.
std::optional<std::uint64_t> first_from(const directory::Snapshot& directory, std::uint64_t place) {
    if (!is_forum(place))
        if (const auto* room = directory.first_room_from(place)) return room->id;
    std::optional<std::uint64_t> first;
    for (const auto* card : directory.forums()) {
        const auto here = first_forum + card->id;
        if (here >= place && (!first || here < *first)) first = here;
    }
    return first;
}

// Of what was moved to a room that its author may not read, what they wrote and no word of the place.
void leave_out_place(v1::Entity& entity) {
    entity.clear_key();
    entity.clear_version();
    if (entity.has_message()) {
        entity.mutable_message()->clear_thread();
        entity.mutable_message()->clear_reply_to();
        return;
    }
    v1::Thread began;
    began.set_title(entity.thread().title());
    began.set_author(entity.thread().author());
    began.set_created_ms(entity.thread().created_ms());
    *entity.mutable_thread() = std::move(began);
}

bool was_moved(const v1::Entity& entity) {
    return !entity.has_message() || entity.message().moved_ms() != 0;  // threads do not tell
}

// Keys, versions and filters of a moderation channel are not told. Whether there is something whose place may be told.
bool fill_page(v1::OwnEntities& out, forum::Id member, const store::SyncResult& found, bool of_forum, bool reads) {
    bool told = false;
    for (const auto& stored : found.entities) {
        v1::Entity entity;
        if (!fill_entity(entity, stored)) continue;
        if (of_forum && entity.has_report_words() && entity.report_words().reporter() == member)
            *out.add_reports() = std::move(*entity.mutable_report_words());
        if (of_forum && entity.has_held_message() && entity.held_message().author() == member) {
            entity.clear_key();
            entity.clear_version();
            entity.mutable_held_message()->clear_filters();
            *out.add_entities() = std::move(entity);
            continue;
        }
        if (of_forum || !is_of(member, entity)) continue;
        const bool hidden = !reads && was_moved(entity);
        if (hidden) leave_out_place(entity);
        told = told || !hidden;
        *out.add_entities() = std::move(entity);
    }
    return told;
}

// Where the next page begins: in the same place, or in the next one; nothing: there is none.
std::optional<PageCursor> next_page(const directory::Snapshot& directory, std::uint64_t place,
                                    const store::SyncResult& found) {
    if (found.unknown_version) return PageCursor{place, 0};  // of a time that a restored backup has taken back
    if (found.more) return PageCursor{place, found.version};
    const auto next = first_from(directory, place + 1);
    return next ? std::optional(PageCursor{*next, 0}) : std::nullopt;
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
    const auto place = first_from(worker.directory(), begin.room);
    if (!place) {
        v1::Response nothing;
        nothing.mutable_own_entities();
        return worker.dispatcher().answer(call.origin, nothing);
    }
    const auto& settings = worker.settings();
    // Of a room that is gone meanwhile the next one is read, from its begin.
    const store::SyncRead read{*place == begin.room ? begin.since : 0, settings.session.sync_entities,
                               settings.answer_bytes()};
    worker.read_sync(channel_of_place(*place), read,
                     [&worker, origin = call.origin, member = call.session.member,
                      id = *place](store::ReadOutcome<store::SyncResult> outcome) {
                         if (outcome.failure) return worker.dispatcher().refuse(origin, refusal_of(*outcome.failure));
                         v1::Response response;
                         auto& page = *response.mutable_own_entities();
                         const auto& directory = worker.directory();
                         const auto* card = directory.member(member);
                         const bool reads =
                             card != nullptr && forum::may_read(directory, *card, {forum::ChannelKind::room, id},
                                                                worker.shared().clock.wall_ms());
                         // Of rooms in which they have written nothing not even the number is told.
                         if (fill_page(page, member, outcome.result, is_forum(id), reads)) page.set_room(id);
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
