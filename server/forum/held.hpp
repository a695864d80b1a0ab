// Messages that wait for a moderator before anybody but their author sees them. Pure; check(), needs() and decide() as
// in rules.hpp.
//
// What is held is decided on in its room, as any post is, and committed to the moderation channel of the room's forum:
// of the room nothing is changed, so that nobody there can tell. Approved, it is posted in the room by an effect.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "forum/rules.hpp"

namespace foorumi::forum {

// By who works in the forum's queue; what is one's own is left to others.
struct ApproveHeld {
    Id forum = 0;
    std::uint64_t held = 0;
};
struct RejectHeld {
    Id forum = 0;
    std::uint64_t held = 0;
    std::string reason;
};

// As it is to be held; without a number.
[[nodiscard]] HeldMessage held_of(const Actor& actor, const PostMessage& command);
[[nodiscard]] HeldMessage held_of(const Actor& actor, const StartThread& command);

template <class Command>
[[nodiscard]] Decision to_hold(const Actor& actor, const Command& command, const std::vector<std::string>& patterns) {
    Decision decision;
    decision.hold = held_of(actor, command);
    decision.hold->filters = patterns;
    return decision;
}

// In the moderation channel. What is there, or was, decides nothing. LIMITED too_many_held (room).
[[nodiscard]] std::vector<std::string> needs_to_hold(const HeldMessage& held);
[[nodiscard]] Result<Decision> decide_hold(const Actor& actor, const HeldMessage& held, const View& view);

// Both take it out, and are for the audit log. Further refusals: NOT_FOUND held_not_found (held). FORBIDDEN own_held;
// to approve author_may_not_write, room_archived (held).
[[nodiscard]] Result<void> check(const Actor& actor, const ApproveHeld& command);
[[nodiscard]] std::vector<std::string> needs(const Actor& actor, const ApproveHeld& command);
[[nodiscard]] Result<Decision> decide(const Actor& actor, const ApproveHeld& command, const View& view);

[[nodiscard]] Result<void> check(const Actor& actor, const RejectHeld& command);
[[nodiscard]] std::vector<std::string> needs(const Actor& actor, const RejectHeld& command);
[[nodiscard]] Result<Decision> decide(const Actor& actor, const RejectHeld& command, const View& view);

// In the room: posts it as a new message of its author's, once. `author`: who posts; there is such a member. What was
// posted decides nothing. Where it cannot be posted as things are, Decision::returned says why, also where that passes
// by itself: what it waited for might wait for it. Refuses nothing.
[[nodiscard]] std::vector<std::string> needs_to_post(const HeldMessage& held);
[[nodiscard]] Result<Decision> decide_posting(const Actor& author, const HeldMessage& held, const View& view);

// In the moderation channel: it waits again, once for each commit that approved it.
[[nodiscard]] std::vector<std::string> needs_to_return(const HeldMessage& held);
[[nodiscard]] Decision decide_return(const HeldMessage& held, Version approval, const View& view);

}  // namespace foorumi::forum
