// What the kernel tells of this process, for metrics. Thread-safe.
#pragma once

#include <cstdint>

namespace foorumi::observability {

struct ProcessFigures {
    double cpu_seconds = 0;  // user and system
    std::uint64_t resident_bytes = 0;
    std::uint64_t virtual_bytes = 0;
    std::uint64_t open_fds = 0;
    std::uint64_t max_fds = 0;
    double start_seconds = 0;  // since 1970-01-01 UTC, by the clock at the first call
};

// Reads /proc/self, which takes longer the more descriptors are open: for no worker. What cannot be read is 0.
[[nodiscard]] ProcessFigures process_figures();

}  // namespace foorumi::observability
