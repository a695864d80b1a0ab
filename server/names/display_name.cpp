#include "names/display_name.hpp"

#include "forum/unicode.hpp"
#include "names/letters.hpp"
#include "names/unicode_forms.hpp"

namespace foorumi::names {
namespace {

// The most that a letter takes when it is taken apart: ʒ or g of two bytes with a combining mark of two.
constexpr std::size_t letter_bytes = 4;

forum::Refusal refuse_name(std::string_view reason) { return {forum::ErrorCode::invalid, std::string(reason), "name"}; }

std::u32string code_points(std::string_view text) {
    std::u32string points;
    while (const auto point = forum::first_code_point(text)) {
        points.push_back(point->value);
        text.remove_prefix(point->bytes);
    }
    return points;
}

// Skolt Sámi's mark of palatalization is a letter, but stands behind another and once.
bool is_mark(char32_t c) { return c == U'\'' || c == U'-' || c == U'.' || c == U'\u02B9'; }

std::string with_plain_apostrophes(std::string name) {
    constexpr std::string_view typographic = "\u2019";
    for (auto at = name.find(typographic); at != std::string::npos; at = name.find(typographic, at)) {
        name.replace(at, typographic.size(), "'");
    }
    return name;
}

bool is_well_spaced(std::u32string_view name) {
    return !name.starts_with(U' ') && !name.ends_with(U' ') && name.find(U"  ") == std::u32string_view::npos;
}

bool is_well_spelt(std::u32string_view name) {
    if (is_mark(name.front())) return false;
    char32_t before = 0;
    for (const char32_t c : name) {
        if (!is_name_letter(c) && !is_mark(c) && c != U' ') return false;
        if (is_mark(c) && c == before) return false;
        before = c;
    }
    return true;
}

}  // namespace

forum::Result<std::string> normal_display_name(std::string_view text, const NameLimits& limits) {
    if (text.size() > limits.display_name_max * letter_bytes) return refuse_name("display_name_too_long");
    // What is not UTF-8 becomes a character that no name has.
    auto name = with_plain_apostrophes(nfc(text));
    const auto points = code_points(name);
    if (points.size() > limits.display_name_max) return refuse_name("display_name_too_long");
    if (points.empty() || points.size() < limits.display_name_min) return refuse_name("display_name_too_short");
    if (!is_well_spaced(points)) return refuse_name("display_name_spaces");
    if (!is_well_spelt(points)) return refuse_name("display_name_letters");
    return name;
}

}  // namespace foorumi::names
