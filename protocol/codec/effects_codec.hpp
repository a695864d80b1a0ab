// What follows from a commit, as the bytes that stand with it in the feed. No IO; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "forum/decision.hpp"

namespace foorumi::codec {

// Empty for no effects.
[[nodiscard]] std::string encode_effects(const std::vector<forum::Effect>& effects);

// The effects of the commit that became `version`: '@' in keys is replaced by it, and so are the thread and the message
// of a mention or a reply that are 0. Nothing: bytes that are no effects, or an effect whose value this server does not
// know.
[[nodiscard]] std::optional<std::vector<forum::Effect>> decode_effects(std::string_view bytes, forum::Version version);

}  // namespace foorumi::codec
