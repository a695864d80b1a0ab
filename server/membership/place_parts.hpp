// What the rules of places look at: who may, what there is, what is wrong with fields. Internal to membership/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "membership/parts.hpp"
#include "membership/places.hpp"

namespace foorumi::membership::places {

using Checked = forum::Result<void>;

// Whether the actor arranges the forum's rooms; with 0, forums.
[[nodiscard]] bool arranges(const Actor& actor, forum::Id forum);

// Sight: one refusal for what is not there and for what the actor may not read.
[[nodiscard]] forum::Result<const forum::ForumCard*> visible_forum(const Actor& actor, forum::Id id,
                                                                   std::string_view field);
[[nodiscard]] forum::Result<const forum::RoomCard*> visible_room(const Actor& actor, forum::Id id,
                                                                 std::string_view field);

// Sight and right, and that the forum is not archived whose room is meant. A forum itself; one whose rooms are meant; a
// room.
[[nodiscard]] Checked check_forum(const Actor& actor, forum::Id id);
[[nodiscard]] Checked check_home(const Actor& actor, forum::Id id);
[[nodiscard]] Checked check_room(const Actor& actor, forum::Id id);

// Visits the forum's rooms, or with 0 all forums, in their order.
template <class Visit>
void each_place(const Actor& actor, forum::Id forum, Visit visit) {
    if (forum == 0) {
        for (const auto* card : actor.directory.forums()) visit(*card);
        return;
    }
    actor.directory.each_room(forum, nullptr, [&](const forum::RoomCard& card) {
        visit(card);
        return true;
    });
}

struct Surroundings {
    std::size_t count = 0;
    bool slug_taken = false;
    std::uint32_t next_position = 0;
};
// but: whose own slug does not count.
[[nodiscard]] Surroundings surroundings(const Actor& actor, forum::Id forum, std::string_view slug, forum::Id but = 0);
// How many there may be.
[[nodiscard]] std::size_t most_places(const Actor& actor, forum::Id forum);
[[nodiscard]] Checked has_room_for(const Actor& actor, const Surroundings& found, forum::Id forum);

[[nodiscard]] Checked check_title(const Actor& actor, std::string_view title);
[[nodiscard]] Checked check_description(const Actor& actor, std::string_view description);
[[nodiscard]] Checked check_text(const Actor& actor, const PlaceText& text);

}  // namespace foorumi::membership::places
