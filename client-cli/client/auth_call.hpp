// Calls to the server's entrance, where one signs in: POST of JSON to the host and port of the WebSocket, over TLS
// where that is wss://. Beast stays behind this header.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "client/auth_answer.hpp"
#include "client/auth_body.hpp"
#include "client/trust.hpp"
#include "client/url.hpp"

namespace foorumi::client {

struct AuthServer {
    Url url;
    Trust trust;           // not null where url.tls
    std::string language;  // of the texts of refusals
    std::chrono::milliseconds limit = std::chrono::seconds(30);
};

// Blocks until there is an answer, or the limit is over. Nothing is sent before the server of a wss:// has shown a
// certificate that `trust` accepts. An answer has at most 64 KiB. `token`: empty, or of whom calls.
[[nodiscard]] AuthResult auth_call(const AuthServer& server, std::string_view path, const AuthBody& body,
                                   const std::string& token = {});

}  // namespace foorumi::client
