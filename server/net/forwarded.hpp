// The Forwarded header of RFC 7239, as far as the server believes a proxy: its last hop. Pure.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace foorumi::net {

enum class ForwardedErrc : std::uint8_t { malformed };

// What the nearest proxy says of the one that it serves.
struct ForwardedHop {
    std::optional<boost::asio::ip::address> client;  // nothing: not told, "unknown" or a made-up name
    std::optional<bool> https;                       // nothing: not told
};

// Of all Forwarded headers of a request in their order, which are one list. The whole of it has to keep to the grammar:
// else what a client wrote in front could change the sense of what the proxy wrote behind it.
[[nodiscard]] boost::system::result<ForwardedHop, ForwardedErrc> last_hop(std::span<const std::string_view> headers);

[[noreturn]] void throw_exception_from_error(ForwardedErrc error, const boost::source_location& where);

}  // namespace foorumi::net
