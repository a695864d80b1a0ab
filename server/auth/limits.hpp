// The greatest values that a configuration can have, where more than the table of options asks for them.
#pragma once

#include <cstdint>

namespace foorumi::auth {

inline constexpr std::uint32_t most_memory_kib = 1024 * 1024;
inline constexpr std::uint32_t most_passes = 16;

}  // namespace foorumi::auth
