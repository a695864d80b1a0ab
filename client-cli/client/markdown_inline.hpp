// What stands inside a paragraph of a message: strong and emphasised text, code, links, addresses, mentions. Pure.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace foorumi::client {

// Begin and end of code, in a paragraph or as a block.
inline constexpr std::string_view code_begin = "\x1b[36m";
inline constexpr std::string_view code_end = "\x1b[39m";

// See styled_markdown(). REQUIRES: the text went through visible().
[[nodiscard]] std::string styled_inline(std::string_view text, const std::set<std::string>& handles);

}  // namespace foorumi::client
