// The HTTP answers of the server, all of which end their connection. Pure.
#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/system/error_code.hpp>
#include <optional>
#include <string_view>

#include "net/http_service.hpp"

namespace foorumi::net {

inline constexpr std::string_view server_name = "foorumi";

using HttpResponse = boost::beast::http::response<boost::beast::http::string_body>;

// A short plain text.
[[nodiscard]] HttpResponse plain_answer(boost::beast::http::status status, std::string_view body);

// One more connection than there may be.
[[nodiscard]] HttpResponse busy_answer();
[[nodiscard]] HttpResponse try_later(HttpResponse response);

// To a request that could not be read. Nothing: its connection has failed, and there is nobody to answer to.
[[nodiscard]] std::optional<HttpResponse> malformed_answer(const boost::system::error_code& error);

// {"error":{"code":...,"reason":...}}, words of docs/protocol.md; the code in lower case.
[[nodiscard]] HttpResponse error_answer(boost::beast::http::status status, std::string_view code,
                                        std::string_view reason);

// What a service has answered; a 500 where it breaks the bounds of HttpAnswer.
[[nodiscard]] HttpResponse service_answer(HttpAnswer answer, bool secure);

// What every answer tells browsers: nothing of it runs, is framed, guessed about or read by other sites; and where the
// connection is secure, that it has to stay so (RFC 6797).
void add_security_fields(HttpResponse& response, bool secure);

}  // namespace foorumi::net
