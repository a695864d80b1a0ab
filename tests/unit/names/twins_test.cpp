#include "names/twins.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <utility>
#include <vector>

#include "name_samples.hpp"
#include "names/unicode_forms.hpp"

namespace foorumi::names {
namespace {

bool twins(std::string_view one, std::string_view other) { return are_twins(twin_keys(one), twin_keys(other)); }

TEST(Twins, LookAlike) {
    const std::vector<std::pair<const char*, const char*>> pairs{
        {"Aino Metsälä", "AINO METSÄLÄ"},
        {"Aino Metsälä", "aino metsälä"},
        {"Aino Metsälä", "Аino Metsälä"},    // a Cyrillic A
        {"AINO METSÄLÄ", "АINO METSÄLÄ"},    // and in upper case
        {"AINO METSÄLÄ", "аino metsälä"},    // and in another case
        {"Aino Metsälä", "Aino  Metsälä "},  // spaces
        {"Aino Metsälä", "Aino Metsa\u0308la\u0308"},
        {"Ilmari Oja", "llmari Oja"},  // I and l
        {"Ilmari Oja", "1lmari Oja"},  // I and 1
        {"Ella", "EIla"},              // l and I inside
        {"Marna", "Mama"},             // rn and m
        {"Pat O'Brien", "Pat O’Brien"},
        {"Anna-Liisa", "Anna‐Liisa"},  // U+2010
        {"Olavi", "0lavi"},            // O and 0
        {"Göran", "Gör\u0430n"},       // a Cyrillic a
        {"Sääʹm", "Sää'm"},
    };
    for (const auto& [one, other] : pairs) EXPECT_TRUE(twins(one, other)) << one << " / " << other;
}

// Each kind of key finds what the other does not.
TEST(Twins, NeedBothKeys) {
    const auto upper = twin_keys("ILMARI");
    const auto usual = twin_keys("Ilmari");
    const auto with_l = twin_keys("llmari");
    EXPECT_EQ(upper.folded, usual.folded);
    EXPECT_NE(upper.seen, usual.seen);
    EXPECT_EQ(with_l.seen, usual.seen);
    EXPECT_NE(with_l.folded, usual.folded);
}

TEST(Twins, AreNotPeopleOfDifferentNames) {
    std::set<std::string> folded;
    std::set<std::string> seen;
    std::size_t names = 0;
    const auto take = [&](const std::string& name) {
        const auto keys = twin_keys(name);
        EXPECT_TRUE(folded.insert(keys.folded).second) << name << ": " << keys.folded;
        EXPECT_TRUE(seen.insert(keys.seen).second) << name << ": " << keys.seen;
        ++names;
    };
    for (const auto first : samples::first_names) {
        for (const auto last : samples::last_names) take(std::string(first) + " " + std::string(last));
    }
    for (const auto name : samples::further_names) take(std::string(name));
    EXPECT_EQ(names, samples::first_names.size() * samples::last_names.size() + samples::further_names.size());
}

TEST(Twins, WithAndWithoutDotsAreDifferent) {
    for (const auto& [one, other] : {std::pair{"Mäkelä", "Makela"},
                                     {"Åke", "Ake"},
                                     {"Čáhppe", "Cahppe"},
                                     {"Đuro", "Duro"},
                                     {"Ŋuvva", "Nuvva"},
                                     {"Anna-Liisa", "Anna Liisa"}}) {
        EXPECT_FALSE(twins(one, other)) << one << " / " << other;
    }
}

std::string any_name() {
    static const std::vector<std::string> pieces{"A", "I", "l", "i", "m", "rn", "O", "o", "M", "Ä",
                                                 "ä", "Š", "đ", "Ŋ", "ŧ", "Ǥ",  "ǥ", "ʒ", "Ǯ", "ʹ",
                                                 "'", "-", ".", " ", "W", "vv", "Õ", "é", "Q", "a\u0308"};
    std::string name;
    for (const auto& piece : *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces))) name += piece;
    return name;
}

RC_GTEST_PROP(Twins, KeysAreTheirOwnKeys, ()) {
    const auto keys = twin_keys(any_name());
    RC_ASSERT(twin_keys(keys.folded).folded == keys.folded);
    RC_ASSERT(twin_keys(keys.seen).seen == keys.seen);
}

RC_GTEST_PROP(Twins, ForgetTheCaseAndTheSpaces, ()) {
    const auto name = any_name();
    RC_ASSERT(twin_keys(case_folded(name)).folded == twin_keys(name).folded);
    RC_ASSERT(twin_keys("  " + name + "\u00A0") == twin_keys(name));
}

TEST(UnicodeForms, TakeWhatIsNotUtf8AsAReplacement) {
    EXPECT_EQ(nfc("a\xFF"
                  "b"),
              "a\uFFFD"
              "b");
    EXPECT_EQ(case_folded("\xFF"
                          "A"),
              "\uFFFD"
              "a");
    EXPECT_EQ(skeleton("\xFF"), skeleton("\uFFFD"));
}

// Folding takes this letter apart.
TEST(UnicodeForms, AreComposedAlsoWhenFolded) { EXPECT_EQ(case_folded("\u01F0"), "\u01F0"); }

TEST(UnicodeForms, HoldSkeletonsThatAreMuchLonger) {
    const std::string blessing = "\uFDFA";  // one code point of three bytes for four words
    const auto one = skeleton(blessing);
    EXPECT_GT(one.size(), 8 * blessing.size());
    std::string text;
    std::string expected;
    for (int n = 0; n < 100; ++n) {
        text += blessing;
        expected += one;
    }
    EXPECT_EQ(skeleton(text), expected);
    EXPECT_EQ(skeleton(std::string(1000, 'l')), std::string(1000, 'l'));
    EXPECT_EQ(skeleton(""), "");
}

TEST(UnicodeForms, LookUpWithoutCaseAndSpaces) {
    EXPECT_EQ(lookup_form("  ÄHTÄRI\u00A0 "), "ähtäri");
    EXPECT_EQ(lookup_form("Pedersöre"), lookup_form("PEDERSO\u0308RE"));
    EXPECT_EQ(single_spaced(" \t\n"), "");
    EXPECT_EQ(single_spaced("a \u2003 b"), "a b");
}

}  // namespace
}  // namespace foorumi::names
