#include "client/second_factor.hpp"

#include <algorithm>

namespace foorumi::client {

bool is_totp_code(std::string_view typed) {
    const auto digits = std::ranges::count_if(typed, [](char c) { return c >= '0' && c <= '9'; });
    const auto spaces = std::ranges::count(typed, ' ');
    return digits + spaces == static_cast<std::ptrdiff_t>(typed.size()) && digits >= 6 && digits <= 8;
}

std::string in_fours(std::string_view secret) {
    std::string out;
    for (std::size_t n = 0; n < secret.size(); ++n) {
        if (n > 0 && n % 4 == 0) out += ' ';
        out += secret[n];
    }
    return out;
}

std::string_view trimmed(std::string_view typed) {
    constexpr std::string_view white = " \t\r\n";
    const auto begin = typed.find_first_not_of(white);
    if (begin == std::string_view::npos) return {};
    return typed.substr(begin, typed.find_last_not_of(white) - begin + 1);
}

}  // namespace foorumi::client
