#include "base/mutants.hpp"

#ifdef FOORUMI_MUTANTS

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace foorumi {
namespace {

constexpr std::array names = std::to_array<std::string_view>({
#define MUTANT(name, does) #name,
#include "base/mutants.def"
#undef MUTANT
});

std::optional<Mutant> chosen() {
    const char* const name = std::getenv("FOORUMI_MUTANT");
    if (name == nullptr || *name == 0) return std::nullopt;
    const auto* const found = std::ranges::find(names, std::string_view(name));
    if (found == names.end()) throw std::invalid_argument("FOORUMI_MUTANT names no mutant: " + std::string(name));
    return static_cast<Mutant>(found - names.begin());
}

}  // namespace

bool is(Mutant mutant) {
    static const auto on = chosen();
    return on == mutant;
}

bool is_now_and_then(Mutant mutant, std::uint32_t turns) {
    static std::atomic<std::uint32_t> turn{0};
    return is(mutant) && ++turn % turns == 0;
}

}  // namespace foorumi

#endif
