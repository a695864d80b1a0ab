// What an HTTP request to the server means: a WebSocket, a call for the service, a health check, or something to
// refuse; to the listener for metrics: a call for its service, or something to refuse. Pure.
#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_answer.hpp"
#include "net/http_policy.hpp"

namespace foorumi::net {

inline constexpr std::string_view subprotocol = "foorumi.v1";
inline constexpr std::string_view call_path = "/auth/";
inline constexpr std::string_view metrics_path = "/metrics";

using HttpRequest = boost::beast::http::request<boost::beast::http::string_body>;

struct Route {
    enum class To : std::uint8_t {
        websocket,  // a handshake to accept
        service,    // a call: its body is to be read
        answer,
    };
    To to = To::answer;
    HttpResponse response = {};      // of an answer
    std::string session_token = {};  // of the others: that of the cookie, or empty
};

// Looks at the request's line and headers only, so a body need not have come.
[[nodiscard]] Route route(const HttpRequest& request, const HttpPolicy& policy, bool secure);

// All values of a header, in their order. Valid as long as the request.
[[nodiscard]] std::vector<std::string_view> values_of(const HttpRequest& request, boost::beast::http::field field);

// What the service gets. REQUIRES: route() led there, and the body has come.
[[nodiscard]] HttpCall call_of(HttpRequest request, const Peer& peer, std::string session_token);

}  // namespace foorumi::net
