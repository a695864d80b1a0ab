// What bounds sanctions; each has a name in the configuration, section `sanctions`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "forum/entities.hpp"

namespace foorumi::membership {

struct SanctionLimits {
    std::uint32_t active = 20;                            // in force at once, of one member
    std::uint32_t records = 50;                           // kept of one member; those in force go never
    std::size_t reason_bytes = 1000;                      // of who imposes or lifts one
    std::size_t appeal_bytes = 1000;                      // of whom to appeal to
    forum::Millis longest_ms = 366LL * 24 * 3600 * 1000;  // of one with an end
    forum::Millis keep_ms = 365LL * 24 * 3600 * 1000;     // after it was over
    std::string appeal;                                   // told where an act says nothing else
};

}  // namespace foorumi::membership
