// Which releases may work on the same data, beside each other or one after the other.
#pragma once

#include <cstdint>

namespace foorumi::store {

// A release that changes what is stored gets the next level. If one of an earlier level would misread that, or undo it
// (an entity that it writes loses fields it does not know), it needs at least its own level beside it: with its first
// start on the data, releases of lower levels are refused, at their start and at every connect. Else `needs` stays.
struct Levels {
    std::uint64_t level = 2;  // what this release understands
    std::uint64_t needs = 2;  // the lowest one that may work on what it writes
};

}  // namespace foorumi::store
