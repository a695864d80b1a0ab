// The rules of what is kept and for how long: legal holds on rooms and threads, and how old what is in a room may get.
// Acts on the directory like those of rules.hpp, with the same order of checks; both are fenced, so that once one is
// acknowledged nothing is deleted, on any node, by what was so before.
//
// Further refusals, by code (field in parentheses): INVALID text_... (reason), retention_too_long (days). FORBIDDEN
// moderators_only (room), muted (forum). LIMITED too_many_holds (room).
#pragma once

#include <string>
#include <vector>

#include "membership/rules.hpp"

namespace foorumi::membership {

// By administrators, who need not be able to read it. One of another reason takes the place of the one that is there.
// Whether there is such a thread is for the caller to look at.
struct SetHold {
    forum::Id room = 0;
    forum::Id thread = 0;  // 0: the whole room
    bool held = false;     // false: it is lifted
    std::string reason;
};
// By who arranges the rooms of the forum.
struct SetRetention {
    forum::Id room = 0;
    std::uint32_t days = 0;  // 0: for ever
};

[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const SetHold& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const SetHold& command, const View& view);
[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const SetRetention& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const SetRetention& command, const View& view);

}  // namespace foorumi::membership
