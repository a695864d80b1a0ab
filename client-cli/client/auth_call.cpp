#include "client/auth_call.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/connect.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <optional>
#include <type_traits>

#include "client/tls_stream.hpp"

namespace foorumi::client {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::size_t largest_answer = 64 * 1024;

// The body stays where it is: nothing copies a password.
using AuthRequest = http::request<http::span_body<const char>>;

// Tells one's sign-ins from one another. Only what a header and a list of sign-ins can take.
std::string agent_name() {
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) != 0) return "foorumi";
    std::string name = host.data();
    std::erase_if(name, [](char c) {
        return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '.';
    });
    return name.empty() ? "foorumi" : "foorumi (" + name + ')';
}

AuthRequest make_request(const AuthServer& server, std::string_view path, std::string_view body,
                         const std::string& token) {
    AuthRequest request(http::verb::post, {path.data(), path.size()}, 11);
    request.set(http::field::host, authority(server.url));
    request.set(http::field::user_agent, agent_name());
    request.set(http::field::content_type, "application/json");
    request.set(http::field::accept_language, server.language);
    request.set(http::field::connection, "close");
    if (!token.empty()) request.set(http::field::authorization, "Bearer " + token);
    request.body() = {body.data(), body.size()};
    request.prepare_payload();
    return request;
}

// Everything happens within run(). REQUIRES: outlived by the io_context.
template <class Stream>
class AuthConnection {
   public:
    // `tls`: what a TlsStream takes over.
    template <class... Tls>
    AuthConnection(asio::io_context& io, const AuthServer& server, AuthRequest request, Tls... tls)
        : io_(io),
          server_(server),
          request_(std::move(request)),
          resolver_(io.get_executor()),
          stream_(io.get_executor(), tls...) {
        parser_.body_limit(largest_answer);
    }

    AuthResult run() {
        resolver_.async_resolve(server_.url.host, server_.url.port, [this](error_code error, auto found) {
            if (error) return fail(error);
            candidates_ = std::move(found);
            asio::async_connect(boost::beast::get_lowest_layer(stream_), candidates_,
                                [this](error_code failed, const asio::ip::tcp::endpoint&) {
                                    if (failed) return fail(failed);
                                    connected();
                                });
        });
        io_.run_for(server_.limit);
        if (!result_)
            return AuthFailure{.refusal = {}, .why = {.fault = Fault::other, .detail = "timeout"}, .sent = sent_};
        return std::move(*result_);
    }

   private:
    static constexpr bool with_tls = std::is_same_v<Stream, TlsStream>;

    void fail(error_code error) { end({.fault = Fault::other, .detail = error.message()}); }
    void end(ConnectionEnd why) { result_ = AuthFailure{.refusal = {}, .why = std::move(why), .sent = sent_}; }

    void connected() {
        if constexpr (with_tls) {
            if (const auto error = require_peer(stream_, server_.url.host)) return fail(error);
            stream_.async_handshake(TlsStream::client, [this](error_code error) {
                if (error) return end(explain_tls(stream_, error));
                send();
            });
        } else {
            send();
        }
    }

    void send() {
        sent_ = true;
        http::async_write(stream_, request_, [this](error_code error, std::size_t) {
            if (error) return fail(error);
            http::async_read(stream_, buffer_, parser_, [this](error_code failed, std::size_t) {
                if (failed) return fail(failed);
                const auto& answer = parser_.get();
                result_ = read_auth_answer(answer.result_int(), answer.body(), with_tls);
            });
        });
    }

    asio::io_context& io_;
    const AuthServer& server_;
    AuthRequest request_;
    asio::ip::basic_resolver<asio::ip::tcp, LoopExecutor> resolver_;
    asio::ip::basic_resolver<asio::ip::tcp, LoopExecutor>::results_type candidates_;
    Stream stream_;
    boost::beast::flat_buffer buffer_;
    http::response_parser<http::string_body> parser_;
    std::optional<AuthResult> result_;
    bool sent_ = false;
};

}  // namespace

AuthResult auth_call(const AuthServer& server, std::string_view path, const AuthBody& body, const std::string& token) {
    asio::io_context io(1);
    auto request = make_request(server, path, body.json(), token);
    if (!server.url.tls) return AuthConnection<PlainStream>(io, server, std::move(request)).run();
    ssl_st* tls = new_tls(*server.trust, server.url.host);  // the stream's own
    return AuthConnection<TlsStream>(io, server, std::move(request), tls).run();
}

}  // namespace foorumi::client
