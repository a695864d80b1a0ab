// What an HTTP request to the server means: a WebSocket, a health check, or something to refuse. Pure.
#pragma once

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <string_view>

namespace foorumi::net {

inline constexpr std::string_view subprotocol = "foorumi.v1";
inline constexpr std::string_view server_name = "foorumi";

using HttpRequest = boost::beast::http::request<boost::beast::http::empty_body>;
using HttpResponse = boost::beast::http::response<boost::beast::http::string_body>;

struct Route {
    bool upgrade = false;   // a WebSocket handshake to accept
    HttpResponse response;  // otherwise: what to answer
};

[[nodiscard]] Route route(const HttpRequest& request);

// A short plain text answer, after which the connection ends.
[[nodiscard]] HttpResponse plain_answer(boost::beast::http::status status, std::string_view body);

}  // namespace foorumi::net
