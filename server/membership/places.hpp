// The rules of places: which forums and rooms there are, what they are called, their order, and whether they are
// archived. Acts on the directory like those of rules.hpp, with the same order of checks; all are fenced, so that each
// is decided on what those before it have left, names and numbers of places included.
//
// Who may is asked in forum::may_arrange(). What the actor may not read is not there for them.
//
// Further refusals, by code (field in parentheses): INVALID slug_letters, slug_too_long (slug), text_... (title,
// description, reason), forum_or_room (forum), audience_missing (audience), places_missing, place_twice (places).
// FORBIDDEN moderators_only (forum, room), room_archived (room), forum_archived (forum). CONFLICT slug_taken (slug).
// LIMITED too_many_places (forum).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "membership/rules.hpp"

namespace foorumi::membership {

struct PlaceText {
    std::string slug;
    std::string title;
    std::string description;  // may be empty
};

// By administrators.
struct CreateForum {
    PlaceText text;
    std::optional<forum::Audience> audience;  // needed
};
// A room never shows more than its forum.
struct CreateRoom {
    forum::Id forum = 0;
    PlaceText text;
    std::optional<forum::Audience> audience;  // nothing: the forum's alone
};
// What is not given stays. Nothing is described in what is archived.
struct DescribePlace {
    forum::Id forum = 0;  // one of the two
    forum::Id room = 0;
    std::optional<std::string> slug;
    std::optional<std::string> title;
    std::optional<std::string> description;
};
// Those named share the places that they have in the order that is given; the others stay where they are.
struct OrderPlaces {
    forum::Id forum = 0;  // whose rooms; 0: forums
    std::vector<forum::Id> places;
};
// From the act on nothing is added or changed there, and behind its acknowledgement nothing lands.
struct ArchivePlace {
    forum::Id forum = 0;  // one of the two
    forum::Id room = 0;
    bool archived = false;
    std::string reason;
};

[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const CreateForum& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const CreateForum& command, const View& view);
[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const CreateRoom& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const CreateRoom& command, const View& view);
[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const DescribePlace& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const DescribePlace& command, const View& view);
[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const OrderPlaces& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const OrderPlaces& command, const View& view);
[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const ArchivePlace& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const ArchivePlace& command, const View& view);

// What may stand in addresses: a-z and 0-9 with single '-' inside, and a letter, so that no number is one.
[[nodiscard]] forum::Result<void> check_slug(std::string_view slug, std::size_t limit);

}  // namespace foorumi::membership
