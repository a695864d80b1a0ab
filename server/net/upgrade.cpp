#include "net/upgrade.hpp"

#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <locale>
#include <optional>
#include <string>
#include <utility>

#include "net/accept_language.hpp"
#include "net/cookie.hpp"

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

HttpResponse allowing(HttpResponse response, std::string_view methods) {
    response.set(http::field::allow, methods);
    return response;
}

HttpResponse only_get() {
    return allowing(plain_answer(http::status::method_not_allowed, "method not allowed\n"), "GET");
}

Route nothing_here() { return {Route::To::answer, plain_answer(http::status::not_found, "nothing is served here\n")}; }

HttpResponse refuse_origin() { return error_answer(http::status::forbidden, "forbidden", "origin_not_allowed"); }

// The token of the cookie, or an answer.
Route with_cookie(Route::To to, const HttpRequest& request, bool secure) {
    if (!secure) return {to};
    auto token = cookie_token(values_of(request, http::field::cookie));
    if (!token) return {Route::To::answer, error_answer(http::status::bad_request, "malformed", "cookie_malformed")};
    return {to, {}, std::move(*token).value_or(std::string())};
}

// 16 bytes in base64 (RFC 6455 section 4.1).
bool is_key(std::string_view key) {
    return key.size() == 24 && key.ends_with("==") && std::ranges::all_of(key.substr(0, 22), [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
                      c == '/';
           });
}

// Why it is no handshake of a WebSocket; nothing: it is one.
std::optional<HttpResponse> refuse_handshake(const HttpRequest& request) {
    const auto bad = [](std::string_view body) { return plain_answer(http::status::bad_request, body); };
    if (request.method() != http::verb::get) return only_get();
    if (!boost::beast::websocket::is_upgrade(request)) {
        return upgrade_required("this is a WebSocket endpoint, subprotocol foorumi.v1\n");
    }
    if (request[http::field::sec_websocket_version] != "13") {
        return upgrade_required("only WebSocket version 13 is spoken here\n");
    }
    if (request[http::field::host].empty()) return bad("the Host header is missing\n");
    if (!is_key(request[http::field::sec_websocket_key])) return bad("Sec-WebSocket-Key is missing or malformed\n");
    if (!http::token_list(request[http::field::sec_websocket_protocol]).exists(subprotocol)) {
        return bad("the WebSocket subprotocol foorumi.v1 is required\n");
    }
    return std::nullopt;
}

// A web page of any site can open a WebSocket here, and the browser adds the cookie (RFC 6455 section 10.2). So the
// cookie counts with an allowed origin only, and other origins have no business here at all.
Route route_websocket(const HttpRequest& request, const HttpPolicy& policy, bool secure) {
    if (auto refusal = refuse_handshake(request)) return {Route::To::answer, std::move(*refusal)};
    switch (policy.origins.check(values_of(request, http::field::origin))) {
        case OriginVerdict::refused:
            return {Route::To::answer, refuse_origin()};
        case OriginVerdict::absent:
            return {Route::To::websocket};
        case OriginVerdict::allowed:
            break;
    }
    return with_cookie(Route::To::websocket, request, secure);
}

// Browsers name the origin of every POST. Who names none is no browser, then brings no cookie, and does not say that it
// was sent by another site (Fetch Metadata, Sec-Fetch-Site).
bool may_call(const HttpRequest& request, const HttpPolicy& policy) {
    const auto verdict = policy.origins.check(values_of(request, http::field::origin));
    if (verdict != OriginVerdict::absent) return verdict == OriginVerdict::allowed;
    return request.count(http::field::cookie) == 0 &&
           std::ranges::all_of(values_of(request, http::field::sec_fetch_site),
                               [](std::string_view site) { return site == "same-origin" || site == "none"; });
}

// "application/json", with no parameter but charset=utf-8.
bool is_json(const std::vector<std::string_view>& types) {
    if (types.size() != 1) return false;
    std::string type(types.front());
    std::erase_if(type, [](char c) { return c == ' ' || c == '\t'; });
    const auto same = [&type](std::string_view other) { return boost::iequals(type, other, std::locale::classic()); };
    return same("application/json") || same("application/json;charset=utf-8") ||
           same("application/json;charset=\"utf-8\"");
}

