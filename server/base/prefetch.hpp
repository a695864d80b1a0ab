// A hint to the processor. A fan-out looks at thousands of sessions, each written by a system call which pushes the
// others out of the caches: what comes soon is fetched while the present one is written.
#pragma once

#include <cstddef>

namespace foorumi {

inline constexpr std::size_t cache_line = 64;

// A connection, from its state to the first slots of its outbox.
inline constexpr std::size_t connection_lines = 3;

// So many ahead: far enough for memory to answer, near enough for what was fetched to be there still.
inline constexpr std::size_t prefetch_distance = 4;

// The first `lines` cache lines of an object; any address will do, also a wrong one.
inline void prefetch(const void* address, std::size_t lines = 1) {
    for (std::size_t i = 0; i < lines; ++i) __builtin_prefetch(static_cast<const char*>(address) + i * cache_line);
}

}  // namespace foorumi
