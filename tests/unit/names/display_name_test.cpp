#include "names/display_name.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unicode/ulocdata.h>
#include <unicode/uniset.h>

#include <memory>
#include <vector>

#include "names/letters.hpp"
#include "names/unicode_forms.hpp"

namespace foorumi::names {
namespace {

std::string name_reason(std::string_view name, const NameLimits& limits = {}) {
    const auto checked = normal_display_name(name, limits);
    return checked ? "" : checked.error().reason;
}

void append_utf8(std::string& out, char32_t c) { icu::UnicodeString(static_cast<UChar32>(c)).toUTF8String(out); }

// Every allowed letter, as UTF-8.
std::vector<std::string> all_letters() {
    std::vector<std::string> letters;
    for (char c = 'a'; c <= 'z'; ++c) letters.insert(letters.end(), {{c}, {static_cast<char>(c - 'a' + 'A')}});
    for (const auto& letter : further_letters()) {
        append_utf8(letters.emplace_back(), letter.upper);
        append_utf8(letters.emplace_back(), letter.lower);
    }
    return letters;
}

TEST(NameLetters, AreThoseOfTheLanguagesAlphabets) {
    for (const auto* language : {"fi", "sv", "se", "smn"}) {
        UErrorCode status = U_ZERO_ERROR;
        const std::unique_ptr<ULocaleData, decltype(&ulocdata_close)> data(ulocdata_open(language, &status),
                                                                           ulocdata_close);
        icu::UnicodeSet alphabet;
        ulocdata_getExemplarSet(data.get(), alphabet.toUSet(), 0, ULOCDATA_ES_STANDARD, &status);
        ASSERT_TRUE(U_SUCCESS(status)) << language << ' ' << u_errorName(status);
        ASSERT_GE(alphabet.size(), 25) << language;
        for (UChar32 c = 0; c < 0x3000; ++c) {
            const auto* letter = find_further_letter(static_cast<char32_t>(c));
            const bool told = letter != nullptr && letter->lower == static_cast<char32_t>(c) &&
                              (" " + std::string(letter->languages) + " ").find(" " + std::string(language) + " ") !=
                                  std::string::npos;
            EXPECT_TRUE(c < 0x80 || told == alphabet.contains(c)) << language << " U+" << std::hex << c;
            EXPECT_TRUE(!alphabet.contains(c) || is_name_letter(static_cast<char32_t>(c))) << language << ' ' << c;
        }
    }
}

TEST(NameLetters, ComeInBothCases) {
    for (const auto& letter : further_letters()) {
        EXPECT_EQ(u_toupper(static_cast<UChar32>(letter.lower)), static_cast<UChar32>(letter.upper));
        EXPECT_EQ(u_tolower(static_cast<UChar32>(letter.upper)), static_cast<UChar32>(letter.lower));
        EXPECT_TRUE(is_name_letter(letter.lower) && is_name_letter(letter.upper));
    }
}

TEST(DisplayNames, OfTheLanguagesOfFinlandAreKeptAsTheyAre) {
    for (const auto* name : {"Aino Metsälä", "Åke Öberg", "Šárká Čáhppe", "Ŋuvva Ŧiegá", "Sääʹmǩiõll Ǥåǧǧ", "Ǯõnn",
                             "Anna-Liisa Oja", "J. K. Paasi", "J.-P. Oja", "Pat O'Brien", "René d'Arc", "Bo"}) {
        const auto kept = normal_display_name(name, {});
        ASSERT_TRUE(kept) << name << ' ' << kept.error().reason;
        EXPECT_EQ(*kept, name);
    }
}

TEST(DisplayNames, AreComposed) {
    EXPECT_EQ(*normal_display_name("Metsa\u0308la\u0308", {}), "Metsälä");
    EXPECT_EQ(*normal_display_name("\u212Bke", {}), "Åke");  // the sign of the angstrom
    EXPECT_EQ(*normal_display_name("\u0292\u030Co", {}), "ǯo");
}

TEST(DisplayNames, HaveAPlainApostrophe) { EXPECT_EQ(*normal_display_name("Pat O’Brien", {}), "Pat O'Brien"); }

TEST(DisplayNames, AreCountedInCodePointsOfTheComposedForm) {
    NameLimits limits;
    limits.display_name_min = 3;
    limits.display_name_max = 5;
    EXPECT_EQ(name_reason("", limits), "display_name_too_short");
    EXPECT_EQ(name_reason("ää", limits), "display_name_too_short");
    EXPECT_EQ(name_reason("a\u0308a\u0308", limits), "display_name_too_short");
    EXPECT_EQ(name_reason("äää", limits), "");
    EXPECT_EQ(name_reason("äääää", limits), "");
    EXPECT_EQ(name_reason("\u0292\u030C\u0292\u030C\u0292\u030C\u0292\u030C\u0292\u030C", limits), "");
    EXPECT_EQ(name_reason("ääääää", limits), "display_name_too_long");
    EXPECT_EQ(name_reason("aaaaaa", limits), "display_name_too_long");
    EXPECT_EQ(name_reason(std::string(20, 'a'), limits), "display_name_too_long");
    EXPECT_EQ(name_reason(std::string(21, 'a'), limits), "display_name_too_long");
    limits.display_name_min = 0;
    EXPECT_EQ(name_reason("", limits), "display_name_too_short");
}

TEST(DisplayNames, HaveSingleSpacesInsideOnly) {
    for (const auto* name : {" Aino", "Aino ", "Aino  Oja", "   ", " ."}) {
        EXPECT_EQ(name_reason(name), "display_name_spaces") << name;
    }
}

TEST(DisplayNames, HaveNoOtherCharacters) {
    for (const auto* name :
         {"Аino Oja",  // a Cyrillic A
          "Αino Oja",      "Aino 2",        "Aino_Oja",         "Aino@Oja",      "Aino,Oja",       "Aino\tOja",
          "Aino\nOja",     "Aino\u00A0Oja", "Aino\u200BOja",    "Aino\u200DOja", "Aino\u202EajO",  "Aino\u2066Oja",
          "Aino\u00ADOja", "Aino\uFEFFOja", "A\u0301\u0301ino", "x\u0308y",      "Aino \u0308Oja", "\u0308Aino",
          "Ａino",         "𝐀ino",          "Aino 👍",          "Müller",        "Ñuñez",          "Ⅰlmari",
          "ﬁna",           "Aino|Oja",      "<b>Aino</b>",      "Aino\x7F",      "\xC4ij\xE4",     "Aino\xFF",
          "A\xED\xA0\x80", "Aino“Oja”"}) {
        EXPECT_EQ(name_reason(name), "display_name_letters") << name;
    }
    EXPECT_EQ(name_reason(std::string_view("Ai\0no", 5)), "display_name_letters");
}

TEST(DisplayNames, BeginWithALetterAndHaveNoMarkTwice) {
    for (const auto* name :
         {".A", "-Aino", "'Aino", "''", "..", "--", "ʹAino", "A..B", "A--B", "A''B", "Aʹʹb", "A’'b"}) {
        EXPECT_EQ(name_reason(name), "display_name_letters") << name;
    }
}

TEST(DisplayNames, AreRefusedWithTheirField) {
    const auto refused = normal_display_name("Aino 2", {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), (forum::Refusal{forum::ErrorCode::invalid, "display_name_letters", "name"}));
}

RC_GTEST_PROP(DisplayNames, ThatAreKeptAreKeptAgain, ()) {
    auto pieces = all_letters();
    pieces.insert(pieces.end(), {" ", "-", "'", ".", "’", "\u0308", "\u030C", "1", "\u200B", "я", "\xFF"});
    std::string text;
    for (const auto& piece : *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces))) text += piece;
    const auto kept = normal_display_name(text, {});
    if (!kept) {
        RC_ASSERT(kept.error().field == "name");
        return;
    }
    RC_ASSERT(nfc(*kept) == *kept);
    RC_ASSERT(*normal_display_name(*kept, {}) == *kept);
}

RC_GTEST_PROP(DisplayNames, OfLettersAloneAreKept, ()) {
    const auto letters = all_letters();
    std::string name = "A";
    for (const auto& letter :
         *rc::gen::resize(40, rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(letters)))) {
        if (letter != "\u02B9") name += letter;
    }
    if (name.size() > 1) RC_ASSERT(*normal_display_name(name, {}) == name);
}

}  // namespace
}  // namespace foorumi::names
