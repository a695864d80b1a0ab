#include "membership/place_parts.hpp"

#include <algorithm>

#include "forum/text.hpp"

namespace foorumi::membership::places {
namespace {

bool reads_forum(const Actor& actor, const forum::ForumCard& forum) {
    if (actor.member == 0) return true;
    const auto* card = card_of(actor);
    return card != nullptr && forum::may_read_forum(actor.directory, *card, forum, actor.now);
}

bool reads_room(const Actor& actor, forum::Id room) {
    if (actor.member == 0) return true;
    const auto* card = card_of(actor);
    return card != nullptr && forum::may_read(actor.directory, *card, {forum::ChannelKind::room, room}, actor.now);
}

}  // namespace

// --- who may

bool arranges(const Actor& actor, forum::Id forum) {
    if (actor.member == 0) return true;
    const auto* card = card_of(actor);
    return card != nullptr && forum::may_arrange(actor.directory, *card, forum, actor.now);
}

forum::Result<const forum::ForumCard*> visible_forum(const Actor& actor, forum::Id id, std::string_view field) {
    const auto* forum = actor.directory.forum(id);
    if (forum == nullptr || !reads_forum(actor, *forum)) return not_found("forum_not_found", field);
    return forum;
}

forum::Result<const forum::RoomCard*> visible_room(const Actor& actor, forum::Id id, std::string_view field) {
    const auto* room = actor.directory.room(id);
    if (room == nullptr || !reads_room(actor, id)) return not_found("room_not_found", field);
    return room;
}

Checked check_forum(const Actor& actor, forum::Id id) {
    if (const auto forum = visible_forum(actor, id, "forum"); forum.has_error()) return forum.error();
    if (!arranges(actor, 0)) return forbidden("administrators_only", "forum");
    return {};
}

Checked check_home(const Actor& actor, forum::Id id) {
    const auto forum = visible_forum(actor, id, "forum");
    if (forum.has_error()) return forum.error();
    if (!arranges(actor, id)) return forbidden("moderators_only", "forum");
    if ((*forum)->archived) return forbidden("forum_archived", "forum");
    return {};
}

Checked check_room(const Actor& actor, forum::Id id) {
    const auto room = visible_room(actor, id, "room");
    if (room.has_error()) return room.error();
    if (!arranges(actor, (*room)->forum)) return forbidden("moderators_only", "room");
    const auto* forum = actor.directory.forum((*room)->forum);
    if (forum != nullptr && forum->archived) return forbidden("forum_archived", "room");
    return {};
}

// --- what there is

Surroundings surroundings(const Actor& actor, forum::Id forum, std::string_view slug, forum::Id but) {
    Surroundings found;
    each_place(actor, forum, [&](const auto& card) {
        ++found.count;
        found.slug_taken = found.slug_taken || (card.id != but && card.slug == slug);
        found.next_position = std::max(found.next_position, card.position + 1);
    });
    return found;
}

std::size_t most_places(const Actor& actor, forum::Id forum) {
    return forum == 0 ? actor.limits.places.forums : actor.limits.places.rooms;
}

Checked has_room_for(const Actor& actor, const Surroundings& found, forum::Id forum) {
    if (found.slug_taken) return conflict("slug_taken", "slug");
    if (found.count >= most_places(actor, forum)) return limited("too_many_places", "forum");
    return {};
}

// --- fields

Checked check_title(const Actor& actor, std::string_view title) {
    return forum::check_title(title, actor.limits.places.title_bytes, "title");
}

Checked check_description(const Actor& actor, std::string_view description) {
    return forum::check_draft(description, actor.limits.places.description_bytes, "description");
}

Checked check_text(const Actor& actor, const PlaceText& text) {
    if (auto slug = check_slug(text.slug, actor.limits.places.slug_bytes); slug.has_error()) return slug;
    if (auto title = check_title(actor, text.title); title.has_error()) return title;
    return check_description(actor, text.description);
}

}  // namespace foorumi::membership::places
