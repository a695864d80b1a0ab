#include "names/twins.hpp"

#include "names/unicode_forms.hpp"

namespace foorumi::names {

TwinKeys twin_keys(std::string_view name) {
    const auto spaced = single_spaced(name);
    return {skeleton(case_folded(spaced)), skeleton(case_folded(skeleton(spaced)))};
}

bool are_twins(const TwinKeys& one, const TwinKeys& other) {
    return one.folded == other.folded || one.seen == other.seen;
}

}  // namespace foorumi::names
