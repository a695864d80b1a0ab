// Walks text code point by code point. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace foorumi::client {

struct CodePoint {
    char32_t value = 0;
    std::uint8_t size = 0;  // bytes it takes, 1 to 4; 1 for a byte that is not UTF-8
    bool valid = false;     // false: `value` is the byte itself
};

// The code point at the text's begin. REQUIRES: text is not empty.
[[nodiscard]] CodePoint first_code_point(std::string_view text);

[[nodiscard]] bool is_utf8(std::string_view text);

void append_utf8(std::string& out, char32_t value);

}  // namespace foorumi::client
