// What members may do less of while they are new. Pure.
//
// How much somebody has posted stands in their own channel, since they post in many rooms: each post, or thread, of one
// who may be new takes its place there first, by its change id. A place is used up also where the post is refused then.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "forum/rules.hpp"

namespace foorumi::forum {

// By the time since they joined, and where they do not moderate: else nothing has to be looked at. REQUIRES: the room
// is visible.
[[nodiscard]] bool may_be_new(const Actor& actor, Id room);

// Addresses that clients show as links: those that begin with http or https, and bare ones that begin with "www.".
[[nodiscard]] std::size_t links_in(std::string_view text);

// In the member's channel. `counts`: it is a post, and not an edit. Who is not new any more decides nothing. Refuses
// with LIMITED too_many_links (text), new_member_limit (room; with the time to wait).
[[nodiscard]] std::vector<std::string> needs_of_newcomer();
[[nodiscard]] Result<Decision> decide_newcomer(const Actor& actor, std::string_view text, bool counts,
                                               const View& view);

}  // namespace foorumi::forum
