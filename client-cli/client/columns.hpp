// Columns of a terminal: how wide text is, where it wraps. Pure but for the terminal's size; widths are those of the
// locale (LC_CTYPE).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace foorumi::client {

// Columns that one character takes: 0, 1 or 2.
[[nodiscard]] std::size_t width_of(char32_t value);

// The row, from 0, on which the cursor stands behind this text on a terminal so wide. 0 columns: no limit.
[[nodiscard]] std::size_t row_of(std::u32string_view text, std::size_t columns);

// The lines of the text, each with the indent before it; where `columns` is not 0, a longer line is broken at a space,
// or in the middle of a word that is longer than a whole line. Our own colours ("ESC [ ... m") take no columns.
[[nodiscard]] std::string wrapped(std::string_view text, std::string_view indent, std::size_t columns);

// How wide the terminal of standard output is; 0: it is none, or does not tell.
[[nodiscard]] std::size_t terminal_columns();

}  // namespace foorumi::client
