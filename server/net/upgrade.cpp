#include "net/upgrade.hpp"

#include <algorithm>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <string>

namespace foorumi::net {

namespace http = boost::beast::http;

namespace {

std::string_view path_of(const HttpRequest& request) {
    const std::string_view target(request.target().data(), request.target().size());
    return target.substr(0, target.find('?'));
}

HttpResponse upgrade_required(std::string_view body) {
    HttpResponse response = plain_answer(http::status::upgrade_required, body);
    response.set(http::field::upgrade, "websocket");
    response.set(http::field::connection, "upgrade, close");
    response.set(http::field::sec_websocket_version, "13");
    return response;
}

HttpResponse method_not_allowed(std::string_view allowed) {
    HttpResponse response = plain_answer(http::status::method_not_allowed, "method not allowed\n");
    response.set(http::field::allow, allowed);
    return response;
}

// 16 bytes in base64 (RFC 6455 section 4.1).
bool is_key(std::string_view key) {
    return key.size() == 24 && key.ends_with("==") && std::ranges::all_of(key.substr(0, 22), [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
                      c == '/';
           });
}

Route route_websocket(const HttpRequest& request) {
    const auto refuse = [](std::string_view body) {
        return Route{false, plain_answer(http::status::bad_request, body)};
    };
    if (request.method() != http::verb::get) return {false, method_not_allowed("GET")};
    if (!boost::beast::websocket::is_upgrade(request)) {
        return {false, upgrade_required("this is a WebSocket endpoint, subprotocol foorumi.v1\n")};
    }
    if (request[http::field::sec_websocket_version] != "13") {
        return {false, upgrade_required("only WebSocket version 13 is spoken here\n")};
    }
    if (request[http::field::host].empty()) return refuse("the Host header is missing\n");
    if (!is_key(request[http::field::sec_websocket_key])) return refuse("Sec-WebSocket-Key is missing or malformed\n");
    if (!http::token_list(request[http::field::sec_websocket_protocol]).exists(subprotocol)) {
        return refuse("the WebSocket subprotocol foorumi.v1 is required\n");
    }
    return {true, {}};
}

}  // namespace

HttpResponse plain_answer(http::status status, std::string_view body) {
    HttpResponse response(status, 11);
    response.set(http::field::server, server_name);
    response.set(http::field::content_type, "text/plain; charset=utf-8");
    response.set(http::field::connection, "close");
    response.set(http::field::cache_control, "no-store");
    response.body() = body;
    response.prepare_payload();
    return response;
}

Route route(const HttpRequest& request) {
    const std::string_view path = path_of(request);
    if (path == "/" || path == "/ws") return route_websocket(request);
    if (path == "/healthz") {
        if (request.method() == http::verb::get) return {false, plain_answer(http::status::ok, "ok")};
        return {false, method_not_allowed("GET")};
    }
    return {false, plain_answer(http::status::not_found, "nothing is served here\n")};
}

}  // namespace foorumi::net
