#include "client/utf8.hpp"

#include <array>

namespace foorumi::client {
namespace {

// How many bytes a sequence has that starts with this one; 0: none starts so.
std::uint8_t sequence_size(unsigned char lead) {
    if (lead < 0x80) return 1;
    if (lead >= 0xc2 && lead <= 0xdf) return 2;
    if (lead >= 0xe0 && lead <= 0xef) return 3;
    if (lead >= 0xf0 && lead <= 0xf4) return 4;
    return 0;
}

bool is_shortest_scalar(char32_t value, std::uint8_t size) {
    constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
    return value >= least[size] && value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
}

}  // namespace

CodePoint first_code_point(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    const CodePoint invalid{.value = lead, .size = 1, .valid = false};
    const std::uint8_t size = sequence_size(lead);
    if (size == 0 || size > text.size()) return invalid;
    if (size == 1) return {.value = lead, .size = 1, .valid = true};
    char32_t value = lead & (0x7fU >> size);
    for (std::uint8_t i = 1; i < size; ++i) {
        const auto next = static_cast<unsigned char>(text[i]);
        if ((next & 0xc0U) != 0x80U) return invalid;
        value = (value << 6U) | (next & 0x3fU);
    }
    if (!is_shortest_scalar(value, size)) return invalid;
    return {.value = value, .size = size, .valid = true};
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const CodePoint point = first_code_point(text);
        if (!point.valid) return false;
        text.remove_prefix(point.size);
    }
    return true;
}

void append_utf8(std::string& out, char32_t value) {
    const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80U | ((value >> shift) & 0x3fU)); };
    if (value < 0x80) {
        out += static_cast<char>(value);
    } else if (value < 0x800) {
        out += static_cast<char>(0xc0U | (value >> 6U));
        tail(0);
    } else if (value < 0x10000) {
        out += static_cast<char>(0xe0U | (value >> 12U));
        tail(6);
        tail(0);
    } else {
        out += static_cast<char>(0xf0U | (value >> 18U));
        tail(12);
        tail(6);
        tail(0);
    }
}

}  // namespace foorumi::client
