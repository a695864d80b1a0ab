// What is told of a municipality from its number and its population. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace foorumi::forum {

// By inhabitants, in the seven classes in which Finland's municipalities are usually compared: below 2,000, then up to
// and with 5,000, 10,000, 20,000, 40,000 and 100,000, then above.
enum class MunicipalitySize : std::uint8_t {
    under_2000,
    up_to_5000,
    up_to_10000,
    up_to_20000,
    up_to_40000,
    up_to_100000,
    over_100000,
};

inline constexpr std::array municipality_sizes{
    MunicipalitySize::under_2000,  MunicipalitySize::up_to_5000,  MunicipalitySize::up_to_10000,
    MunicipalitySize::up_to_20000, MunicipalitySize::up_to_40000, MunicipalitySize::up_to_100000,
    MunicipalitySize::over_100000,
};

[[nodiscard]] MunicipalitySize municipality_size(std::uint64_t population);

// A stable word; "municipality_size.<word>" is the key of the text in the message catalogues.
[[nodiscard]] std::string_view word_of(MunicipalitySize size);

// Three digits, as Statistics Finland numbers municipalities ("091" is Helsinki). Whether there is one of that number
// is for the directory to tell.
[[nodiscard]] bool is_municipality_code(std::string_view code);

}  // namespace foorumi::forum
