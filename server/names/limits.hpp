// Limits on what is known of members; each has a name in the configuration. Plain values.
#pragma once

#include <cstddef>

namespace foorumi::names {

// [members]
struct NameLimits {
    std::size_t display_name_min = 2;  // in code points, as the others without a unit
    std::size_t display_name_max = 80;
    std::size_t handle_min = 3;
    std::size_t handle_max = 40;
    std::size_t positions = 10;        // of one member
    std::size_t position_bytes = 200;  // one of them
};

// [import]
struct ImportLimits {
    std::size_t rows = 2'000;  // without the header
    std::size_t bytes = 1024 * 1024;
};

}  // namespace foorumi::names
