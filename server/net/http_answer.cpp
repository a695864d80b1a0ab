#include "net/http_answer.hpp"

#include <boost/beast/http/error.hpp>
#include <cstdio>
#include <string>
#include <utility>

#include "net/cookie.hpp"

namespace foorumi::net {

namespace http = boost::beast::http;

namespace {

// RFC 8259 section 7. The words are ASCII, so there is no more to escape.
std::string json_text(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += {'\\', c};
        } else if (static_cast<unsigned char>(c) < 0x20) {
            char escaped[7];
            std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
            out += escaped;
        } else {
            out += c;
        }
    }
    return out += '"';
}

HttpResponse answer_of(http::status status, std::string_view type, std::string body) {
    HttpResponse response(status, 11);
    response.set(http::field::server, server_name);
    response.set(http::field::content_type, type);
    response.set(http::field::connection, "close");
    response.set(http::field::cache_control, "no-store");
    response.body() = std::move(body);
    response.prepare_payload();
    return response;
}

HttpResponse broken_service() { return error_answer(http::status::internal_server_error, "internal", "internal"); }

}  // namespace

HttpResponse plain_answer(http::status status, std::string_view body) {
    return answer_of(status, "text/plain; charset=utf-8", std::string(body));
}

HttpResponse error_answer(http::status status, std::string_view code, std::string_view reason) {
    return answer_of(status, "application/json",
                     "{\"error\":{\"code\":" + json_text(code) + ",\"reason\":" + json_text(reason) + "}}");
}

HttpResponse busy_answer() {
    return try_later(plain_answer(http::status::service_unavailable, "too many connections, try again later\n"));
}

HttpResponse try_later(HttpResponse response) {
    response.set(http::field::retry_after, "5");
    return response;
}

std::optional<HttpResponse> malformed_answer(const boost::system::error_code& error) {
    if (error == http::error::body_limit) {
        return error_answer(http::status::payload_too_large, "limited", "body_too_large");
    }
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
        return plain_answer(http::status::request_header_fields_too_large, "the headers are too large\n");
    }
    if (error.category() != make_error_code(http::error::bad_method).category() ||
        error == http::error::end_of_stream || error == http::error::partial_message) {
        return std::nullopt;
    }
    return plain_answer(http::status::bad_request, "malformed HTTP: " + error.message() + "\n");
}

HttpResponse service_answer(HttpAnswer answer, bool secure) {
    if (answer.status < 200 || answer.status > 599) return broken_service();
    HttpResponse response = answer_of(http::status::ok, answer.type, std::move(answer.body));
    response.result(answer.status);
    if (answer.retry_after_s > 0) response.set(http::field::retry_after, std::to_string(answer.retry_after_s));
    if (!answer.cookie) return response;
    const auto cookie = set_cookie_header(*answer.cookie);
    if (!cookie) return broken_service();
    if (secure) response.set(http::field::set_cookie, *cookie);
    return response;
}

void add_security_fields(HttpResponse& response, bool secure) {
    response.set("X-Content-Type-Options", "nosniff");
    response.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    response.set("Referrer-Policy", "no-referrer");
    response.set("Cross-Origin-Resource-Policy", "same-origin");
    if (secure) response.set(http::field::strict_transport_security, "max-age=31536000");  // a year
}

}  // namespace foorumi::net
