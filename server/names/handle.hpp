// Handles: what members are mentioned by. Pure and thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "forum/decision.hpp"
#include "names/limits.hpp"

namespace foorumi::names {

// What forum::mentioned_handles() finds whole: a-z and 0-9, inside also '.', '_' and '-', no two dots in a row;
// handle_min to handle_max characters. Reasons, of the field "handle": handle_too_short, handle_too_long,
// handle_letters.
[[nodiscard]] forum::Result<void> check_handle(std::string_view handle, const NameLimits& limits);

// A handle to propose: "aino.metsala" for "Aino Metsälä", "anna-liisa.oja" for "Anna-Liisa Oja". From 2 on, `number` is
// put behind it, for who comes when it is taken. Too short a one is filled up with the digit 1, too long a one is cut.
// Passes check_handle() where the name has a letter and handle_max is at least handle_min and 20 (a number's digits).
[[nodiscard]] std::string handle_of(std::string_view name, const NameLimits& limits, std::size_t number = 1);

}  // namespace foorumi::names
