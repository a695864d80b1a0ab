// Checks, before any store is made, that a Redis keeps what Foorumi promises, and that its data is this installation's.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "store/levels.hpp"

namespace foorumi::store {

struct InstallationCheck {
    std::string id;       // of the installation: random, made at the first start
    std::string error;    // not empty: refused; says what is wrong and how to mend it, without any password
    std::string warning;  // what may be used, but has a catch
    [[nodiscard]] bool ok() const { return error.empty(); }
};

// Blocks. Connects, again and again while Redis is not there yet, loads its files or rewrites its append-only file,
// until the deadline; checks version (7.0 or later), role, AOF, fsync and eviction policy; writes or compares the
// installation's record. Of a cluster all of that on every primary, and that all slots are served. `replicas`: that
// must be connected to each primary (Options::replicas), by the deadline. `levels`: of this release; from then on
// servers of lower levels than it needs are refused.
[[nodiscard]] InstallationCheck check_installation(std::string_view url, std::uint16_t partitions,
                                                   std::chrono::milliseconds deadline = std::chrono::seconds(60),
                                                   std::uint32_t replicas = 0, Levels levels = {});

}  // namespace foorumi::store
