#include "net/listen_address.hpp"

#include <boost/asio/ip/address.hpp>
#include <charconv>

namespace foorumi::net {
namespace {

std::optional<std::uint16_t> port_of(std::string_view text) {
    std::uint16_t port = 0;
    const auto [stopped, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (failure != std::errc() || stopped != text.data() + text.size()) return std::nullopt;
    return port;
}

}  // namespace

std::optional<ListenAddress> parse_listen_address(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto port = port_of(text.substr(colon + 1));
    auto host = text.substr(0, colon);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(std::string(host), error);
    // Without brackets it would not be seen where an IPv6 address ends.
    if (!port || error || address.is_v6() != bracketed) return std::nullopt;
    return ListenAddress{std::string(host), *port};
}

}  // namespace foorumi::net
