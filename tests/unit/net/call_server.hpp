// A server with a service that answers calls as the test says, plain or over TLS.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "unit/net/raw_client.hpp"
#include "unit/net/test_server.hpp"
#include "unit/net/tls_client.hpp"
#include "unit/net/tls_files.hpp"

namespace foorumi::test {

inline const std::string session_token = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN-_0";  // NOLINT(cert-err58-cpp)
inline const std::string cookie = "Cookie: __Host-foorumi=" + session_token + "\r\n";    // NOLINT(cert-err58-cpp)
inline constexpr std::string_view from_page = "Origin: https://foorumi.fi\r\n";
inline constexpr std::string_view json_type = "Content-Type: application/json\r\n";

inline net::Options with_origin() {
    net::Options options = test_options();
    options.http.origins = {"https://foorumi.fi"};
    options.http.body_bytes = 256;
    return options;
}

// Keeps the last call and says what it is told to, at once or when it is asked to.
struct Service {
    std::optional<net::HttpCall> call;
    std::function<void(net::HttpAnswer)> done;
    bool at_once = true;
    net::HttpAnswer answer{200, R"({"hello":"there"})", {}, 0};

    net::HttpService function() {
        return [this](net::HttpCall came, std::function<void(net::HttpAnswer)> then) {
            call = std::move(came);
            done = std::move(then);
            if (at_once) done(answer);
        };
    }
};

struct CallServer : Service, TestServer {
    explicit CallServer(const net::Options& options = with_origin()) : TestServer(options, 1, nullptr, function()) {}
};

struct SecureServer : Service, TestCertificate, TestServer {
    explicit SecureServer(const net::Options& options = with_origin()) : TestServer(options, 1, context, function()) {}
};

inline std::string post(std::string_view fields, std::string_view body = "{}",
                        std::string_view path = "/auth/sign-in") {
    return "POST " + std::string(path) +
           " HTTP/1.1\r\nHost: foorumi.fi\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           std::string(fields) + "\r\n" + std::string(body);
}

inline std::string json_post(std::string_view fields = {}, std::string_view body = "{}") {
    return post(std::string(json_type) + std::string(fields), body);
}

inline HttpAnswer ask(const TestServer& server, std::string_view request) {
    return RawClient(server.port()).http(request);
}
inline HttpAnswer ask_over_tls(const TestServer& server, std::string_view request) {
    return TlsClient(server.port()).http(request);
}

}  // namespace foorumi::test