// Other codings would leave open where the body ends (RFC 9112 section 6.3).
bool is_plain_or_chunked(const HttpRequest& request) {
    return std::ranges::all_of(values_of(request, http::field::transfer_encoding), [](std::string_view coding) {
        return boost::iequals(coding, "chunked", std::locale::classic());
    });
}

Route route_call(const HttpRequest& request, const HttpPolicy& policy, bool secure) {
    const auto refuse = [](http::status status, std::string_view code, std::string_view reason) {
        return Route{Route::To::answer, error_answer(status, code, reason)};
    };
    if (request.method() != http::verb::post) {
        return {Route::To::answer,
                allowing(error_answer(http::status::method_not_allowed, "invalid", "method_not_allowed"), "POST")};
    }
    if (request.count(http::field::host) != 1 || !is_plain_or_chunked(request)) {
        return refuse(http::status::bad_request, "malformed", "http_malformed");
    }
    if (!may_call(request, policy)) return {Route::To::answer, refuse_origin()};
    if (!is_json(values_of(request, http::field::content_type))) {
        return refuse(http::status::unsupported_media_type, "invalid", "content_type_not_json");
    }
    // Whoever waits for a 100 sends again without asking (RFC 9110 section 10.1.1).
    if (request.count(http::field::expect) > 0) {
        return refuse(http::status::expectation_failed, "invalid", "expectation_not_met");
    }
    return with_cookie(Route::To::service, request, secure);
}

Route route_metrics(const HttpRequest& request) {
    if (path_of(request) != metrics_path) return nothing_here();
    if (request.method() == http::verb::get || request.method() == http::verb::head) return {Route::To::service};
    return {Route::To::answer,
            allowing(plain_answer(http::status::method_not_allowed, "method not allowed\n"), "GET, HEAD")};
}

}  // namespace

std::vector<std::string_view> values_of(const HttpRequest& request, http::field field) {
    std::vector<std::string_view> values;
    const auto [first, last] = request.equal_range(field);
    for (auto at = first; at != last; ++at) values.emplace_back(at->value().data(), at->value().size());
    return values;
}

Route route(const HttpRequest& request, const HttpPolicy& policy, bool secure) {
    if (policy.metrics_only) return route_metrics(request);
    const std::string_view path = path_of(request);
    if (path == "/" || path == "/ws") return route_websocket(request, policy, secure);
    if (path.starts_with(call_path)) return route_call(request, policy, secure);
    if (path == "/healthz") {
        if (request.method() == http::verb::get) return {Route::To::answer, plain_answer(http::status::ok, "ok")};
        return {Route::To::answer, only_get()};
    }
    return nothing_here();
}

namespace {

// RFC 6750 section 2.1; empty where there is none, or not one of this server's form.
std::string bearer_token(const std::vector<std::string_view>& headers) {
    constexpr std::string_view scheme = "bearer ";
    if (headers.size() != 1 || headers.front().size() < scheme.size()) return {};
    const auto given = headers.front().substr(0, scheme.size());
    if (!boost::iequals(given, scheme, std::locale::classic())) return {};
    const auto token = headers.front().substr(scheme.size());
    return is_cookie_token(token) ? std::string(token) : std::string();
}

}  // namespace

HttpCall call_of(HttpRequest request, const Peer& peer, std::string session_token) {
    HttpCall call;
    call.path = path_of(request);
    call.remote_address = peer.address.to_string();
    call.browser = request.count(http::field::origin) > 0;
    if (!session_token.empty()) call.session_token = std::move(session_token);
    // A page's scripts hold no token, and what one site's page could send along must open nothing.
    if (!call.browser) {
        const auto bearer = bearer_token(values_of(request, http::field::authorization));
        if (!bearer.empty()) call.session_token = bearer;
    }
    call.user_agent = std::string_view(request[http::field::user_agent]);
    call.language = accepted_language(request[http::field::accept_language]);
    call.secure = peer.secure;
    call.body = std::move(request.body());
    return call;
}

}  // namespace foorumi::net
