#include "filters/automaton.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace foorumi::filters {
namespace {

using Positions = std::vector<std::size_t>;

// One pattern after the other.
Positions found_one_by_one(const std::vector<std::string>& patterns, std::string_view text) {
    Positions found;
    for (std::size_t i = 0; i < patterns.size(); ++i)
        if (!patterns[i].empty() && text.find(patterns[i]) != std::string_view::npos) found.push_back(i);
    return found;
}

TEST(Automaton, FindsPatternsInsideOneAnotherAndTwice) {
    const std::vector<std::string> patterns{"he", "she", "his", "hers", "he", "", "x"};
    EXPECT_EQ(Automaton(patterns).find("ushers"), (Positions{0, 1, 3, 4}));
    EXPECT_EQ(Automaton(patterns).find(""), Positions{});
    EXPECT_EQ(Automaton(std::vector<std::string>{}).find("ushers"), Positions{});
    EXPECT_EQ(Automaton().find("ushers"), Positions{});
}

TEST(Automaton, FindsWhatLookingForOneAfterTheOtherFinds) {
    const auto word = rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab")));
    EXPECT_TRUE(rc::check([&] {
        const auto patterns = *rc::gen::container<std::vector<std::string>>(word);
        const auto text = *rc::gen::resize(200, word);
        RC_ASSERT(Automaton(patterns).find(text) == found_one_by_one(patterns, text));
    }));
}

// Without marks for what was seen each of the patterns would be reported at each place.
TEST(Automaton, ManyPatternsThatEndEverywhereTakeTimeLinearInTheText) {
    std::vector<std::string> patterns;
    for (std::size_t n = 1; n <= 500; ++n) patterns.emplace_back(n, 'a');
    const std::string text(200'000, 'a');
    EXPECT_EQ(Automaton(patterns).find(text).size(), patterns.size());
}

}  // namespace
}  // namespace foorumi::filters
