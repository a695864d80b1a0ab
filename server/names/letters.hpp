// The letters that a display name may have. Pure.
#pragma once

#include <span>
#include <string_view>

namespace foorumi::names {

// Beyond A-Z: the letters of the alphabets of the languages that Finland's law knows and that are written in Latin
// letters.
struct Letter {
    char32_t upper = 0;
    char32_t lower = 0;
    std::string_view ascii;      // what a handle has for it
    std::string_view languages;  // whose alphabet has it, by their codes of BCP 47
};

// Sources, by language: fi, sv, se (Northern Sámi) and smn (Inari Sámi) the main exemplar characters of Unicode's CLDR
// (release 42), which a test compares; sms (Skolt Sámi), which CLDR 42 lacks: the orthography of 1973, in
// Jukka K. Korpela's "Kirjainten tarinoita", 6.46 (jkorpela.fi/kirjaimet/6.46.html), with the letters of the official
// alphabet that are missing there: đ, ǯ, and the mark of palatalization ʹ (U+02B9), which has no case.
[[nodiscard]] std::span<const Letter> further_letters();

// A-Z, a-z, or one of the further letters in either case.
[[nodiscard]] bool is_name_letter(char32_t c);

// Nothing where it is no further letter.
[[nodiscard]] const Letter* find_further_letter(char32_t c);

}  // namespace foorumi::names
