#include <sodium.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "codec/entity_codec.hpp"
#include "dispatch/answers.hpp"
#include "dispatch/audit.hpp"
#include "dispatch/failures.hpp"
#include "dispatch/handlers/handlers.hpp"
#include "dispatch/page_cursor.hpp"
#include "dispatch/redirects.hpp"
#include "dispatch/worker.hpp"
#include "foorumi/v1/protocol.pb.h"
#include "forum/keys.hpp"
#include "forum/records.hpp"

namespace foorumi::dispatch {
namespace {

using forum::ErrorCode;
using forum::Refusal;

constexpr std::uint64_t export_minutes = 60;  // after which an export is begun anew

// One page of an export on its way. Of the first one the audit log is told at the room's home, then it is read like the
// others.
struct RecordsRead {
    Origin origin;
    forum::ExportRecords command;
    forum::Id member = 0;
    std::string token_hash{};  // of the session that asks
    std::string channel{};
    store::SyncRead read{};
    Refusal refusal{};
    std::uint64_t begun = 0;  // minute of that entry
    bool entry = false;       // was in a decision
    bool again = false;       // begun with another change id
};
using RecordsReadRef = std::shared_ptr<RecordsRead>;

forum::Result<void> check_export(const RecordsRead& read, const directory::Snapshot& directory, const Shared& shared) {
    const auto* sign_in =
        directory.good_session(read.token_hash, shared.clock.wall_ms(), shared.settings.membership.session_idle_ms);
    const bool good = sign_in != nullptr && !sign_in->pending && sign_in->member == read.member;
    const auto* member = good ? directory.member(read.member) : nullptr;
    if (member == nullptr) return Refusal{ErrorCode::unauthenticated, "token_invalid", "", 0};
    return check(forum::Actor{*member, directory, shared.clock.wall_ms(), shared.settings.content}, read.command);
}

std::uint64_t minute_of(forum::Millis now) { return static_cast<std::uint64_t>(now) / 60'000; }

// By which a page is found to go on with what the audit log knows of, by an entry of that minute, on the connection and
// in the session that it was made for, and with nothing else.
std::uint64_t place_of(const RecordsRead& read, store::Epoch epoch, std::uint64_t begun) {
    const auto& command = read.command;
    const auto connection = reinterpret_cast<std::uintptr_t>(read.origin.anchor.get());
    const std::uint64_t named[]{command.room, command.thread, command.public_copy ? 1U : 0U, epoch, begun, connection};
    std::uint64_t place = 0;
    unsigned char digest[crypto_generichash_BYTES_MIN];
    crypto_generichash_state state;
    crypto_generichash_init(&state, nullptr, 0, sizeof digest);
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(named), sizeof named);
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(read.token_hash.data()),
                              read.token_hash.size());
    crypto_generichash_final(&state, digest, sizeof digest);
    std::memcpy(&place, digest, sizeof place);
    return place;
}

// In which minute the export was begun that the cursor goes on with; nothing: none that may be gone on with.
std::optional<std::uint64_t> begun_at(const RecordsRead& read, store::Epoch epoch, std::uint64_t place,
                                      forum::Millis now) {
    const auto minute = minute_of(now);
    for (std::uint64_t ago = 0; ago <= export_minutes && ago <= minute; ++ago)
        if (place_of(read, epoch, minute - ago) == place) return minute - ago;
    return std::nullopt;
}

bool is_of_kind(std::string_view key, std::string_view kind) { return key.starts_with(kind); }

// Of a message what the export is to have of it.
void leave_out(v1::Entity& entity, const forum::ExportRecords& command) {
    if (!entity.has_message()) return;
    auto& message = *entity.mutable_message();
    if (command.thread != 0 && message.thread() != command.thread) return entity.clear_value();
    if (!command.public_copy || !message.has_secrecy()) return;
    message.clear_text();
    message.clear_mentions();
}

void add_exported(v1::RecordsPage& page, const store::KeyedValue& stored, const forum::ExportRecords& command) {
    const bool message = is_of_kind(stored.key, "message:");
    const bool thread = is_of_kind(stored.key, "thread:");
    if (!message && !thread && stored.key != forum::room_key && !is_of_kind(stored.key, "reactions:")) return;
    if (thread && command.thread != 0 && stored.key != forum::thread_key(command.thread)) return;
    v1::Entity entity;
    if (!fill_entity(entity, stored)) return;
    leave_out(entity, command);
    if (entity.has_redirect()) entity.clear_value();
    *page.add_entities() = std::move(entity);
}

// Who may not any more, meanwhile, is told nothing; the audit log has it all the same.
void answer_records(Worker& worker, const RecordsRead& read, const store::ReadOutcome<store::SyncResult>& outcome) {
    if (const auto may = check_export(read, worker.directory(), worker.shared()); may.has_error())
        return worker.dispatcher().refuse(read.origin, may.error());
    if (outcome.failure) return worker.dispatcher().refuse(read.origin, refusal_of(*outcome.failure));
    const auto& found = outcome.result;
    v1::Response response;
    auto& page = *response.mutable_records_page();
    page.set_begin_anew(found.unknown_version);
    for (const auto& stored : found.entities) add_exported(page, stored, read.command);
    page.set_version(found.version);
    page.set_epoch(found.epoch);
    page.set_more(found.more || found.unknown_version);
    if (page.more()) {
        const auto since = found.unknown_version ? 0 : found.version;
        const auto next = worker.shared().cursors.close(read.member, {place_of(read, found.epoch, read.begun), since});
        page.set_next_place(next.room);
        page.set_next_since(next.since);
    }
    worker.dispatcher().answer(read.origin, response);
}

void read_page(Worker& worker, const RecordsReadRef& read) {
    worker.read_sync(read->channel, read->read, [&worker, read](const store::ReadOutcome<store::SyncResult>& outcome) {
        answer_records(worker, *read, outcome);
    });
}

// --- the first page

void commit_export(Worker& home, const RecordsReadRef& read);

void end_export_entry(Shared& shared, const RecordsReadRef& read, const store::ChangeOutcome& outcome) {
    const auto why = outcome.failure.value_or(store::Failure::unavailable);
    // Something was done by this change id, and it was no export.
    const bool other = !outcome.failure && outcome.committed.repeated && !read->entry;
    if (other && !std::exchange(read->again, true))
        return shared.post_home(read->channel, [read](Worker& home) { commit_export(home, read); });
    // An export that may have left its entry is one that was not answered.
    const bool unknown = why == store::Failure::outcome_unknown;
    if (why != store::Failure::refused) read->refusal = refusal_of(unknown ? store::Failure::unavailable : why);
    shared.post(read->origin.worker, [read, told = !outcome.failure && !other](Worker& asker) {
        asker.refresh_directory();
        told ? read_page(asker, read) : asker.dispatcher().refuse(read->origin, read->refusal);
    });
}

std::optional<store::Commit> decide_export(RecordsRead& read, const Shared& shared, store::Version& decided_on) {
    const auto directory = shared.directory.current();
    decided_on = directory->version();
    if (const auto may = check_export(read, *directory, shared); may.has_error()) {
        read.refusal = may.error();
        return std::nullopt;
    }
    const forum::Actor actor{*directory->member(read.member), *directory, shared.clock.wall_ms(),
                             shared.settings.content};
    store::Commit commit;
    commit.audit = audit_record(act_of(actor, read.command), "export_records", read.member, actor.now);
    read.entry = true;
    read.begun = minute_of(actor.now);
    return commit;
}

void commit_export(Worker& home, const RecordsReadRef& read) {
    read->entry = false;
    auto& shared = home.shared();
    store::ChangeRequest request;
    request.channel = read->channel;
    request.author = read->member;
    randombytes_buf(request.change_id.data(), request.change_id.size());
    request.fingerprint = request.change_id;
    home.store().change(
        std::move(request),
        [read, &shared](const store::View&, store::Version& decided_on) {
            return decide_export(*read, shared, decided_on);
        },
        [read, &shared](const store::ChangeOutcome& outcome) { end_export_entry(shared, read, outcome); });
}

void begin_export(Worker& worker, const RecordsReadRef& read) {
    const auto commit = [&worker, read] {
        worker.shared().post_home(read->channel, [read](Worker& home) { commit_export(home, read); });
    };
    if (read->command.thread == 0) return commit();
    worker.read_entities(read->channel, {forum::thread_key(read->command.thread)},
                         [&worker, read, commit](const store::ReadOutcome<store::EntitiesResult>& outcome) {
                             if (outcome.failure)
                                 return worker.dispatcher().refuse(read->origin, refusal_of(*outcome.failure));
                             const auto& stands = outcome.result.entities.front().bytes;
                             if (codec::is_redirect(stands)) return refuse_moved(worker, read->origin, stands);
                             if (stands.empty())
                                 return worker.dispatcher().refuse(
                                     read->origin, {ErrorCode::not_found, "thread_not_found", "thread", 0});
                             commit();
                         });
}

}  // namespace

