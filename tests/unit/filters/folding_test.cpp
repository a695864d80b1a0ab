#include "filters/folding.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <ctime>

namespace foorumi::filters {
namespace {

// With '|' for the separator.
std::string shown(std::string form) {
    std::ranges::replace(form, separator, '|');
    return form;
}
std::string words(std::string_view text) { return shown(folded_words(text)); }
std::string hosts(std::string_view text) { return shown(named_hosts(text)); }

TEST(FoldedWords, AreLettersAndDigitsBetweenSeparators) {
    EXPECT_EQ(words("Osta NYT, 2 kpl!"), "|osta|nyt|2|kpl|");
    EXPECT_EQ(words(""), "|");
    EXPECT_EQ(words(" -- "), "|");
    EXPECT_EQ(words("a\x01"
                    "b"),
              "|a|b|");
}

TEST(FoldedWords, FinnishAndSwedishLettersAreLettersComposedOrNot) {
    EXPECT_EQ(words("ÄLÄ"), "|älä|");
    EXPECT_EQ(words("A\u0308la\u0308"), "|älä|");
    EXPECT_EQ(words("o\u030Aa"), "|oa|");  // no letter of its own
    EXPECT_EQ(words("Åland o\u0308"), "|åland|ö|");
    EXPECT_NE(words("sänky"), words("sanky"));
    EXPECT_NE(words("tälli"), words("talli"));
}

TEST(FoldedWords, OtherMarksDoNotCount) {
    EXPECT_EQ(words("h\u0301e\u0336rne\u0308\u0301"), "|herne|");
    EXPECT_EQ(words("hérne"), "|herne|");
    EXPECT_EQ(words("a\u0336\u0308"), "|ä|");
    EXPECT_EQ(words("\u0301a"), "|a|");
}

std::string repeated(std::string_view text, int times) {
    std::string out;
    for (int n = 0; n < times; ++n) out += text;
    return out;
}

TEST(FoldedWords, OfMarksInARowNoMoreAreLookedAtThanAnyLanguageHas) {
    const std::string acute = "\u0301";
    EXPECT_EQ(words("a" + repeated(acute, 29) + "\u0308 b\u0301"), "|ä|b|");
    EXPECT_EQ(words("a" + repeated(acute, 30) + "\u0308 b\u0301"), "|a|b|");
    // What is not shown neither ends the row, nor is it counted.
    EXPECT_EQ(words("a" + repeated(acute + "\u200B\u034F", 30) + "\u0308"), "|a|");
    EXPECT_EQ(words("a" + repeated("\u200B", 100) + "\u0308"), "|ä|");
    EXPECT_EQ(hosts("a" + repeated(acute, 99) + ".fi"), hosts("a" + repeated(acute, 30) + ".fi"));
}

// By the processor's time, the least of some: one text beside the other.
double seconds_to_fold(const std::string& text) {
    double least = 1e9;
    for (int n = 0; n < 5; ++n) {
        const auto begin = std::clock();
        EXPECT_FALSE(folded_words(text).empty() || named_hosts(text).empty());
        least = std::min(least, static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
    }
    return least;
}

TEST(Folding, TakesNoLongerForMarksOutOfOrderThanForOtherText) {
    const auto marks = "a" + repeated("\u0301", 16'384) + repeated("\u0316", 16'383);
    const auto hidden = "a" + repeated("\u0301\u200B", 6'554) + repeated("\u0316\u200B", 6'553);
    const auto plain = repeated("sana ", 13'107);
    EXPECT_EQ(words(marks), "|a|");
    EXPECT_EQ(words(hidden), "|a|");
    const double other = seconds_to_fold(plain);  // quadratic, it would be a thousand times as long
    EXPECT_LT(seconds_to_fold(marks), 50 * other);
    EXPECT_LT(seconds_to_fold(hidden), 50 * other);
}

TEST(FoldedWords, WhatIsNotShownAndFormsForCompatibilityDoNotCount) {
    EXPECT_EQ(words("s\u200Ba\u00ADn\u2060a"), "|sana|");
    EXPECT_EQ(words("ｓａｎａ"), "|sana|");
    EXPECT_EQ(words("𝓼𝓪𝓷𝓪"), "|sana|");
    EXPECT_EQ(words("ﬁrma"), "|firma|");
    EXPECT_EQ(words("STRASSE"), words("straße"));
}

TEST(FoldedWords, LettersOfOtherScriptsThatLookAlikeAreTheSame) {
    EXPECT_EQ(words("sаnа"), "|sana|");  // Cyrillic а
    EXPECT_EQ(words("ѕаnа"), "|sana|");  // and ѕ
    EXPECT_EQ(words("οstα"), "|osta|");  // Greek
    EXPECT_EQ(words("а\u0308lа\u0308"), "|älä|");
    EXPECT_EQ(words("sıka"), "|sika|");
    EXPECT_EQ(words("ж"), "|ж|");
    // Of ASCII none is another one: else "kar*" would begin "kama", whose skeleton is "karna".
    EXPECT_NE(words("kama"), words("karna"));
    EXPECT_NE(words("a11"), words("all"));
}

TEST(FoldedWords, LettersInFramesAndSmallCapitalsAreLetters) {
    EXPECT_EQ(words("🅢🅐🅝🅐 🆂🅰🅽🅰 🄢🄐🄝🄐 🅉"), "|sana|sana|s|a|n|a|z|");
    EXPECT_EQ(words("ᴍᴀɪɴᴏꜱ ꜰʏᴢ"), "|mainos|fyz|");
}

TEST(FoldedWords, CapitalsAreAlsoWhatTheyLookLike) {
    const auto by_capitals = [](std::string_view text) { return shown(words_by_capitals(text)); };
    EXPECT_EQ(by_capitals("МАІNOS"), "|mainos|");      // Cyrillic М, А and І
    EXPECT_EQ(by_capitals("ОЅТА ΝΥΤ"), "|osta|nyt|");  // and Greek
    EXPECT_EQ(by_capitals("КИССА kiВВo"), "|kиcca|kibbo|");
    EXPECT_EQ(by_capitals("ΆA\u0308"), "|aä|");
    EXPECT_EQ(by_capitals("Sana мир ÄÖÅ"), "");
    // A word of that script is the same in both cases.
    EXPECT_EQ(words("МОСКВА"), words("москва"));
}

TEST(FoldedWords, MarkupDoesNotTakeAWordApart) {
    EXPECT_EQ(words("s**an**a `x`"), "|sana|x|");
    EXPECT_EQ(words("https://a.fi"), "|https|a|fi|");
}

TEST(NamedHosts, AreFoundHoweverTheyAreWritten) {
    for (const auto* text : {"evil.com", "http://evil.com", "HTTPS://EVIL.COM/x?y", "evil.com.",
                             "//user:pass@evil.com:80", "https://ok@evil.com", "[hei](http://evil.com)",
                             "ev\u00ADil.com", "ｅｖｉｌ．ｃｏｍ", "evil。com", "https://ev%69l%2ecom/", "ⓔvil.com"}) {
        const auto found = hosts(text);
        EXPECT_NE(found.find(".evil.com|"), std::string::npos) << text << " " << found;
    }
    EXPECT_EQ(hosts("ei mitään"), "|.ei|.mitään|");
}

TEST(NamedHosts, AreFoundBesideHyphensAndPercentSigns) {
    for (const auto* text : {"evil.com-sivustolta", "-evil.com", "evil.com-", "--evil.com--", "evil-.com", "%evil.com",
                             "50%evil.com", "ev%69l.com", "https://evil.com%2fx"}) {
        const auto found = hosts(text);
        EXPECT_NE(found.find(".evil.com|"), std::string::npos) << text << " " << found;
    }
    EXPECT_EQ(hosts("%adsite.com"), "|.adsite.com|.site.com|") << "and what it is undone, whatever that is";
    EXPECT_EQ(hosts("ei-evil.com"), "|.ei-evil.com|") << "another domain";
    EXPECT_EQ(hosts("- -- .-."), "|");
}

TEST(NamedHosts, NamesInOtherAlphabetsAreTheSameAsTheirPunycode) {
    EXPECT_EQ(hosts("https://xn--hmeenlinna-q5a.fi"), hosts("https://hämeenlinna.fi"));
    EXPECT_EQ(hosts("https://HÄMEENLINNA.fi"), hosts("https://ha\u0308meenlinna.fi"));
    // What it looks like does not count: it leads elsewhere.
    EXPECT_NE(hosts("https://еvil.com"), hosts("https://evil.com"));
    EXPECT_EQ(hosts("xn--.fi xn--zzzzzzzzzz99999.fi").front(), '|');  // is not read, and stays
}

TEST(DomainForm, IsOneNameOfTwoLabelsOrMore) {
    EXPECT_EQ(domain_form("Evil.COM"), ".evil.com");
    EXPECT_EQ(domain_form("https://evil.com/"), ".evil.com");
    EXPECT_EQ(domain_form("*.evil.com."), ".evil.com");
    EXPECT_EQ(domain_form("ev%69l.com"), ".evil.com");
    EXPECT_EQ(domain_form("a.xn--vermgensberater-ctb"), ".a.vermögensberater");
    EXPECT_EQ(domain_form("xn--hmeenlinna-q5a.fi"), domain_form("hämeenlinna.fi"));
    for (const auto* none : {"", ".", "com", "evil.com/path.html", "evil.com and.more", "http://", "a b"})
        EXPECT_FALSE(domain_form(none)) << none;
}

TEST(Folding, TakesAnyBytes) {
    EXPECT_TRUE(rc::check([](const std::string& bytes) {
        const auto folded = folded_words(bytes);
        RC_ASSERT(folded.front() == separator && folded.back() == separator);
        RC_ASSERT(folded.find("\x01\x01") == std::string::npos);
        RC_ASSERT(named_hosts(bytes).back() == separator);
    }));
}

}  // namespace
}  // namespace foorumi::filters
