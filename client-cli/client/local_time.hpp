// Times as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace foorumi::client {

// "2026-12-31T18:00" in local time, or a day such as "2026-12-31": its end. Milliseconds since 1970-01-01 UTC.
[[nodiscard]] std::optional<std::int64_t> read_local_time(std::string_view text);

}  // namespace foorumi::client