void handle_export_records(const Call& call) {
    auto& worker = call.worker;
    const auto& asked = call.request.export_records();
    const auto& settings = worker.settings();
    const auto read = std::make_shared<RecordsRead>(RecordsRead{call.origin,
                                                                {asked.room(), asked.thread(), asked.public_copy()},
                                                                call.session.member,
                                                                call.session.token_hash});
    read->channel = forum::room_channel(asked.room());
    read->read = {0, settings.session.sync_entities, settings.answer_bytes()};
    if (const auto may = check_export(*read, worker.directory(), worker.shared()); may.has_error())
        return worker.dispatcher().refuse(call.origin, may.error());
    if (asked.next_place() == 0 && asked.next_since() == 0) return begin_export(worker, read);
    const auto cursor = worker.shared().cursors.open(read->member, {asked.next_place(), asked.next_since()});
    const auto begun = begun_at(*read, asked.epoch(), cursor.room, worker.shared().clock.wall_ms());
    if (!begun)
        return worker.dispatcher().refuse(call.origin, {ErrorCode::invalid, "export_not_begun", "next_place", 0});
    read->begun = *begun;
    read->read.since = cursor.since;
    read->read.epoch = asked.epoch();
    read_page(worker, read);
}

}  // namespace foorumi::dispatch
