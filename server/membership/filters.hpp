// The rules of filters: which words and links are looked for in what members write, and what becomes of it. Pure, as
// those of rules.hpp. How texts are compared, filters/folding.hpp says; what becomes of them, forum/screening.hpp.
//
// All filters of a place stand in one entity, so that a decision sees them all. All acts are fenced: what is decided
// behind the acknowledgement is compared with what it has left.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "forum/filters.hpp"
#include "membership/rules.hpp"

namespace foorumi::membership {

[[nodiscard]] std::string filters_key(forum::Id forum);

// By moderators of the forum, and by administrators; everywhere by administrators. What is set already, of the same
// kind and pattern, gets the action.
struct SetFilter {
    forum::Id forum = 0;                    // 0: everywhere
    std::optional<forum::FilterKind> kind;  // nothing: one that this server does not know
    std::string pattern;
    std::optional<forum::FilterAction> action;  // the same
};
struct LiftFilter {
    forum::Id forum = 0;
    std::uint64_t filter = 0;  // its number
};

// Further refusals, by code (field in parentheses): INVALID filter_unknown (kind, action), pattern_empty,
// domain_invalid, text_... (pattern). NOT_FOUND filter_not_found (filter). FORBIDDEN moderators_only,
// administrators_only (forum). LIMITED too_many_filters (forum).
[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const SetFilter& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const SetFilter& command, const View& view);
[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const LiftFilter& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const LiftFilter& command, const View& view);

// Who is told of a place's filters: who may set them.
[[nodiscard]] forum::Result<void> may_list_filters(const Actor& actor, forum::Id forum);

}  // namespace foorumi::membership
