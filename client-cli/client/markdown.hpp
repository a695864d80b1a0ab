// Message texts in the subset of Markdown of docs/protocol.md, section 9, for a terminal with colours. Pure.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace foorumi::client {

// The text as visible() shows it, with strong, emphasised and quoted text, code, lists, links and the mentions of these
// handles (lower case) styled by escape sequences of our own ("ESC [ ... m") and their markup taken away. A link is
// shown as "text (https://...)". Markup that is not complete stays as it stands. The answer holds no other control
// characters than line feeds, tabs and the ESC of our own.
[[nodiscard]] std::string styled_markdown(std::string_view text, const std::set<std::string>& handles);

}  // namespace foorumi::client
