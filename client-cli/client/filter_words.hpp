// Filters by what people call them. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foorumi/v1/protocol.pb.h"

namespace foorumi::client {

[[nodiscard]] std::vector<std::string> filter_kinds();    // "word", "link"
[[nodiscard]] std::vector<std::string> filter_actions();  // "flag", "hold", "refuse"
[[nodiscard]] std::optional<foorumi::v1::FilterKind> read_filter_kind(std::string_view word);
[[nodiscard]] std::optional<foorumi::v1::FilterAction> read_filter_action(std::string_view word);

}  // namespace foorumi::client
