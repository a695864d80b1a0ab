// What members write, compared with the filters of its place. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "forum/rules.hpp"

namespace foorumi::forum {

struct Written {
    std::string_view text;
    std::string_view field;  // of the request
};

// What is to become of it, and by which filters.
struct Screened {
    FilterAction action = FilterAction::none;
    std::string_view field{};  // of the first that has the strongest action
    std::vector<std::string> patterns{};
};

// Compares all texts with the filters of the room's forum, and those that count everywhere. Who moderates there writes
// what they like. Refuses with FORBIDDEN text_filtered (the field) where a filter says so. REQUIRES: the room is
// visible.
[[nodiscard]] Result<Screened> screen(const Actor& actor, Id room, const std::vector<Written>& texts);

// The same of what cannot be held: refuses with FORBIDDEN would_be_held (the field), too.
[[nodiscard]] Result<Screened> screen_present(const Actor& actor, Id room, const std::vector<Written>& texts);

// The patterns that find a held message as filters are now, some of them; none: they are lifted.
[[nodiscard]] std::vector<std::string> patterns_in(const Actor& actor, const HeldMessage& held);

// Reports the message to the moderators, where a filter says so. message 0: the commit's own; thread 0: the same.
void flag(Decision& decision, const Actor& actor, Id room, Id thread, Id message, const Screened& screened);

// A flag, in the moderation channel of its forum, by docs/adr/0023: the report about the message that is open is
// joined, or one begins, in whose name nobody stands. Once for each commit that was flagged. Where flags of the same
// member's messages have begun `most_open` that are open, the newest of them is joined.
[[nodiscard]] std::vector<std::string> needs_to_flag(const Report& flag);
[[nodiscard]] Decision decide_flag(const Report& flag, Version commit, std::size_t most_open, const View& view);

}  // namespace foorumi::forum
