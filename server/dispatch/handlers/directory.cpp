#include <algorithm>
#include <utility>
#include <vector>

#include "directory/codec.hpp"
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
    const auto now = call.worker.shared().clock.wall_ms();
    return forum != nullptr && forum::may_read_forum(directory, member, *forum, now) ? forum : nullptr;
}

void fill_room(v1::Rooms::Room& out, forum::Id id, const forum::Room& told, bool may_write) {
    out.set_id(id);
    out.set_forum(told.forum);
    out.set_slug(told.slug);
    out.set_title(told.title);
    out.set_description(told.description);
    out.set_may_write(may_write && !told.archived);
    out.set_archived(told.archived);
    out.set_archive_reason(told.archive_reason);
    out.set_retention_days(told.retention_days);
}

// Who reads is in all of them.
void fill_audiences(v1::Rooms::Room& out, const directory::Snapshot& directory, const forum::RoomCard& card) {
    if (const auto* forum = directory.forum(card.forum)) directory::audience_to(forum->audience, *out.add_audiences());
    if (card.audience) directory::audience_to(*card.audience, *out.add_audiences());
}

// One answer's rooms: as many as it may hold.
class RoomPage {
   public:
    RoomPage(Worker& worker, const forum::MemberCard& member, v1::Rooms& out)
        : directory_(worker.directory()),
          member_(member),
          now_(worker.shared().clock.wall_ms()),
          most_(worker.settings().session.rooms),
          bytes_left_(worker.settings().answer_bytes()),
          out_(out) {}

    // after: null, or the room behind which to begin; in none of these forums: there is nothing behind it.
    void fill(const std::vector<const forum::ForumCard*>& forums, const forum::RoomCard* after) {
        for (const auto* forum : forums) {
            if (after != nullptr && after->forum != forum->id) continue;
            // Who may not read a forum may read none of its rooms: they need not be looked at.
            if (forum::may_read_forum(directory_, member_, *forum, now_) &&
                !directory_.each_room(forum->id, after, [this](const forum::RoomCard& card) { return add(card); }))
                return;
            after = nullptr;
        }
    }

   private:
    // False: there is no place for it.
    bool add(const forum::RoomCard& card) {
        if (!forum::may_read(directory_, member_, {forum::ChannelKind::room, card.id}, now_)) return true;
        v1::Rooms::Room room;
        fill_room(room, card.id, forum::told_of(directory_, card), forum::may_write(directory_, member_, card, now_));
        fill_audiences(room, directory_, card);
        const auto bytes = room.ByteSizeLong();
        const auto count = static_cast<std::size_t>(out_.rooms_size());
        if (count == most_ || (bytes > bytes_left_ && count > 0)) {
            out_.set_more(true);
            return false;
        }
        bytes_left_ -= std::min(bytes, bytes_left_);
        *out_.add_rooms() = std::move(room);
        return true;
    }

    const directory::Snapshot& directory_;
    const forum::MemberCard& member_;
    forum::Millis now_;
    std::size_t most_;
    std::size_t bytes_left_;
    v1::Rooms& out_;
};

}  // namespace

void handle_list_forums(const Call& call) {
    const auto& directory = call.worker.directory();
    const auto* member = member_of(call.worker, call.session);
    const auto now = call.worker.shared().clock.wall_ms();
    v1::Response response;
    auto& forums = *response.mutable_forums();
    for (const auto* card : directory.forums()) {
        if (member == nullptr || !forum::may_read_forum(directory, *member, *card, now)) continue;
        auto& out = *forums.add_forums();
        out.set_id(card->id);
        out.set_slug(card->slug);
        out.set_title(card->title);
        out.set_description(card->description);
        out.set_archived(card->archived);
        out.set_archive_reason(card->archive_reason);
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
    const forum::RoomCard* after = nullptr;
    if (const auto id = call.request.list_rooms().after(); id != 0) {
        const auto readable = readable_room(call.worker, call.session, id);
        if (readable.has_error()) return call.worker.dispatcher().refuse(call.origin, readable.error());
        after = *readable;
    }
    v1::Response response;
    RoomPage page(call.worker, *member, *response.mutable_rooms());
    page.fill(forum == nullptr ? directory.forums() : std::vector{forum}, after);
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
