// Filters, and what they hold, to those who may know.
#include "membership/filters.hpp"

#include <algorithm>
#include <utility>

#include "codec/entity_codec.hpp"
#include "dispatch/answers.hpp"
#include "dispatch/failures.hpp"
#include "dispatch/handlers/handlers.hpp"
#include "dispatch/worker.hpp"
#include "foorumi/v1/protocol.pb.h"
#include "forum/keys.hpp"

namespace foorumi::dispatch {
namespace {

using forum::ErrorCode;
using forum::Refusal;

void fill_filter(v1::FilterRecord& out, const forum::Filter& filter) {
    out.set_number(filter.number);
    out.set_kind(static_cast<v1::FilterKind>(filter.kind));
    out.set_pattern(filter.pattern);
    out.set_action(static_cast<v1::FilterAction>(filter.action));
    out.set_set_ms(filter.set);
    out.set_by(filter.by);
}

// Moderators, and who may read the forum: what waits of their own.
forum::Result<const forum::MemberCard*> viewer_of_held(Worker& worker, const session::Session& session,
                                                       forum::Id place) {
    const auto* member = member_of(worker, session);
    if (member == nullptr) return Refusal{ErrorCode::unauthenticated, "token_invalid", "", 0};
    const auto& directory = worker.directory();
    const auto* card = directory.forum(place);
    if (card == nullptr || !forum::may_read_forum(directory, *member, *card, worker.shared().clock.wall_ms()))
        return Refusal{ErrorCode::not_found, "forum_not_found", "forum", 0};
    return member;
}

bool is_queue_reader(Worker& worker, const forum::MemberCard& viewer, forum::Id place) {
    return forum::may_read(worker.directory(), viewer, {forum::ChannelKind::moderation, place},
                           worker.shared().clock.wall_ms());
}

// Of what was read that which the viewer may see; to its author without a version and without the patterns: how much
// happens among the moderators, and what they look for, is told to them alone. Who may not any more, meanwhile, is told
// nothing.
template <class Fill>
void answer_held(Worker& worker, const Origin& origin, forum::Id place, Fill fill) {
    const auto* session = origin.anchor->session;
    if (session == nullptr) return;
    const auto viewer = viewer_of_held(worker, *session, place);
    if (viewer.has_error()) return worker.dispatcher().refuse(origin, viewer.error());
    const bool reads_all = is_queue_reader(worker, **viewer, place);
    v1::Response response;
    auto& page = *response.mutable_held_messages();
    fill(page, [&](store::KeyedValue stored) {
        const auto value = codec::decode_value(stored.bytes);
        const auto* held = value ? std::get_if<forum::HeldMessage>(&*value) : nullptr;
        const auto now = worker.shared().clock.wall_ms();
        if (held == nullptr || !forum::may_see_held(worker.directory(), **viewer, place, held->author, now)) return;
        if (!reads_all) stored.version = 0;
        add_entity(*page.mutable_messages(), stored);
        if (!reads_all) page.mutable_messages()->rbegin()->mutable_held_message()->clear_filters();
    });
    worker.dispatcher().answer(origin, response);
}

void list_all_held(Worker& worker, const Origin& origin, const v1::ListHeld& asked, std::size_t limit) {
    store::IndexRead read;
    read.index = forum::held_index;
    read.after = asked.after();
    read.limit = limit;
    read.bytes = worker.settings().answer_bytes();
    read.prefixes = {""};
    worker.read_index(forum::moderation_channel(asked.forum()), std::move(read),
                      [&worker, origin, place = asked.forum()](const store::ReadOutcome<store::IndexResult>& outcome) {
                          if (outcome.failure) return worker.dispatcher().refuse(origin, refusal_of(*outcome.failure));
                          answer_held(worker, origin, place, [&](v1::HeldMessages& page, const auto& add) {
                              for (const auto& row : outcome.result.rows) add(row.entities.front());
                              page.set_more(outcome.result.more);
                              if (!outcome.result.rows.empty()) page.set_next(outcome.result.rows.back().score);
                          });
                      });
}

// By their numbers, of which there are few; as many as one answer holds.
void read_own_held(Worker& worker, const Origin& origin, forum::Id place, const std::vector<std::uint64_t>& numbers) {
    std::vector<std::string> keys;
    for (const auto number : numbers) keys.push_back(forum::held_key(number));
    worker.read_entities(forum::moderation_channel(place), std::move(keys),
                         [&worker, origin, place](const store::ReadOutcome<store::EntitiesResult>& outcome) {
                             if (outcome.failure)
                                 return worker.dispatcher().refuse(origin, refusal_of(*outcome.failure));
                             answer_held(worker, origin, place, [&](v1::HeldMessages&, const auto& add) {
                                 auto left = worker.settings().answer_bytes();
                                 for (const auto& stored : outcome.result.entities) {
                                     if (stored.bytes.size() > left) break;
                                     left -= stored.bytes.size();
                                     add(stored);
                                 }
                             });
                         });
}

void list_own_held(Worker& worker, const Origin& origin, forum::Id place, forum::Id member) {
    worker.read_entities(forum::moderation_channel(place), {forum::holds_key(member)},
                         [&worker, origin, place](const store::ReadOutcome<store::EntitiesResult>& outcome) {
                             if (outcome.failure)
                                 return worker.dispatcher().refuse(origin, refusal_of(*outcome.failure));
                             const auto value = codec::decode_value(outcome.result.entities.front().bytes);
                             const auto* book = value ? std::get_if<forum::PostBook>(&*value) : nullptr;
                             if (book != nullptr) return read_own_held(worker, origin, place, book->versions);
                             answer_held(worker, origin, place, [](v1::HeldMessages&, const auto&) {});
                         });
}

}  // namespace

void handle_list_filters(const Call& call) {
    auto& worker = call.worker;
    const auto& asked = call.request.list_filters();
    const auto limit = page_size(worker, asked.limit());
    if (limit.has_error()) return worker.dispatcher().refuse(call.origin, limit.error());
    const auto& directory = worker.directory();
    const auto& settings = worker.settings();
    const membership::Actor actor{call.session.member, call.session.token_hash,
                                  directory,           worker.shared().clock.wall_ms(),
                                  settings.membership, settings.installation};
    if (const auto may = membership::may_list_filters(actor, asked.forum()); may.has_error())
        return worker.dispatcher().refuse(call.origin, may.error());
    v1::Response response;
    auto& page = *response.mutable_filters();
    const auto* card = directory.filters(asked.forum());
    if (card == nullptr) return worker.dispatcher().answer(call.origin, response);
    for (const auto& filter : card->filters) {
        if (filter.number <= asked.after()) continue;
        if (static_cast<std::size_t>(page.filters_size()) == *limit) {
            page.set_more(true);
            break;
        }
        fill_filter(*page.add_filters(), filter);
    }
    worker.dispatcher().answer(call.origin, response);
}

void handle_list_held(const Call& call) {
    auto& worker = call.worker;
    const auto& asked = call.request.list_held();
    const auto limit = page_size(worker, asked.limit());
    if (limit.has_error()) return worker.dispatcher().refuse(call.origin, limit.error());
    const auto may = viewer_of_held(worker, call.session, asked.forum());
    if (may.has_error()) return worker.dispatcher().refuse(call.origin, may.error());
    if (is_queue_reader(worker, **may, asked.forum())) return list_all_held(worker, call.origin, asked, *limit);
    list_own_held(worker, call.origin, asked.forum(), call.session.member);
}

}  // namespace foorumi::dispatch
