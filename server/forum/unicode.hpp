// What the checks on text need to know of Unicode, without its tables. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace foorumi::forum {

struct CodePoint {
    char32_t value = 0;
    std::size_t bytes = 0;
};

// The first code point. Nothing: the text is empty, or does not begin with a well-formed one (overlong forms,
// surrogates and what lies beyond U+10FFFF are not well-formed).
[[nodiscard]] std::optional<CodePoint> first_code_point(std::string_view text);

// The last code point. REQUIRES: text is UTF-8 and not empty.
[[nodiscard]] char32_t last_code_point(std::string_view text);

[[nodiscard]] bool is_white_space(char32_t c);
// Shows nothing: zero-width and other format characters, or white space.
[[nodiscard]] bool is_invisible(char32_t c);
// C0, DEL and C1.
[[nodiscard]] bool is_control(char32_t c);
// Ends a line: newline, carriage return, next line, line and paragraph separator.
[[nodiscard]] bool is_line_break(char32_t c);
// Beyond ASCII an approximation by blocks: every script's characters count as letters, punctuation and symbols do not.
[[nodiscard]] bool is_letter_or_digit(char32_t c);

}  // namespace foorumi::forum
