#include "net/http_session.hpp"

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cerrno>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include "net/transport.hpp"
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
    HttpSession(WorkerCore& core, Transport transport, std::string remote_address, Ticket ticket)
        : core_(&core),
          transport_(std::move(transport)),
          remote_address_(std::move(remote_address)),
          ticket_(std::move(ticket)),
          buffer_(max_header_bytes) {
        parser_.header_limit(static_cast<std::uint32_t>(max_header_bytes));
    }

    void start() {
        self_ = this;
        core_->enrol(*this);
        core_->arm(*this, core_->now() + std::chrono::milliseconds(core_->options().handshake_timeout_ms));
        if (core_->tls() == nullptr) return read_request();
        transport_.start_tls(*core_->tls()->current());
        transport_.async_handshake([self = self_](error_code error) { self->on_handshake(error); });
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

    void on_handshake(error_code error) {
        if (ended()) return;
        if (!error) return read_request();
        const bool spoke_http = transport_.spoke_http();
        if (!spoke_http) {
            ++core_->statistics().tls_failures;
            static_cast<void>(transport_.wire().flush());  // the alert that tells why
        }
        transport_.end_tls();
        if (spoke_http) return answer(plain_answer(http::status::bad_request, "this port is served over TLS only\n"));
        transport_.shutdown_send();
        drain();
    }

    void read_request() {
        http::async_read(transport_, buffer_, parser_,
                         [self = self_](error_code error, std::size_t) { self->on_request(error); });
    }

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
        start_websocket(core, std::move(transport_), parser_.get(), std::move(remote_address_), std::move(ticket_));
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
        std::ostringstream text;
        text << response;
        answer_ = std::move(text).str();
        write_answer();
    }

    void write_answer() {
        while (answer_written_ < answer_.size() || transport_.wire().pending()) {
            const iovec rest{answer_.data() + answer_written_, answer_.size() - answer_written_};
            const ssize_t sent = transport_.wire().write({&rest, 1});
            if (sent < 0 && errno == EINTR) continue;
            if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return write_later();
            if (sent < 0) return end();
            answer_written_ += static_cast<std::size_t>(sent);
        }
        transport_.shutdown_send();
        drain();
    }

    void write_later() {
        transport_.async_wait(Socket::wait_write, [self = Ref(this)](error_code error) {
            if (self->ended()) return;
            if (error) return self->end();
            self->write_answer();
        });
    }

    // Unread bytes at the close would reset the connection and could destroy the answer on its way.
    void drain() {
        transport_.async_read_some(asio::buffer(rest_), [self = Ref(this)](error_code error, std::size_t) {
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
        transport_.close();
        if (core_) core_->leave(*this);
    }

    WorkerCore* core_;
    Ref self_;  // from start to end
    Transport transport_;
    std::string remote_address_;
    Ticket ticket_;
    boost::beast::flat_buffer buffer_;
    http::request_parser<http::empty_body> parser_;
    std::string answer_;
    std::size_t answer_written_ = 0;
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
    socket.native_non_blocking(true, error);  // every write passes MSG_DONTWAIT, too
    if (error) return;
    boost::intrusive_ptr<HttpSession> session(
        new HttpSession(core, Transport(std::move(socket)), remote.address().to_string(), std::move(ticket)));
    session->start();
}

}  // namespace foorumi::net
