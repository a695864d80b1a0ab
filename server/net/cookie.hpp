// The one cookie of the server: the token of a session of the browser, read and written. Pure.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/http_service.hpp"

namespace foorumi::net {

// The prefix has browsers take it from this host alone, over TLS, with Path=/ (RFC 6265bis section 4.1.3.2).
inline constexpr std::string_view cookie_name = "__Host-foorumi";
inline constexpr std::size_t cookie_token_size = 43;  // 32 bytes in base64url without padding

enum class CookieErrc : std::uint8_t {
    several_headers,  // RFC 6265 section 5.4: a browser sends one
    twice,            // the name stands twice, so somebody else has set one of them
};

// Of all Cookie headers of a request. Nothing: there is none, or its value is no token. Foreign cookies of the same
// host are passed over, whatever they look like.
[[nodiscard]] boost::system::result<std::optional<std::string>, CookieErrc> cookie_token(
    std::span<const std::string_view> headers);

[[nodiscard]] bool is_cookie_token(std::string_view value);

// The value of a Set-Cookie header. Nothing: the value is neither a token nor empty with max_age_s 0.
[[nodiscard]] std::optional<std::string> set_cookie_header(const SetCookie& cookie);

[[noreturn]] void throw_exception_from_error(CookieErrc error, const boost::source_location& where);

}  // namespace foorumi::net
