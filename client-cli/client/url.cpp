#include "client/url.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <stdexcept>

namespace foorumi::client {
namespace {

bool is_host(std::string_view host) {
    return !host.empty() && std::ranges::all_of(host, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
               c == '_' || c == ':' || c == '%';
    });
}

bool is_port(std::string_view port) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), value);
    return error == std::errc{} && end == port.data() + port.size() && value >= 1 && value <= 65535;
}

bool is_path(std::string_view path) {
    return std::ranges::all_of(path, [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

std::string_view key_of(UrlError error) {
    switch (error) {
        case UrlError::not_websocket:
            return "url.not_websocket";
        case UrlError::bad_host:
            return "url.bad_host";
        case UrlError::bad_port:
            return "url.bad_port";
    }
    return "url.bad_host";
}

void throw_exception_from_error(UrlError error, const boost::source_location& /*where*/) {
    throw std::logic_error(std::string(key_of(error)));
}

boost::system::result<Url, UrlError> parse_url(std::string_view text) {
    constexpr std::string_view plain = "ws://";
    constexpr std::string_view secure = "wss://";
    const bool tls = text.starts_with(secure);
    if (!tls && !text.starts_with(plain)) return UrlError::not_websocket;
    text.remove_prefix(tls ? secure.size() : plain.size());
    const auto slash = std::min(text.find('/'), text.size());
    Url url{.host = {}, .port = tls ? "443" : "80", .path = "/", .tls = tls};
    if (slash < text.size()) url.path = text.substr(slash);
    std::string_view host = text.substr(0, slash);
    std::string_view after;
    if (host.starts_with('[')) {
        const auto end = host.find(']');
        if (end == std::string_view::npos) return UrlError::bad_host;
        after = host.substr(end + 1);
        host = host.substr(1, end - 1);
    } else {
        const auto colon = std::min(host.find(':'), host.size());
        after = host.substr(colon);
        host = host.substr(0, colon);
    }
    if (!is_host(host) || !is_path(url.path)) return UrlError::bad_host;
    if (!after.empty() && (after.front() != ':' || !is_port(after.substr(1)))) return UrlError::bad_port;
    if (!after.empty()) url.port = after.substr(1);
    url.host = host;
    return url;
}

bool is_loopback(const Url& url) {
    std::string host = url.host;
    for (char& c : host) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    if (host == "localhost") return true;
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(host, error);
    return !error && address.is_loopback();
}

std::string authority(const Url& url) {
    return url.host.find(':') == std::string::npos ? url.host + ':' + url.port : '[' + url.host + "]:" + url.port;
}

}  // namespace foorumi::client
