#include "dispatch/answers.hpp"
#include "dispatch/handlers/handlers.hpp"
#include "dispatch/worker.hpp"

namespace foorumi::dispatch {
namespace {

using forum::ErrorCode;

// Null where the request names a forum that does not exist for this member; `any` where it names none.
const forum::ForumCard* named_forum(const Call& call, const forum::MemberCard& member, bool& any) {
    const auto& asked = call.request.list_rooms();
    const auto& directory = call.worker.directory();
    any = asked.forum() == 0 && asked.forum_slug().empty();
    if (any) return nullptr;
    const auto* forum =
        asked.forum() != 0 ? directory.forum(asked.forum()) : directory.forum_by_slug(asked.forum_slug());
    return forum != nullptr && forum::may_read_forum(directory, member, *forum) ? forum : nullptr;
}

void fill_room(v1::Rooms::Room& out, const forum::RoomCard& card, bool may_write) {
    out.set_id(card.id);
    out.set_forum(card.forum);
    out.set_slug(card.slug);
    out.set_title(card.title);
    out.set_description(card.description);
    out.set_may_write(may_write);
}

}  // namespace

void handle_list_forums(const Call& call) {
    const auto& directory = call.worker.directory();
    const auto* member = member_of(call.worker, call.session);
    v1::Response response;
    auto& forums = *response.mutable_forums();
    for (const auto* card : directory.forums()) {
        if (member == nullptr || !forum::may_read_forum(directory, *member, *card)) continue;
        auto& out = *forums.add_forums();
        out.set_id(card->id);
        out.set_slug(card->slug);
        out.set_title(card->title);
        out.set_description(card->description);
    }
    call.worker.dispatcher().answer(call.origin, response);
}

void handle_list_rooms(const Call& call) {
    const auto& directory = call.worker.directory();
    const auto* member = member_of(call.worker, call.session);
    bool any = false;
    const auto* forum = member == nullptr ? nullptr : named_forum(call, *member, any);
    if (!any && forum == nullptr)
        return call.worker.dispatcher().refuse(call.origin, {ErrorCode::not_found, "forum_not_found", "forum", 0});
    v1::Response response;
    auto& rooms = *response.mutable_rooms();
    for (const auto* card : directory.rooms()) {
        if (forum != nullptr && card->forum != forum->id) continue;
        if (!forum::may_read(directory, *member, {forum::ChannelKind::room, card->id})) continue;
        fill_room(*rooms.add_rooms(), *card, forum::may_write(directory, *member, *card));
    }
    call.worker.dispatcher().answer(call.origin, response);
}

void handle_read_members(const Call& call) {
    const auto& directory = call.worker.directory();
    const auto& asked = call.request.read_members();
    const auto limit = call.worker.settings().session.page;
    if (static_cast<std::size_t>(asked.members_size()) + static_cast<std::size_t>(asked.handles_size()) > limit)
        return call.worker.dispatcher().refuse(call.origin, {ErrorCode::limited, "page_too_large", "members", 0});
    v1::Response response;
    auto& members = *response.mutable_members();
    const auto add = [&](const forum::MemberCard* card) {
        if (card != nullptr) fill_member(*members.add_members(), *card, directory, call.session.language);
    };
    for (auto id : asked.members()) add(directory.member(id));
    for (const auto& handle : asked.handles()) add(directory.member_by_handle(handle));
    call.worker.dispatcher().answer(call.origin, response);
}

}  // namespace foorumi::dispatch
