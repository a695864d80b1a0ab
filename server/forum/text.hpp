// Checks on text that members write. Pure. Every refusal is INVALID, with the field that was named.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "forum/decision.hpp"

namespace foorumi::forum {

[[nodiscard]] bool is_utf8(std::string_view text);

// A message's text: UTF-8, 1 to `limit` bytes, not only white space or invisible characters, no NUL and no C0 controls
// but tab and newline. Reasons: text_empty, text_too_long, text_not_utf8, text_control_character.
[[nodiscard]] Result<void> check_text(std::string_view text, std::size_t limit, std::string_view field);

// As a text, but it may be empty: what is not finished yet.
[[nodiscard]] Result<void> check_draft(std::string_view text, std::size_t limit, std::string_view field);

// A title: as a text, and on one line. Further reason: title_line_break.
[[nodiscard]] Result<void> check_title(std::string_view text, std::size_t limit, std::string_view field);
[[nodiscard]] Result<void> check_draft_title(std::string_view text, std::size_t limit, std::string_view field);

// A reaction: UTF-8 of 1 to `limit` bytes with a symbol and without letters, white space and controls. Whether it is
// one symbol only is not told: what shows as one changes with Unicode's tables. Reasons: emoji_empty, emoji_too_long,
// emoji_invalid.
[[nodiscard]] Result<void> check_emoji(std::string_view emoji, std::size_t limit);

// Handles after '@' in the text, in order of appearance, each once, lower case. A mention starts at the text's begin or
// after a character that is no letter, digit or '@'; mentions inside code spans, code blocks and addresses such as
// a@b.fi do not count. A handle: [a-z0-9] and inside also '.', '_', '-'; two dots end it, and directly followed by a
// letter outside a-z or by '@' it is none. Code blocks are fenced with ``` or ~~~; a code span ends within its
// paragraph. REQUIRES: is_utf8(text).
[[nodiscard]] std::vector<std::string> mentioned_handles(std::string_view text);

// The text with `instead` for every '@' that this handle follows, in any case, in code, too, and not as the begin of a
// longer one. REQUIRES: the handle is lower case.
[[nodiscard]] std::string without_handle(std::string_view text, std::string_view handle, std::string_view instead);

}  // namespace foorumi::forum
