// The language that a browser asks for. Pure.
#pragma once

#include <string>
#include <string_view>

namespace foorumi::net {

// Of an Accept-Language header (RFC 9110 section 12.5.4): "fi", "sv" or "en", the one with the highest quality and of
// equals the first. Empty: none of them is asked for. What is malformed in it is passed over.
[[nodiscard]] std::string accepted_language(std::string_view header);

}  // namespace foorumi::net
