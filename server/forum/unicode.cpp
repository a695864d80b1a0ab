#include "forum/unicode.hpp"

#include <algorithm>
#include <array>

namespace foorumi::forum {
namespace {

struct Lead {
    std::size_t bytes = 0;  // of the whole code point, 0: no lead byte
    char32_t bits = 0;      // that the lead byte carries
    char32_t smallest = 0;  // that needs this many bytes
};

Lead lead_of(unsigned char byte) {
    if (byte < 0x80) return {1, byte, 0};
    if (byte >= 0xC2 && byte <= 0xDF) return {2, static_cast<char32_t>(byte & 0x1F), 0x80};
    if (byte >= 0xE0 && byte <= 0xEF) return {3, static_cast<char32_t>(byte & 0x0F), 0x800};
    if (byte >= 0xF0 && byte <= 0xF4) return {4, static_cast<char32_t>(byte & 0x07), 0x10000};
    return {};
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

struct Range {
    char32_t first;
    char32_t last;
};

template <std::size_t N>
bool is_in(const std::array<Range, N>& ranges, char32_t c) {
    return std::any_of(ranges.begin(), ranges.end(), [c](Range r) { return c >= r.first && c <= r.last; });
}

constexpr std::array<Range, 8> format_characters{{{0xAD, 0xAD},
                                                  {0x180B, 0x180E},
                                                  {0x200B, 0x200F},
                                                  {0x202A, 0x202E},
                                                  {0x2060, 0x206F},
                                                  {0xFE00, 0xFE0F},
                                                  {0xFEFF, 0xFEFF},
                                                  {0xE0000, 0xE01EF}}};  // tags and variation selectors

constexpr std::array<Range, 14> no_letters{{{0x80, 0xA9},
                                            {0xAB, 0xB4},
                                            {0xB6, 0xB9},
                                            {0xBB, 0xBF},
                                            {0xD7, 0xD7},
                                            {0xF7, 0xF7},
                                            {0x2000, 0x2BFF},      // punctuation, currencies, arrows, symbols
                                            {0x2E00, 0x2E7F},      // further punctuation
                                            {0x3000, 0x303F},      // punctuation of East Asia
                                            {0x3200, 0x32FF},      // enclosed characters of East Asia
                                            {0xE000, 0xF8FF},      // private use
                                            {0xFE00, 0xFE6F},      // variation selectors, forms of punctuation
                                            {0x1F000, 0x1FAFF},    // pictographs
                                            {0xE0000, 0xE01EF}}};  // tags and variation selectors

}  // namespace

std::optional<CodePoint> first_code_point(std::string_view text) {
    if (text.empty()) return std::nullopt;
    const Lead lead = lead_of(static_cast<unsigned char>(text.front()));
    if (lead.bytes == 0 || text.size() < lead.bytes) return std::nullopt;
    char32_t value = lead.bits;
    for (std::size_t i = 1; i < lead.bytes; ++i) {
        if (!is_continuation(text[i])) return std::nullopt;
        value = (value << 6) | (static_cast<unsigned char>(text[i]) & 0x3F);
    }
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < lead.smallest || surrogate || value > 0x10FFFF) return std::nullopt;
    return CodePoint{value, lead.bytes};
}

char32_t last_code_point(std::string_view text) {
    std::size_t begin = text.size() - 1;
    while (begin > 0 && is_continuation(text[begin])) --begin;
    const auto point = first_code_point(text.substr(begin));
    return point ? point->value : U'\uFFFD';
}

bool is_white_space(char32_t c) {
    return c == ' ' || (c >= 0x09 && c <= 0x0D) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_invisible(char32_t c) { return is_white_space(c) || is_in(format_characters, c); }

bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); }

bool is_line_break(char32_t c) { return (c >= 0x0A && c <= 0x0D) || c == 0x85 || c == 0x2028 || c == 0x2029; }

bool is_letter_or_digit(char32_t c) {
    if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return !is_in(no_letters, c);
}

}  // namespace foorumi::forum
