// Steps of a message's way at which the chaos runs end the process, as kill -9 would: at the pass that the
// environment's FOORUMI_CRASH_POINT names, as in "commit_released:3", in a build with -DFOORUMI_CRASH_POINTS=ON. In
// every other build FOORUMI_CRASH_POINT(name) is nothing. Thread-safe.
#pragma once

#ifdef FOORUMI_CRASH_POINTS

#include <cstdint>

namespace foorumi {

enum class CrashPoint : std::uint8_t {
#define CRASH_POINT(name, where) name,
#include "base/crash_points.def"
#undef CRASH_POINT
};

// Does not return from the pass that was named. Throws std::invalid_argument where the environment names no such point,
// or no pass of it.
void pass(CrashPoint point);

}  // namespace foorumi

#define FOORUMI_CRASH_POINT(name) ::foorumi::pass(::foorumi::CrashPoint::name)

#else

#define FOORUMI_CRASH_POINT(name) static_cast<void>(0)

#endif
