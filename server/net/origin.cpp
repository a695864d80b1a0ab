#include "net/origin.hpp"

#include <algorithm>
#include <boost/asio/ip/address_v6.hpp>
#include <charconv>
#include <utility>

namespace foorumi::net {
namespace {

constexpr std::size_t max_label = 63;  // RFC 1035 section 2.3.4
constexpr std::size_t max_host = 253;  // its 255 octets on the wire, as text
constexpr unsigned max_port = 0xffff;

bool is_label(std::string_view label) {
    return !label.empty() && label.size() <= max_label && label.front() != '-' && label.back() != '-' &&
           std::ranges::all_of(label,
                               [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

bool is_host(std::string_view host) {
    if (host.size() > max_host) return false;
    while (true) {
        const auto dot = host.find('.');
        if (!is_label(host.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        host.remove_prefix(dot + 1);
    }
}

// As browsers write it: what the address itself is written as. A zone is not part of an origin.
bool is_bracketed_v6(std::string_view host) {
    if (host.size() < 4 || host.front() != '[' || host.back() != ']') return false;
    const std::string inner(host.substr(1, host.size() - 2));
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address_v6(inner, error);
    return !error && address.scope_id() == 0 && inner.find('%') == std::string::npos && address.to_string() == inner;
}

bool is_port(std::string_view port, unsigned of_scheme) {
    unsigned number = 0;
    const auto [end, failure] = std::from_chars(port.data(), port.data() + port.size(), number);
    return failure == std::errc() && end == port.data() + port.size() && port.front() != '0' && number <= max_port &&
           number != of_scheme;
}

}  // namespace

bool is_origin(std::string_view text) {
    unsigned of_scheme = 0;
    for (const auto& [scheme, port] : {std::pair("http://", 80U), std::pair("https://", 443U)}) {
        if (!text.starts_with(scheme)) continue;
        text.remove_prefix(std::string_view(scheme).size());
        of_scheme = port;
        break;
    }
    if (of_scheme == 0) return false;
    const auto bracket = text.rfind(']');
    const auto colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
    const std::string_view host = text.substr(0, colon);
    if (!is_host(host) && !is_bracketed_v6(host)) return false;
    return colon == std::string_view::npos || (colon + 1 < text.size() && is_port(text.substr(colon + 1), of_scheme));
}

OriginList::OriginList(std::vector<std::string> allowed) : allowed_(std::move(allowed)) {}

OriginVerdict OriginList::check(std::span<const std::string_view> headers) const {
    if (headers.empty()) return OriginVerdict::absent;
    if (headers.size() > 1) return OriginVerdict::refused;
    const bool listed = std::ranges::find(allowed_, headers.front()) != allowed_.end();
    return listed ? OriginVerdict::allowed : OriginVerdict::refused;
}

}  // namespace foorumi::net
