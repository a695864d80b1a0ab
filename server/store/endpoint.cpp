#include "store/endpoint.hpp"

#include <sys/un.h>

#include <charconv>
#include <optional>

namespace foorumi::store {
namespace {

constexpr std::size_t max_path = sizeof(sockaddr_un::sun_path) - 1;

std::optional<std::uint16_t> parse_number(std::string_view text) {
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

Result<void> parse_credentials(std::string_view text, Endpoint& endpoint) {
    const auto colon = text.find(':');
    // Like redis-cli: without a colon it is the user.
    auto user = percent_decode(text.substr(0, colon));
    auto password = percent_decode(colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1));
    if (!user || !password) return Errc::endpoint_escape;
    endpoint.user = std::move(*user);
    endpoint.password = std::move(*password);
    return {};
}

Result<void> parse_address(std::string_view text, Endpoint& endpoint) {
    std::string_view port;
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos) return Errc::endpoint_host;
        endpoint.host = text.substr(1, close - 1);
        port = text.substr(close + 1);
    } else {
        const auto colon = text.find(':');
        endpoint.host = text.substr(0, colon);
        if (colon != std::string_view::npos) port = text.substr(colon);
    }
    if (endpoint.host.empty()) return Errc::endpoint_host;
    if (port.empty()) return {};
    const auto number = port.starts_with(':') ? parse_number(port.substr(1)) : std::nullopt;
    if (!number || *number == 0) return Errc::endpoint_port;
    endpoint.port = *number;
    return {};
}

Result<Endpoint> parse_tcp(std::string_view rest) {
    Endpoint endpoint;
    if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
        if (const auto parsed = parse_credentials(rest.substr(0, at), endpoint); !parsed) return parsed.error();
        rest.remove_prefix(at + 1);
    }
    if (const auto slash = rest.find('/'); slash != std::string_view::npos) {
        if (const auto text = rest.substr(slash + 1); !text.empty()) {
            const auto database = parse_number(text);
            if (!database) return Errc::endpoint_database;
            endpoint.database = *database;
        }
        rest = rest.substr(0, slash);
    }
    if (const auto parsed = parse_address(rest, endpoint); !parsed) return parsed.error();
    return endpoint;
}

}  // namespace

std::string Endpoint::display() const {
    if (!path.empty()) return "unix:" + path;
    const bool v6 = host.find(':') != std::string::npos;
    return "redis://" + (user.empty() ? "" : user + "@") + (v6 ? '[' + host + ']' : host) + ':' + std::to_string(port) +
           (database == 0 ? "" : '/' + std::to_string(database));
}

Result<Endpoint> parse_endpoint(std::string_view url) {
    constexpr std::string_view unix_scheme = "unix:";
    constexpr std::string_view tcp_scheme = "redis://";
    if (url.starts_with(tcp_scheme)) return parse_tcp(url.substr(tcp_scheme.size()));
    if (!url.starts_with(unix_scheme)) return Errc::endpoint_scheme;
    Endpoint endpoint;
    endpoint.path = url.substr(unix_scheme.size());
    if (endpoint.path.empty() || endpoint.path.size() > max_path) return Errc::endpoint_path;
    return endpoint;
}

}  // namespace foorumi::store
