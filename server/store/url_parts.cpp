#include "store/url_parts.hpp"

#include <algorithm>
#include <charconv>

namespace foorumi::store {
namespace {

// No more is looked at here: the resolver knows.
bool is_host(std::string_view text) {
    constexpr std::string_view never = "[]/?@, \"\\";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return static_cast<unsigned char>(c) > 0x1f && c != 0x7f && never.find(c) == std::string_view::npos;
    });
}

}  // namespace

std::optional<std::uint16_t> parse_url_number(std::string_view text) {
    std::uint16_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<std::string> percent_decode(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded.push_back(text[i]);
            continue;
        }
        unsigned char byte = 0;
        if (i + 2 >= text.size()) return std::nullopt;
        const auto [end, error] = std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16);
        if (error != std::errc{} || end != text.data() + i + 3) return std::nullopt;
        decoded.push_back(static_cast<char>(byte));
        i += 2;
    }
    return decoded;
}

Result<Address> parse_address(std::string_view text, std::uint16_t default_port) {
    Address address{.host = {}, .port = default_port};
    std::string_view port;
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos) return Errc::endpoint_host;
        address.host = text.substr(1, close - 1);
        port = text.substr(close + 1);
    } else {
        const auto colon = text.find(':');
        address.host = text.substr(0, colon);
        if (colon != std::string_view::npos) port = text.substr(colon);
    }
    if (!is_host(address.host)) return Errc::endpoint_host;
    if (port.empty()) return address;
    const auto number = port.starts_with(':') ? parse_url_number(port.substr(1)) : std::nullopt;
    if (!number || *number == 0) return Errc::endpoint_port;
    address.port = *number;
    return address;
}

Result<Credentials> take_credentials(std::string_view& text) {
    const auto at = text.rfind('@');
    if (at == std::string_view::npos) return Credentials{};
    const auto credentials = text.substr(0, at);
    text.remove_prefix(at + 1);
    const auto colon = credentials.find(':');
    // Like redis-cli: without a colon it is the user.
    auto user = percent_decode(credentials.substr(0, colon));
    auto password =
        percent_decode(colon == std::string_view::npos ? std::string_view{} : credentials.substr(colon + 1));
    if (!user || !password) return Errc::endpoint_escape;
    return Credentials{std::move(*user), std::move(*password)};
}

Result<std::uint16_t> parse_database(std::string_view text) {
    if (text.empty()) return std::uint16_t{0};
    const auto database = parse_url_number(text);
    if (!database) return Errc::endpoint_database;
    return *database;
}

}  // namespace foorumi::store
