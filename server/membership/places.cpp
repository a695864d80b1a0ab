#include "membership/places.hpp"

#include <algorithm>
#include <cstdint>
#include <map>

#include "directory/codec.hpp"
#include "forum/text.hpp"
#include "membership/place_parts.hpp"

namespace foorumi::membership {

using namespace places;

namespace {

std::string forum_key(forum::Id id) { return "forum:" + std::to_string(id); }
std::string room_key(forum::Id id) { return "room:" + std::to_string(id); }

template <class Command>
Checked check_one(const Command& command) {
    if ((command.room == 0) == (command.forum == 0)) return invalid("forum_or_room", "forum");
    return {};
}

template <class Command>
Checked check_place(const Actor& actor, const Command& command) {
    return command.room != 0 ? check_room(actor, command.room) : check_forum(actor, command.forum);
}

template <class Card>
void fill(Card& card, const PlaceText& text) {
    card.slug = text.slug;
    card.title = text.title;
    card.description = text.description;
}

// --- decisions

forum::Effect told(forum::Id room) {
    forum::Effect effect;
    effect.room = room;
    return effect;
}

// Every act of places is decided on what the others have left: whoever decides on less is sent back by the fence.
Decision put(std::string key, std::string bytes) {
    Decision decision;
    decision.puts.push_back({std::move(key), std::move(bytes), {}});
    decision.takes_away = true;
    return decision;
}

// What a later release has written besides stays as it is.
template <class Change>
Decision changed(const View& view, const std::string& key, bool room, Change change) {
    auto entity = entity_at(view, key);
    const auto before = entity.SerializeAsString();
    room ? change(*entity.mutable_room()) : change(*entity.mutable_forum());
    auto bytes = entity.SerializeAsString();
    if (bytes != before) return put(key, std::move(bytes));
    Decision decision;
    decision.takes_away = true;  // also where somebody else has done so a moment ago
    return decision;
}

template <class Command>
std::string key_of_place(const Command& command) {
    return command.room != 0 ? room_key(command.room) : forum_key(command.forum);
}

Checked check_all(const Actor& actor, const CreateForum& command) {
    if (auto text = check_text(actor, command.text); text.has_error()) return text;
    if (!command.audience) return invalid("audience_missing", "audience");
    if (!arranges(actor, 0)) return forbidden("administrators_only");
    return check_audience(actor, *command.audience);
}

Checked check_all(const Actor& actor, const CreateRoom& command) {
    if (auto text = check_text(actor, command.text); text.has_error()) return text;
    if (auto home = check_home(actor, command.forum); home.has_error()) return home;
    return command.audience ? check_audience(actor, *command.audience) : Checked();
}

Checked check_all(const Actor& actor, const DescribePlace& command) {
    if (auto one = check_one(command); one.has_error()) return one;
    if (command.slug)
        if (auto slug = check_slug(*command.slug, actor.limits.places.slug_bytes); slug.has_error()) return slug;
    if (command.title)
        if (auto title = check_title(actor, *command.title); title.has_error()) return title;
    if (command.description)
        if (auto text = check_description(actor, *command.description); text.has_error()) return text;
    if (auto place = check_place(actor, command); place.has_error()) return place;
    if (command.room != 0 && actor.directory.room(command.room)->archived) return forbidden("room_archived", "room");
    if (command.forum != 0 && actor.directory.forum(command.forum)->archived)
        return forbidden("forum_archived", "forum");
    return {};
}

Checked check_all(const Actor& actor, const ArchivePlace& command) {
    if (auto one = check_one(command); one.has_error()) return one;
    const auto limit = actor.limits.reason_bytes;
    auto reason = command.archived ? forum::check_text(command.reason, limit, "reason")
                                   : forum::check_draft(command.reason, limit, "reason");
    if (reason.has_error()) return reason;
    return check_place(actor, command);
}

Checked check_named(const Actor& actor, const OrderPlaces& command, forum::Id place) {
    if (command.forum == 0) {
        if (const auto forum = visible_forum(actor, place, "places"); forum.has_error()) return forum.error();
        return {};
    }
    const auto room = visible_room(actor, place, "places");
    if (room.has_error()) return room.error();
    if ((*room)->forum != command.forum) return not_found("room_not_found", "places");
    return {};
}

Checked check_all(const Actor& actor, const OrderPlaces& command) {
    if (command.places.empty()) return invalid("places_missing", "places");
    auto sorted = command.places;
    std::ranges::sort(sorted);
    if (std::ranges::adjacent_find(sorted) != sorted.end()) return invalid("place_twice", "places");
    if (command.forum != 0) {
        if (auto home = check_home(actor, command.forum); home.has_error()) return home;
    } else if (!arranges(actor, 0)) {
        return forbidden("administrators_only");
    }
    if (command.places.size() > most_places(actor, command.forum)) return limited("too_many_places", "places");
    for (const auto place : command.places)
        if (auto named = check_named(actor, command, place); named.has_error()) return named;
    return {};
}

// Those whose position changes, with the new one.
forum::Result<std::map<forum::Id, std::uint32_t>> moves(const Actor& actor, const OrderPlaces& command) {
    std::vector<std::pair<forum::Id, std::uint32_t>> all;
    each_place(actor, command.forum, [&](const auto& card) { all.emplace_back(card.id, card.position); });
    if (all.size() > most_places(actor, command.forum)) return limited("too_many_places", "forum");
    auto next = command.places.begin();
    std::map<forum::Id, std::uint32_t> moved;
    std::map<forum::Id, std::uint32_t> before(all.begin(), all.end());
    for (std::uint32_t position = 0; position < all.size(); ++position) {
        const bool named = std::ranges::find(command.places, all[position].first) != command.places.end();
        const auto id = named ? *next++ : all[position].first;
        if (before.at(id) != position) moved[id] = position;
    }
    return moved;
}

std::string key_of_moved(const OrderPlaces& command, forum::Id id) {
    return command.forum == 0 ? forum_key(id) : room_key(id);
}

}  // namespace

forum::Result<void> check_slug(std::string_view slug, std::size_t limit) {
    if (slug.size() > limit) return invalid("slug_too_long", "slug");
    const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto is_good = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-'; };
    const bool marks_inside =
        !slug.starts_with('-') && !slug.ends_with('-') && slug.find("--") == std::string_view::npos;
    if (!marks_inside || !std::ranges::all_of(slug, is_good) || std::ranges::none_of(slug, is_letter))
        return invalid("slug_letters", "slug");
    return {};
}

Keys needs(const Actor& actor, const CreateForum& command) {
    if (auto checked = check_all(actor, command); checked.has_error()) return checked.error();
    return std::vector<std::string>();
}

forum::Result<Decision> decide(const Actor& actor, const CreateForum& command, const View& /*view*/) {
    if (auto checked = check_all(actor, command); checked.has_error()) return checked.error();
    const auto found = surroundings(actor, 0, command.text.slug);
    if (auto place = has_room_for(actor, found, 0); place.has_error()) return place.error();
    forum::ForumCard card;
    fill(card, command.text);
    card.position = found.next_position;
    card.audience = *command.audience;
    return put("forum:@", directory::encode(card));
}

Keys needs(const Actor& actor, const CreateRoom& command) {
    if (auto checked = check_all(actor, command); checked.has_error()) return checked.error();
    return std::vector{forum_key(command.forum)};
}

forum::Result<Decision> decide(const Actor& actor, const CreateRoom& command, const View& /*view*/) {
    if (auto checked = check_all(actor, command); checked.has_error()) return checked.error();
    const auto found = surroundings(actor, command.forum, command.text.slug);
    if (auto place = has_room_for(actor, found, command.forum); place.has_error()) return place.error();
    forum::RoomCard card;
    fill(card, command.text);
    card.forum = command.forum;
    card.position = found.next_position;
    card.audience = command.audience;
    auto decision = put("room:@", directory::encode(card));
    decision.effects.push_back(told(0));
    return decision;
}

Keys needs(const Actor& actor, const DescribePlace& command) {
    if (auto checked = check_all(actor, command); checked.has_error()) return checked.error();
    return std::vector{key_of_place(command)};
}

forum::Result<Decision> decide(const Actor& actor, const DescribePlace& command, const View& view) {
    if (auto checked = check_all(actor, command); checked.has_error()) return checked.error();
    if (command.slug) {
        const auto forum = command.room != 0 ? actor.directory.room(command.room)->forum : 0;
        const auto own = command.room != 0 ? command.room : command.forum;
        if (surroundings(actor, forum, *command.slug, own).slug_taken) return conflict("slug_taken", "slug");
    }
    auto decision = changed(view, key_of_place(command), command.room != 0, [&](auto& stored) {
        if (command.slug) stored.set_slug(*command.slug);
        if (command.title) stored.set_title(*command.title);
        if (command.description) stored.set_description(*command.description);
    });
    if (command.room != 0 && !decision.puts.empty()) decision.effects.push_back(told(command.room));
    return decision;
}

Keys needs(const Actor& actor, const OrderPlaces& command) {
    if (auto checked = check_all(actor, command); checked.has_error()) return checked.error();
    const auto moved = moves(actor, command);
    if (moved.has_error()) return moved.error();
    std::vector<std::string> keys;
    for (const auto& [id, position] : *moved) keys.push_back(key_of_moved(command, id));
    return keys;
}

forum::Result<Decision> decide(const Actor& actor, const OrderPlaces& command, const View& view) {
    if (auto checked = check_all(actor, command); checked.has_error()) return checked.error();
    const auto moved = moves(actor, command);
    if (moved.has_error()) return moved.error();
    Decision decision;
    for (const auto& [id, position] : *moved) {
        const auto key = key_of_moved(command, id);
        // They have been ordered anew since needs().
        if (!view.has(key)) return Refusal{ErrorCode::unavailable, "contended", "", 200};
        auto one =
            changed(view, key, command.forum != 0, [place = position](auto& stored) { stored.set_position(place); });
        for (auto& put : one.puts) decision.puts.push_back(std::move(put));
    }
    decision.takes_away = true;
    return decision;
}

Keys needs(const Actor& actor, const ArchivePlace& command) {
    if (auto checked = check_all(actor, command); checked.has_error()) return checked.error();
    return std::vector{key_of_place(command)};
}

forum::Result<Decision> decide(const Actor& actor, const ArchivePlace& command, const View& view) {
    if (auto checked = check_all(actor, command); checked.has_error()) return checked.error();
    auto decision = changed(view, key_of_place(command), command.room != 0, [&](auto& stored) {
        stored.set_archived(command.archived);
        stored.set_archive_reason(command.archived ? command.reason : std::string());
    });
    if (decision.puts.empty()) return decision;
    if (command.room != 0) {
        decision.effects.push_back(told(command.room));
    } else {
        each_place(actor, command.forum, [&](const auto& card) { decision.effects.push_back(told(card.id)); });
    }
    return decision;
}

}  // namespace foorumi::membership
