#include "forum/municipality.hpp"

#include <algorithm>

namespace foorumi::forum {

MunicipalitySize municipality_size(std::uint64_t population) {
    if (population < 2'000) return MunicipalitySize::under_2000;
    if (population <= 5'000) return MunicipalitySize::up_to_5000;
    if (population <= 10'000) return MunicipalitySize::up_to_10000;
    if (population <= 20'000) return MunicipalitySize::up_to_20000;
    if (population <= 40'000) return MunicipalitySize::up_to_40000;
    if (population <= 100'000) return MunicipalitySize::up_to_100000;
    return MunicipalitySize::over_100000;
}

std::string_view word_of(MunicipalitySize size) {
    switch (size) {
        case MunicipalitySize::under_2000:
            return "under_2000";
        case MunicipalitySize::up_to_5000:
            return "up_to_5000";
        case MunicipalitySize::up_to_10000:
            return "up_to_10000";
        case MunicipalitySize::up_to_20000:
            return "up_to_20000";
        case MunicipalitySize::up_to_40000:
            return "up_to_40000";
        case MunicipalitySize::up_to_100000:
            return "up_to_100000";
        case MunicipalitySize::over_100000:
            break;
    }
    return "over_100000";
}

bool is_municipality_code(std::string_view code) {
    return code.size() == 3 && std::ranges::all_of(code, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace foorumi::forum
