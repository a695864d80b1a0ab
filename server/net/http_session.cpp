#include "net/http_session.hpp"

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <utility>

#include "net/socket.hpp"
#include "net/upgrade.hpp"
#include "net/websocket_connection.hpp"
#include "net/worker_core.hpp"

namespace foorumi::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

class HttpSession final : public boost::intrusive_ref_counter<HttpSession, boost::thread_unsafe_counter>,
                          public Member,
                          public Deadline {
   public:
    HttpSession(WorkerCore& core, Socket socket, std::string remote_address, Ticket ticket)
        : core_(&core),
          socket_(std::move(socket)),
          remote_address_(std::move(remote_address)),
          ticket_(std::move(ticket)),
          buffer_(max_header_bytes) {
        parser_.header_limit(static_cast<std::uint32_t>(max_header_bytes));
    }

    void start() {
        self_ = this;
        core_->enrol(*this);
        core_->arm(*this, core_->now() + std::chrono::milliseconds(core_->options().handshake_timeout_ms));
        http::async_read(socket_, buffer_, parser_,
                         [self = self_](error_code error, std::size_t) { self->on_request(error); });
    }

    void stop(CloseCode, std::string_view, const ItemRef&) override { end(); }

    void abandon() override {
        core_ = nullptr;
        end();
    }

    void on_deadline(TimePoint) override {
        ++core_->statistics().handshake_timeouts;
        end();
    }

   private:
    using Ref = boost::intrusive_ptr<HttpSession>;

    void on_request(error_code error) {
        if (ended()) return;
        if (error) return refuse_malformed(error);
        if (core_->stopping()) return answer(busy());
        Route to = route(parser_.get());
        if (!to.upgrade) return answer(std::move(to.response));
        if (ticket_.verdict() != Ticket::Verdict::admitted) return answer(busy());
        if (buffer_.size() > 0) {
            return answer(
                plain_answer(http::status::bad_request, "data before the WebSocket handshake was answered\n"));
        }
        WorkerCore& core = *core_;
        // Enrolled before this session leaves, so that the worker is never empty in between.
        start_websocket(core, std::move(socket_), parser_.get(), std::move(remote_address_), std::move(ticket_));
        end();
    }

    void refuse_malformed(error_code error) {
        if (error == http::error::header_limit || error == http::error::buffer_overflow) {
            return answer(plain_answer(http::status::request_header_fields_too_large, "the headers are too large\n"));
        }
        if (error.category() == make_error_code(http::error::bad_method).category() &&
            error != http::error::end_of_stream && error != http::error::partial_message) {
            return answer(plain_answer(http::status::bad_request, "malformed HTTP: " + error.message() + "\n"));
        }
        end();
    }

    static HttpResponse busy() {
        HttpResponse response =
            plain_answer(http::status::service_unavailable, "too many connections, try again later\n");
        response.set(http::field::retry_after, "5");
        return response;
    }

    void answer(HttpResponse response) {
        if (response.result() != http::status::ok) ++core_->statistics().refused;
        response_ = std::move(response);
        http::async_write(socket_, response_, [self = Ref(this)](error_code error, std::size_t) {
            if (self->ended()) return;
            if (error) return self->end();
            self->socket_.shutdown(Socket::shutdown_send, error);
            self->drain();
        });
    }

    // Unread bytes at the close would reset the connection and could destroy the answer on its way.
    void drain() {
        socket_.async_read_some(asio::buffer(rest_), [self = Ref(this)](error_code error, std::size_t) {
            if (self->ended()) return;
            if (error) return self->end();
            self->drain();
        });
    }

    [[nodiscard]] bool ended() const { return !self_; }

    void end() {
        if (ended()) return;
        const Ref keep = std::move(self_);
        disarm();
        error_code ignored;  // nothing can be done about a failed close
        if (socket_.is_open()) socket_.close(ignored);
        if (core_) core_->leave(*this);
    }

    WorkerCore* core_;
    Ref self_;  // from start to end
    Socket socket_;
    std::string remote_address_;
    Ticket ticket_;
    boost::beast::flat_buffer buffer_;
    http::request_parser<http::empty_body> parser_;
    HttpResponse response_;
    std::array<char, 512> rest_{};
};

}  // namespace

void start_http_session(WorkerCore& core, UniqueFd fd, Ticket ticket) {
    error_code error;
    Socket socket(core.context().get_executor());
    sockaddr_storage name{};
    socklen_t name_size = sizeof name;
    if (::getpeername(fd.get(), reinterpret_cast<sockaddr*>(&name), &name_size) != 0) return;
    socket.assign(name.ss_family == AF_INET6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), fd.get(), error);
    if (error) return;
    static_cast<void>(fd.release());
    const auto remote = socket.remote_endpoint(error);
    if (error) return;  // gone already
    socket.set_option(asio::ip::tcp::no_delay(true), error);
    if (error) return;
    boost::intrusive_ptr<HttpSession> session(
        new HttpSession(core, std::move(socket), remote.address().to_string(), std::move(ticket)));
    session->start();
}

}  // namespace foorumi::net
