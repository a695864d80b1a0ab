#include "forum/municipality.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <limits>
#include <set>
#include <string>
#include <utility>

namespace foorumi::forum {
namespace {

using enum MunicipalitySize;

TEST(MunicipalitySizes, ChangeJustBehindTheirBounds) {
    constexpr std::array<std::pair<std::uint64_t, MunicipalitySize>, 14> expected{{
        {0, under_2000},
        {1'999, under_2000},
        {2'000, up_to_5000},
        {5'000, up_to_5000},
        {5'001, up_to_10000},
        {10'000, up_to_10000},
        {10'001, up_to_20000},
        {20'000, up_to_20000},
        {20'001, up_to_40000},
        {40'000, up_to_40000},
        {40'001, up_to_100000},
        {100'000, up_to_100000},
        {100'001, over_100000},
        {std::numeric_limits<std::uint64_t>::max(), over_100000},
    }};
    for (const auto& [population, size] : expected) EXPECT_EQ(municipality_size(population), size) << population;
}

RC_GTEST_PROP(MunicipalitySizes, NeverShrinkAsPeopleMoveIn, (std::uint32_t population, std::uint32_t more)) {
    RC_ASSERT(municipality_size(population) <= municipality_size(std::uint64_t{population} + more));
}

TEST(MunicipalitySizes, HaveAWordEach) {
    std::set<std::string> words;
    for (const auto size : municipality_sizes) EXPECT_TRUE(words.insert(std::string(word_of(size))).second);
    EXPECT_EQ(words.size(), 7U);
    EXPECT_EQ(word_of(under_2000), "under_2000");
    EXPECT_EQ(word_of(over_100000), "over_100000");
}

TEST(MunicipalityCodes, AreThreeDigits) {
    for (const auto* code : {"091", "005", "992"}) EXPECT_TRUE(is_municipality_code(code)) << code;
    for (const auto* code : {"", "9", "91", "0910", "9a1", " 91", "91 ", "-91", "٠٩١", "0\t1"}) {
        EXPECT_FALSE(is_municipality_code(code)) << code;
    }
}

}  // namespace
}  // namespace foorumi::forum
