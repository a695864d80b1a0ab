#include <google/protobuf/arena.h>

#include <charconv>

#include "codec/entity_codec.hpp"
#include "codec/frame_codec.hpp"
#include "dispatch/answers.hpp"
#include "dispatch/failures.hpp"
#include "dispatch/handlers/handlers.hpp"
#include "dispatch/redirects.hpp"
#include "dispatch/room_listing.hpp"
#include "dispatch/worker.hpp"
#include "forum/keys.hpp"

namespace foorumi::dispatch {
namespace {

using forum::ErrorCode;
using forum::Refusal;

// What was read is shown only to a session that lives and may still read the room.
session::Session* still_allowed(Worker& worker, const Origin& origin, forum::Id room) {
    auto* session = origin.anchor->session;
    if (session == nullptr) return nullptr;
    if (auto readable = readable_room(worker, *session, room); readable.has_error()) {
        worker.dispatcher().refuse(origin, readable.error());
        return nullptr;
    }
    return session;
}

// What can be read goes into the answer as it is stored.
ItemRef encode_history(std::uint64_t request, const store::IndexResult& read, bool descending) {
    google::protobuf::Arena arena;
    auto& scratch = *google::protobuf::Arena::CreateMessage<v1::Entity>(&arena);
    std::vector<codec::EntityBytes> messages, reactions;
    messages.reserve(read.rows.size());
    const auto add = [&](std::vector<codec::EntityBytes>& to, const store::KeyedValue& stored) {
        if (fill_entity(scratch, stored)) to.push_back({stored.key, stored.version, stored.bytes});
    };
    const auto add_row = [&](const store::IndexRow& row) {
        add(messages, row.entities[0]);
        if (!row.entities[1].bytes.empty()) add(reactions, row.entities[1]);
    };
    if (descending)
        for (auto row = read.rows.rbegin(); row != read.rows.rend(); ++row) add_row(*row);
    else
        for (const auto& row : read.rows) add_row(row);
    return make_item(codec::encode_history_item(request, {read.version, read.more, messages, reactions}));
}

forum::Result<store::IndexRead> history_read(Worker& worker, const v1::ReadHistory& asked) {
    if (asked.before() != 0 && asked.after() != 0) return Refusal{ErrorCode::invalid, "before_and_after", "after", 0};
    if (asked.thread() == 0) return Refusal{ErrorCode::not_found, "thread_not_found", "thread", 0};
    const auto limit = page_size(worker, asked.limit());
    if (limit.has_error()) return limit.error();
    store::IndexRead read;
    read.index = forum::thread_index(asked.thread());
    read.before = asked.before();
    read.after = asked.after();
    read.descending = asked.after() == 0;
    read.limit = *limit;
    read.bytes = worker.settings().answer_bytes();
    read.prefixes = {"message:", "reactions:"};
    return read;
}

// An empty page of a thread that does not exist is refused; one beyond the thread's end is an empty page.
void answer_empty(Worker& worker, const Origin& origin, const v1::ReadHistory& asked, const store::IndexResult& read) {
    auto answer = std::make_shared<v1::Response>();
    answer->mutable_history()->set_version(read.version);
    answer->mutable_history()->set_more(read.more);
    worker.read_entities(
        forum::room_channel(asked.room()), {forum::thread_key(asked.thread())},
        [&worker, origin, answer, room = asked.room()](store::ReadOutcome<store::EntitiesResult> thread) {
            if (still_allowed(worker, origin, room) == nullptr) return;
            if (thread.failure) return worker.dispatcher().refuse(origin, refusal_of(*thread.failure));
            const auto& stands = thread.result.entities.front().bytes;
            if (stands.empty())
                return worker.dispatcher().refuse(origin, {ErrorCode::not_found, "thread_not_found", "thread", 0});
            if (codec::is_redirect(stands)) return refuse_moved(worker, origin, stands);
            worker.dispatcher().answer(origin, *answer);
        });
}

}  // namespace

void handle_read_history(const Call& call) {
    auto& worker = call.worker;
    const auto& asked = call.request.read_history();
    auto read = history_read(worker, asked);
    auto readable = readable_room(worker, call.session, asked.room());
    if (readable.has_error()) return worker.dispatcher().refuse(call.origin, readable.error());
    if (read.has_error()) return worker.dispatcher().refuse(call.origin, read.error());
    const bool descending = read->descending;
    worker.read_index(forum::room_channel(asked.room()), std::move(*read),
                      [&worker, origin = call.origin, asked, descending](store::ReadOutcome<store::IndexResult> page) {
                          if (still_allowed(worker, origin, asked.room()) == nullptr) return;
                          if (page.failure) return worker.dispatcher().refuse(origin, refusal_of(*page.failure));
                          if (page.result.rows.empty()) return answer_empty(worker, origin, asked, page.result);
                          worker.dispatcher().answer(origin, encode_history(origin.request, page.result, descending));
                      });
}

void handle_list_threads(const Call& call) {
    auto& worker = call.worker;
    const auto& asked = call.request.list_threads();
    auto readable = readable_room(worker, call.session, asked.room());
    if (readable.has_error()) return worker.dispatcher().refuse(call.origin, readable.error());
    const auto limit = page_size(worker, asked.limit());
    if (limit.has_error()) return worker.dispatcher().refuse(call.origin, limit.error());
    worker.read_index(
        forum::room_channel(asked.room()),
        threads_read(*limit, asked.before_activity(), worker.settings().answer_bytes()),
        [&worker, origin = call.origin, room = asked.room()](store::ReadOutcome<store::IndexResult> threads) {
            const auto* session = still_allowed(worker, origin, room);
            if (session == nullptr) return;
            if (threads.failure) return worker.dispatcher().refuse(origin, refusal_of(*threads.failure));
            complete_listing(worker, room, session->member, std::move(threads.result),
                             [&worker, origin, room](forum::Result<v1::Threads> listing) {
                                 if (still_allowed(worker, origin, room) == nullptr) return;
                                 if (listing.has_error()) return worker.dispatcher().refuse(origin, listing.error());
                                 v1::Response response;
                                 *response.mutable_threads() = std::move(*listing);
                                 worker.dispatcher().answer(origin, response);
                             });
        });
}

}  // namespace foorumi::dispatch
