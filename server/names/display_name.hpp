// Names as people read them. Pure and thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "forum/decision.hpp"
#include "names/limits.hpp"

namespace foorumi::names {

// The name as it is kept: normalized to form C, since keyboards differ in how they make an Ä, and with ' for the
// typographic apostrophe ’ (U+2019) that some write by themselves. Nothing else is put right: it is refused, so that
// nobody gets another name than was asked for.
//
// A name has display_name_min to display_name_max code points in that form; letters (letters.hpp), ' - . and spaces;
// begins with a letter, and has no two of the same mark in a row. So there are no digits, no other scripts, no
// combining marks left over, nothing invisible and nothing that turns the direction of text. Reasons, all of the field
// "name": display_name_too_short, display_name_too_long, display_name_spaces (at an end, or two in a row),
// display_name_letters.
[[nodiscard]] forum::Result<std::string> normal_display_name(std::string_view text, const NameLimits& limits);

}  // namespace foorumi::names
