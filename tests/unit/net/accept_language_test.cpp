#include "net/accept_language.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace foorumi::test {
namespace {

using net::accepted_language;

TEST(AcceptLanguage, BestOfTheThreeIsTaken) {
    EXPECT_EQ(accepted_language("fi"), "fi");
    EXPECT_EQ(accepted_language("sv-FI, fi;q=0.9, en;q=0.8"), "sv");
    EXPECT_EQ(accepted_language("de, en-US;q=0.3, fi;q=0.7"), "fi");
    EXPECT_EQ(accepted_language("en;q=0.5,sv;q=0.50,fi;q=0.501"), "fi");
    EXPECT_EQ(accepted_language("en;q=0.5, sv;q=0.5"), "en") << "of equals the first";
    EXPECT_EQ(accepted_language("EN-gb ; q=1.000"), "en");
}

TEST(AcceptLanguage, NoneOfTheThreeIsNone) {
    for (const char* header : {"", "de", "*", "fi;q=0", "sv;q=0.000", "fin", "svenska", ",,;", "-fi", ";q=1"}) {
        EXPECT_EQ(accepted_language(header), "") << header;
    }
}

TEST(AcceptLanguage, MalformedQualityIsPassedOver) {
    for (const char* quality : {"1.1", "2", "-1", "0.1234", ".5", "1.", "x", "", "0,5", "0.5x", "q=1"}) {
        const std::string header = std::string("en;q=") + quality + ", sv;q=0.1";
        EXPECT_EQ(accepted_language(header), quality == std::string("1.") ? "en" : "sv") << header;
    }
}

RC_GTEST_PROP(AcceptLanguage, WhateverComesItIsOneOfThemOrNone, (const std::string& header)) {
    const auto language = accepted_language(header);
    RC_ASSERT(language.empty() || language == "fi" || language == "sv" || language == "en");
}

}  // namespace
}  // namespace foorumi::test
