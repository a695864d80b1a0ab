// Bugs on purpose, one at a time, by which the chaos runs show that they would notice them: what the environment's
// FOORUMI_MUTANT names, in a build with -DFOORUMI_MUTANTS=ON. In every other build FOORUMI_MUTANT(name) is the word
// false.
#pragma once

#ifdef FOORUMI_MUTANTS

#include <cstdint>

namespace foorumi {

enum class Mutant : std::uint8_t {
#define MUTANT(name, does) name,
#include "base/mutants.def"
#undef MUTANT
};

// Whether it is the one that is on. Throws std::invalid_argument where the environment names none of them.
[[nodiscard]] bool is(Mutant mutant);
// The same, but true once in `turns` calls.
[[nodiscard]] bool is_now_and_then(Mutant mutant, std::uint32_t turns);

}  // namespace foorumi

#define FOORUMI_MUTANT(name) ::foorumi::is(::foorumi::Mutant::name)
#define FOORUMI_MUTANT_EACH(name, turns) ::foorumi::is_now_and_then(::foorumi::Mutant::name, turns)

#else

#define FOORUMI_MUTANT(name) false
#define FOORUMI_MUTANT_EACH(name, turns) false

#endif
