#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "codec/entity_codec.hpp"
#include "dispatch/answers.hpp"
#include "dispatch/failures.hpp"
#include "dispatch/handlers/changes.hpp"
#include "dispatch/handlers/handlers.hpp"
#include "dispatch/redirects.hpp"
#include "dispatch/worker.hpp"
#include "foorumi/v1/stored.pb.h"
#include "forum/keys.hpp"

namespace foorumi::dispatch {
namespace {

using forum::ErrorCode;

constexpr std::size_t rooms_of_a_page = 16;
constexpr std::uint32_t moving_soon_ms = 1'000;

bool administers(const forum::MemberCard& member, forum::Millis now) {
    return member.roles.has(forum::Role::administrator) && !forum::is_muted(member, 0, now);
}

// Those of rooms whose forum the member moderates, or all. Nothing: they may be told of none.
std::vector<forum::Id> rooms_with_holds(Worker& worker, const forum::MemberCard& member, const v1::ListHolds& asked) {
    const auto& directory = worker.directory();
    const auto now = worker.shared().clock.wall_ms();
    std::vector<forum::Id> rooms;
    for (const auto* room = directory.first_room_from(asked.after() + 1);
         room != nullptr && rooms.size() <= rooms_of_a_page; room = directory.first_room_from(room->id + 1)) {
        if (room->holds.empty() || (asked.forum() != 0 && room->forum != asked.forum())) continue;
        if (forum::may_moderate(directory, member, room->forum, now)) rooms.push_back(room->id);
    }
    return rooms;
}

bool moderates_any(Worker& worker, const forum::MemberCard& member) {
    const auto now = worker.shared().clock.wall_ms();
    if (administers(member, now)) return true;
    for (const auto* forum : worker.directory().forums())
        if (forum::may_moderate(worker.directory(), member, forum->id, now)) return true;
    return false;
}

void add_holds(v1::Holds& page, forum::Id room, const store::KeyedValue& stored) {
    v1::DirectoryEntity entity;
    if (!entity.ParseFromString(stored.bytes)) return;
    for (const auto& hold : entity.room().holds()) {
        auto& out = *page.add_holds();
        out = hold;
        out.set_room(room);
    }
}

// Their reasons are in the store alone. Who may not any more, meanwhile, is told nothing.
void answer_holds(Worker& worker, const Origin& origin, const std::vector<forum::Id>& rooms, bool more,
                  const std::vector<store::KeyedValue>& stored) {
    const auto* session = origin.anchor->session;
    if (session == nullptr) return;
    const auto* member = member_of(worker, *session);
    const auto now = worker.shared().clock.wall_ms();
    v1::Response response;
    auto& page = *response.mutable_holds();
    page.set_more(more);
    for (std::size_t n = 0; n < rooms.size(); ++n) {
        const auto* card = worker.directory().room(rooms[n]);
        if (member == nullptr || card == nullptr || !forum::may_moderate(worker.directory(), *member, card->forum, now))
            continue;
        if (n > 0 && page.ByteSizeLong() + stored[n].bytes.size() > worker.settings().answer_bytes()) {
            page.set_more(true);
            break;
        }
        add_holds(page, rooms[n], stored[n]);
    }
    worker.dispatcher().answer(origin, response);
}

// Whether the thread stands there, at rest; it is refused otherwise. `then` is called while there is a session.
void find_at_rest(Worker& worker, const Origin& origin, forum::Id room, forum::Id thread, std::function<void()> then) {
    worker.read_entities(
        forum::room_channel(room), {forum::thread_key(thread)},
        [&worker, origin, then = std::move(then)](const store::ReadOutcome<store::EntitiesResult>& outcome) {
            if (origin.anchor->session == nullptr) return;
            if (outcome.failure) return worker.dispatcher().refuse(origin, refusal_of(*outcome.failure));
            const auto& stands = outcome.result.entities.front().bytes;
            if (codec::is_redirect(stands)) return refuse_moved(worker, origin, stands);
            const auto value = codec::decode_value(stands);
            const auto* found = value ? std::get_if<forum::Thread>(&*value) : nullptr;
            if (found == nullptr)
                return worker.dispatcher().refuse(origin, {ErrorCode::not_found, "thread_not_found", "thread", 0});
            if (found->moving != 0)
                return worker.dispatcher().refuse(origin,
                                                  {ErrorCode::unavailable, "thread_moving", "thread", moving_soon_ms});
            then();
        });
}

}  // namespace

// That there is such a thread, which is not on its way elsewhere, is looked at before, and again behind the fence of
// the hold: from then on no move is begun, and one that was begun before is seen.
void handle_set_hold(const Call& call) {
    auto& worker = call.worker;
    const auto& asked = call.request.set_hold();
    const auto* member = member_of(worker, call.session);
    const bool may = member != nullptr && administers(*member, worker.shared().clock.wall_ms());
    if (!may || asked.thread() == 0 || !asked.held() || worker.directory().room(asked.room()) == nullptr)
        return handle_membership(call);
    const auto answer = [room = asked.room(), thread = asked.thread()](Worker& asker, const Origin& to,
                                                                       const ChangeResult& result, auto received) {
        const auto told = [&asker, to, result, received] {
            answer_change(asker, to, std::string(forum::directory_channel), result, received);
        };
        if (result.has_error()) return told();
        find_at_rest(asker, to, room, thread, told);
    };
    find_at_rest(worker, call.origin, asked.room(), asked.thread(),
                 [&worker, origin = call.origin, request = call.request, answer] {
                     act_on_membership({worker, *origin.anchor->session, request, origin}, answer);
                 });
}

void handle_list_holds(const Call& call) {
    auto& worker = call.worker;
    const auto& asked = call.request.list_holds();
    const auto* member = member_of(worker, call.session);
    if (member == nullptr || !moderates_any(worker, *member))
        return worker.dispatcher().refuse(call.origin, {ErrorCode::forbidden, "moderators_only", "", 0});
    auto rooms = rooms_with_holds(worker, *member, asked);
    const bool more = rooms.size() > rooms_of_a_page;
    if (more) rooms.pop_back();
    std::vector<std::string> keys;
    for (const auto id : rooms) keys.push_back("room:" + std::to_string(id));
    if (keys.empty()) return answer_holds(worker, call.origin, rooms, false, {});
    worker.read_entities(std::string(forum::directory_channel), std::move(keys),
                         [&worker, origin = call.origin, rooms = std::move(rooms),
                          more](const store::ReadOutcome<store::EntitiesResult>& outcome) {
                             if (outcome.failure)
                                 return worker.dispatcher().refuse(origin, refusal_of(*outcome.failure));
                             answer_holds(worker, origin, rooms, more, outcome.result.entities);
                         });
}

}  // namespace foorumi::dispatch
