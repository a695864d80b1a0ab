// A server's address as given on the command line. Pure.
#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <string_view>

namespace foorumi::client {

struct Url {
    std::string host;  // without the brackets of an IPv6 address
    std::string port;
    std::string path;  // begins with '/'
    bool tls = false;
    friend bool operator==(const Url&, const Url&) = default;
};

enum class UrlError {
    not_websocket = 1,  // neither ws:// nor wss://
    bad_host,
    bad_port,
};

// The reason's key in the message catalogues.
[[nodiscard]] std::string_view key_of(UrlError error);

[[noreturn]] void throw_exception_from_error(UrlError error, const boost::source_location& where);

// "ws://host[:port][/path]" or wss://; port 80, of wss:// 443, and path "/" where left out. Host names may not hold
// control characters or spaces.
[[nodiscard]] boost::system::result<Url, UrlError> parse_url(std::string_view text);

// The address is this machine's own: 127.0.0.0/8, ::1 or localhost.
[[nodiscard]] bool is_loopback(const Url& url);

// host:port as the Host header of a handshake has it.
[[nodiscard]] std::string authority(const Url& url);

}  // namespace foorumi::client
