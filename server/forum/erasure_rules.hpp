// What is left of an erased member in the channels of others. Pure.
//
// Not theirs, and so not looked at: that somebody has written their name without '@' before a handle.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "forum/decision.hpp"
#include "forum/rules.hpp"

namespace foorumi::forum {

struct ErasedMember {
    Id id = 0;
    std::string handle;    // as others mention it; not empty
    bool removes = false;  // what they have written, too
    Millis now = 0;
    // Whether a legal hold keeps what is in a thread; null: none does anywhere.
    std::function<bool(Id room, Id thread)> held{};
    // The room whose entities are looked at; 0: they are of no room.
    Id room = 0;
    Id forum = 0;  // that room's
};

// Whether something of the member is in the entity.
//
// Of what they have written, the badge loses municipality and positions, by which somebody in a small municipality is
// known, and with `removes` the text goes, as if they had deleted it, and so do their reactions. Everywhere a mention
// of them becomes "@#<id>", which is no handle. Earlier texts of theirs, which moderators see, go, and so do the
// reasons why messages of theirs were removed, and when they posted last to threads with slow mode. Of what they have
// reported or appealed neither their number nor their words stay, of what was assigned to them that it was.
//
// Where a legal hold stands, texts of theirs are kept from readers, without their handle, and stay with the moderators'
// earlier texts, with no retention of their own: they go when the hold is lifted. What moderators had removed is not
// restored, with `removes`.
[[nodiscard]] bool concerns(const ErasedMember& member, const Entity& value);

// The entity as erase() leaves it, for what comes to a channel that may have been gone through.
[[nodiscard]] Entity without(const ErasedMember& member, const Entity& value);

// The keys that erase() looks at for these entities.
[[nodiscard]] std::vector<std::string> needs_to_erase(const std::vector<std::string>& keys);

// Takes the member out of the entities of one channel.
[[nodiscard]] Decision erase(const ErasedMember& member, const std::vector<std::string>& keys, const View& view);

}  // namespace foorumi::forum
