#include "filters/matcher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <iterator>
#include <sstream>

namespace foorumi::filters {
namespace {

using forum::Filter;
using forum::FilterAction;
using forum::FilterKind;
using forum::FilterMatch;

Filter word(std::string pattern, FilterAction action = FilterAction::flag) {
    return {1, FilterKind::word, std::move(pattern), action};
}
Filter domain(std::string pattern) { return {1, FilterKind::link, std::move(pattern), FilterAction::refuse}; }

bool finds(const Filter& filter, std::string_view text) {
    FilterMatch match;
    Matcher({filter}).find(FoldedText(text), match);
    EXPECT_EQ(match.action != FilterAction::none, !match.patterns.empty());
    return match.action != FilterAction::none;
}

TEST(Matcher, WordsAreWholeWords) {
    EXPECT_TRUE(finds(word("kissa"), "Musta KISSA."));
    EXPECT_FALSE(finds(word("kissa"), "kissat"));
    EXPECT_FALSE(finds(word("kissa"), "mustakissa"));
    EXPECT_TRUE(finds(word("sika"), "s\u200Bi\u00ADkа"));
    EXPECT_FALSE(finds(word("talli"), "tälli"));
}

TEST(Matcher, AStarAtTheEndStandsForAnyEnding) {
    EXPECT_TRUE(finds(word("kissa*"), "kissoja ja kissallekin"));
    EXPECT_TRUE(finds(word("kissa*"), "kissa"));
    EXPECT_FALSE(finds(word("kissa*"), "lumikissa"));
    EXPECT_FALSE(finds(word("kar*"), "kama"));
}

TEST(Matcher, PhrasesAreWordsOneBehindTheOther) {
    EXPECT_TRUE(finds(word("osta nyt"), "Osta,\nNYT!"));
    EXPECT_FALSE(finds(word("osta nyt"), "osta heti nyt"));
    EXPECT_TRUE(finds(word("osta hal*"), "osta halvalla"));
}

TEST(Matcher, CapitalsThatLookAlikeHideNoWord) {
    EXPECT_TRUE(finds(word("mainos"), "osta МАІNOS nyt"));
    EXPECT_TRUE(finds(word("osta nyt"), "ОSТА ΝΥΤ"));
    EXPECT_TRUE(finds(word("москва"), "МОСКВА"));
    EXPECT_TRUE(finds(word("МОСКВА"), "москва"));
    EXPECT_FALSE(finds(word("bot"), "вот"));
    EXPECT_FALSE(finds(word("nyt osta"), "ОSТА ΝΥΤ")) << "the end of one form and the begin of the other";
}

TEST(Matcher, DomainsAreFoundWithAllBelowThem) {
    EXPECT_TRUE(finds(domain("evil.com"), "https://a.b.evil.com/x"));
    EXPECT_TRUE(finds(domain("evil.com"), "evil.com."));
    EXPECT_FALSE(finds(domain("evil.com"), "notevil.com"));
    EXPECT_FALSE(finds(domain("evil.com"), "evil.com.fi"));
    EXPECT_FALSE(finds(domain("a.evil.com"), "https://evil.com"));
    EXPECT_TRUE(finds(domain("hämeenlinna.fi"), "http://www.xn--hmeenlinna-q5a.fi"));
}

TEST(Matcher, TheStrongestActionCountsAndPatternsAreNamedUpToABound) {
    std::vector<Filter> filters{word("a", FilterAction::hold), word("b"), word("c", FilterAction::refuse)};
    FilterMatch match;
    Matcher(filters).find(FoldedText("b a"), match);
    EXPECT_EQ(match, (FilterMatch{FilterAction::hold, {"a", "b"}}));
    filters.assign(2 * forum::most_hits, word("x"));
    FilterMatch many;
    Matcher(filters).find(FoldedText("x"), many);
    EXPECT_EQ(many.patterns.size(), forum::most_hits);
}

TEST(Matcher, WhatCannotBeLookedForFindsNothing) {
    EXPECT_FALSE(pattern_form(FilterKind::word, "*"));
    EXPECT_FALSE(pattern_form(FilterKind::word, " - "));
    EXPECT_FALSE(pattern_form(FilterKind::link, "com"));
    EXPECT_FALSE(finds(word("*"), "a b c"));
}

// By the book: word by word, of ASCII alone.
bool finds_naively(const std::string& pattern, const std::string& text) {
    const auto split = [](const std::string& of) {
        std::istringstream stream(of);
        return std::vector<std::string>(std::istream_iterator<std::string>(stream), {});
    };
    const bool any_ending = pattern.ends_with('*');
    const auto looked_for = split(pattern.substr(0, pattern.size() - (any_ending ? 1 : 0)));
    const auto words = split(text);
    if (looked_for.empty()) return false;
    for (std::size_t at = 0; at + looked_for.size() <= words.size(); ++at) {
        bool same = true;
        for (std::size_t i = 0; i < looked_for.size(); ++i) {
            const bool last = i + 1 == looked_for.size();
            same = same &&
                   (last && any_ending ? words[at + i].starts_with(looked_for[i]) : words[at + i] == looked_for[i]);
        }
        if (same) return true;
    }
    return false;
}

TEST(Matcher, FindsWhatLookingWordByWordFinds) {
    const auto text_of = rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab ")));
    EXPECT_TRUE(rc::check([&] {
        auto pattern = *rc::gen::resize(6, text_of);
        if (*rc::gen::arbitrary<bool>() && !pattern.empty() && pattern.back() != ' ') pattern += '*';
        const auto text = *text_of;
        RC_ASSERT(finds(word(pattern), text) == finds_naively(pattern, text));
    }));
}

}  // namespace
}  // namespace foorumi::filters
