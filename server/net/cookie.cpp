#include "net/cookie.hpp"

#include <algorithm>
#include <boost/throw_exception.hpp>
#include <stdexcept>

namespace foorumi::net {

bool is_cookie_token(std::string_view value) {
    return value.size() == cookie_token_size && std::ranges::all_of(value, [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                      c == '_';
           });
}

boost::system::result<std::optional<std::string>, CookieErrc> cookie_token(std::span<const std::string_view> headers) {
    if (headers.size() > 1) return CookieErrc::several_headers;
    std::optional<std::string> token;
    if (headers.empty()) return token;
    bool seen = false;
    std::string_view rest = headers.front();
    while (!rest.empty()) {
        const auto semicolon = rest.find(';');
        std::string_view pair = rest.substr(0, semicolon);
        rest.remove_prefix(semicolon == std::string_view::npos ? rest.size() : semicolon + 1);
        while (!pair.empty() && (pair.front() == ' ' || pair.front() == '\t')) pair.remove_prefix(1);
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos || pair.substr(0, equals) != cookie_name) continue;
        if (seen) return CookieErrc::twice;
        seen = true;
        const std::string_view value = pair.substr(equals + 1);
        if (is_cookie_token(value)) token.emplace(value);
    }
    return token;
}

std::optional<std::string> set_cookie_header(const SetCookie& cookie) {
    const bool clears = cookie.value.empty() && cookie.max_age_s == 0;
    if (!clears && (!is_cookie_token(cookie.value) || cookie.max_age_s == 0)) return std::nullopt;
    std::string header(cookie_name);
    header.append("=").append(cookie.value).append("; Max-Age=").append(std::to_string(cookie.max_age_s));
    return header.append("; Path=/; Secure; HttpOnly; SameSite=Strict");
}

void throw_exception_from_error(CookieErrc, const boost::source_location& where) {
    boost::throw_exception(std::logic_error("token of a malformed Cookie header"), where);
}

}  // namespace foorumi::net
