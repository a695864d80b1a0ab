#include "names/letters.hpp"

#include <algorithm>
#include <array>

namespace foorumi::names {
namespace {

constexpr std::array letters{
    Letter{U'À', U'à', "a", "sv"},
    Letter{U'Á', U'á', "a", "se smn"},
    Letter{U'Â', U'â', "a", "smn sms"},
    Letter{U'Ä', U'ä', "a", "fi sv smn sms"},
    Letter{U'Å', U'å', "a", "fi sv sms"},
    Letter{U'É', U'é', "e", "sv"},
    Letter{U'Õ', U'õ', "o", "sms"},
    Letter{U'Ö', U'ö', "o", "fi sv"},
    Letter{U'Č', U'č', "c", "se smn sms"},
    Letter{U'Đ', U'đ', "d", "se smn sms"},
    Letter{U'Ǥ', U'ǥ', "g", "sms"},
    Letter{U'Ǧ', U'ǧ', "g", "sms"},
    Letter{U'Ǩ', U'ǩ', "k", "sms"},
    Letter{U'Ŋ', U'ŋ', "n", "se smn sms"},
    Letter{U'Š', U'š', "s", "fi se smn sms"},
    Letter{U'Ŧ', U'ŧ', "t", "se"},
    Letter{U'Ž', U'ž', "z", "fi se smn sms"},
    Letter{U'Ʒ', U'ʒ', "z", "sms"},
    Letter{U'Ǯ', U'ǯ', "z", "sms"},
    Letter{U'\u02B9', U'\u02B9', "", "sms"},
};

}  // namespace

std::span<const Letter> further_letters() { return letters; }

const Letter* find_further_letter(char32_t c) {
    const auto* found =
        std::ranges::find_if(letters, [c](const Letter& letter) { return letter.upper == c || letter.lower == c; });
    return found == letters.end() ? nullptr : found;
}

bool is_name_letter(char32_t c) {
    return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z') || find_further_letter(c) != nullptr;
}

}  // namespace foorumi::names
