#include "client/display.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

#include "client/utf8.hpp"

namespace foorumi::client {
namespace {

constexpr char32_t zero_width_joiner = 0x200d;

struct Range {
    char32_t first;
    char32_t last;
};

// Ascending.
constexpr std::array unsafe_ranges{
    Range{0x0000, 0x001f},    // C0
    Range{0x007f, 0x009f},    // DEL and C1
    Range{0x00ad, 0x00ad},    // soft hyphen
    Range{0x034f, 0x034f},    // combining grapheme joiner
    Range{0x061c, 0x061c},    // Arabic letter mark
    Range{0x115f, 0x1160},    // Hangul fillers
    Range{0x17b4, 0x17b5},    // Khmer invisible vowels
    Range{0x180b, 0x180f},    // Mongolian separators
    Range{0x200b, 0x200f},    // zero width, marks of direction
    Range{0x2028, 0x202e},    // separators, embeddings and overrides
    Range{0x2060, 0x206f},    // word joiner, invisible operators, isolates
    Range{0x3164, 0x3164},    // Hangul filler
    Range{0xfdd0, 0xfdef},    // noncharacters
    Range{0xfeff, 0xfeff},    // byte order mark
    Range{0xffa0, 0xffa0},    // halfwidth Hangul filler
    Range{0xfff0, 0xfffb},    // interlinear annotation
    Range{0xfffe, 0xffff},    // noncharacters
    Range{0x1d173, 0x1d17a},  // invisible musical marks
    Range{0xe0000, 0xe0fff},  // tags
};

bool is_pictograph(char32_t value) {
    return (value >= 0x2190 && value <= 0x2bff) || value == 0xfe0f || (value >= 0x1f000 && value <= 0x1faff);
}

// Family and profession emoji are pictures joined by it; anywhere else a joiner only hides.
bool joins_pictures(char32_t value, char32_t before, std::string_view after) {
    if (value != zero_width_joiner || !is_pictograph(before) || after.empty()) return false;
    const CodePoint next = first_code_point(after);
    return next.valid && is_pictograph(next.value);
}

void append_code(std::string& out, CodePoint point) {
    std::array<char, 16> code{};
    const auto value = static_cast<unsigned>(point.value);
    const int size = point.valid ? std::snprintf(code.data(), code.size(), "<U+%04X>", value)
                                 : std::snprintf(code.data(), code.size(), "<0x%02X>", value);
    out.append(code.data(), static_cast<std::size_t>(size));
}

void append_json_unit(std::string& out, unsigned unit) {
    std::array<char, 8> code{};
    const int size = std::snprintf(code.data(), code.size(), "\\u%04x", unit);
    out.append(code.data(), static_cast<std::size_t>(size));
}

void append_json_escape(std::string& out, char32_t value) {
    if (value < 0x10000) {
        append_json_unit(out, static_cast<unsigned>(value));
        return;
    }
    const auto rest = static_cast<unsigned>(value) - 0x10000U;
    append_json_unit(out, 0xd800U + (rest >> 10U));
    append_json_unit(out, 0xdc00U + (rest & 0x3ffU));
}

}  // namespace

bool is_unsafe(char32_t value) {
    if ((value & 0xfffeU) == 0xfffeU) return true;  // noncharacters at the end of each plane
    const auto* range = std::ranges::lower_bound(unsafe_ranges, value, {}, &Range::last);
    return range != unsafe_ranges.end() && value >= range->first;
}

std::string visible(std::string_view text, Lines lines) {
    std::string out;
    out.reserve(text.size());
    char32_t before = 0;
    while (!text.empty()) {
        const CodePoint point = first_code_point(text);
        const std::string_view bytes = text.substr(0, point.size);
        text.remove_prefix(point.size);
        const bool layout = lines == Lines::many && (point.value == '\n' || point.value == '\t');
        const bool safe = point.valid && (!is_unsafe(point.value) || joins_pictures(point.value, before, text));
        if (layout || safe) {
            out += bytes;
        } else {
            append_code(out, point);
        }
        before = point.value;
    }
    return out;
}

std::string escape_json(std::string_view json) {
    std::string out;
    out.reserve(json.size());
    while (!json.empty()) {
        const CodePoint point = first_code_point(json);
        if (!point.valid) {
            append_json_escape(out, 0xfffd);
        } else if (is_unsafe(point.value)) {
            append_json_escape(out, point.value);
        } else {
            out += json.substr(0, point.size);
        }
        json.remove_prefix(point.size);
    }
    return out;
}

}  // namespace foorumi::client
