#include "net/http_session.hpp"

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cerrno>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include "net/proxy_receive.hpp"
#include "net/transport.hpp"
#include "net/upgrade.hpp"
#include "net/visitor.hpp"
#include "net/websocket_connection.hpp"
#include "net/worker_core.hpp"

namespace foorumi::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

class HttpSession;

// The way from a service's answer back to its session. The service's copies may end on any thread, so it is not the
// session that they share.
struct AnswerSlot {
    HttpSession* session;  // null: answered, or gone. Looked at on the worker only.
};

class HttpSession final : public boost::intrusive_ref_counter<HttpSession, boost::thread_unsafe_counter>,
                          public Member,
                          public Deadline {
   public:
    HttpSession(WorkerCore& core, Transport transport, const asio::ip::address& remote_address, Ticket ticket)
        : core_(&core),
          transport_(std::move(transport)),
          visitor_(core.policy(), remote_address, std::move(ticket)),
          buffer_(max_header_bytes) {
        parser_.header_limit(static_cast<std::uint32_t>(max_header_bytes));
        parser_.body_limit(core.policy().body_bytes);
    }

    void start() {
        self_ = this;
        core_->enrol(*this);
        core_->arm(*this, core_->now() + std::chrono::milliseconds(core_->options().handshake_timeout_ms));
        if (!core_->policy().proxy_protocol) return begin();
        if (!visitor_.is_proxy()) return refuse_proxy();
        read_proxy_header();
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

    void read_proxy_header() {
        switch (receive_proxy_header(transport_.native_handle(), proxy_)) {
            case ProxyReceived::more:
                return transport_.async_wait(Socket::wait_read, [self = Ref(this)](error_code error) {
                    if (self->ended()) return;
                    if (error) return self->end();
                    self->read_proxy_header();
                });
            case ProxyReceived::done:
                return on_proxy_header();
            case ProxyReceived::malformed:
                return refuse_proxy();
            case ProxyReceived::ended:
                return end();
        }
    }

    void on_proxy_header() {
        visitor_.introduced_by(proxy_.header());
        if (visitor_.ticket().verdict() == Ticket::Verdict::drop) return drop();
        begin();
    }

    void refuse_proxy() {
        ++core_->statistics().proxy_refusals;
        end();
    }

    // What comes before the first byte costs nothing, so only who has sent one waits to be let in.
    void begin() {
        transport_.async_wait(Socket::wait_read, [self = self_](error_code error) {
            if (self->ended()) return;
            if (error) return self->end();
            self->core_->admission().enter([self] {
                if (self->ended()) return false;
                self->be_let_in();
                return true;
            });
        });
    }

    void be_let_in() {
        if (core_->tls() == nullptr) return read_request();
        transport_.start_tls(*core_->tls()->current());
        transport_.async_handshake([self = self_](error_code error) { self->on_handshake(error); });
    }

    void on_handshake(error_code error) {
        if (ended()) return;
        if (!error) {
            visitor_.speaks_tls();
            return read_request();
        }
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
        http::async_read_header(transport_, buffer_, parser_,
                                [self = self_](error_code error, std::size_t) { self->on_header(error); });
    }

    void on_header(error_code error) {
        if (ended()) return;
        to_head_ = parser_.get().method() == http::verb::head;
        if (error) return refuse_malformed(error);
        if (visitor_.is_proxy() && !visitor_.forwarded_by(values_of(parser_.get(), http::field::forwarded))) {
            return answer(error_answer(http::status::bad_request, "malformed", "forwarded_malformed"));
        }
        if (visitor_.ticket().verdict() == Ticket::Verdict::drop) return drop();
        if (core_->stopping()) return answer(busy_answer());
        Route to = route(parser_.get(), core_->policy(), visitor_.peer().secure);
        switch (to.to) {
            case Route::To::answer:
                return answer(std::move(to.response));
            case Route::To::websocket:
                return open_websocket(std::move(to.session_token));
            case Route::To::service:
                return read_body(std::move(to.session_token));
        }
    }

    void open_websocket(std::string session_token) {
        if (is_one_too_many()) return answer(busy_answer());
        if (buffer_.size() > 0 || !parser_.is_done()) {
            return answer(
                plain_answer(http::status::bad_request, "data before the WebSocket handshake was answered\n"));
        }
        WorkerCore& core = *core_;
        // Enrolled before this session leaves, so that the worker is never empty in between.
        start_websocket(core, std::move(transport_), parser_.get(),
                        {visitor_.peer().address.to_string(), std::move(session_token), visitor_.peer().secure,
                         visitor_.take_ticket()});
        end();
    }

    void read_body(std::string session_token) {
        if (!core_->http_service()) {
            return answer(error_answer(http::status::not_found, "not_found", "path_not_found"));
        }
        if (is_one_too_many()) {
            return answer(
                try_later(error_answer(http::status::service_unavailable, "unavailable", "too_many_connections")));
        }
        session_token_ = std::move(session_token);
        if (parser_.is_done()) return call();
        http::async_read(transport_, buffer_, parser_,
                         [self = self_](error_code error, std::size_t) { self->on_body(error); });
    }

    void on_body(error_code error) {
        if (ended()) return;
        if (!error) return call();
        auto refusal = malformed_answer(error);
        if (!refusal) return end();
        if (refusal->result() == http::status::payload_too_large) return answer(std::move(*refusal));
        answer(error_answer(http::status::bad_request, "malformed", "http_malformed"));
    }

    [[nodiscard]] bool is_one_too_many() {
        if (visitor_.ticket().verdict() == Ticket::Verdict::admitted) return false;
        ++core_->statistics().refused_as_too_many;
        return true;
    }

    void drop() {
        ++core_->statistics().dropped;
        end();
    }

    void call() {
        slot_ = std::make_shared<AnswerSlot>(AnswerSlot{this});
        core_->http_service()(call_of(parser_.release(), visitor_.peer(), std::move(session_token_)),
                              [slot = slot_](HttpAnswer answer) {
                                  HttpSession* session = std::exchange(slot->session, nullptr);
                                  if (session != nullptr) session->on_answer(std::move(answer));
                              });
    }

    void on_answer(HttpAnswer from_service) {
        const Ref keep(this);
        answer(service_answer(std::move(from_service), visitor_.peer().secure));
    }

    void refuse_malformed(error_code error) {
        auto refusal = malformed_answer(error);
        if (!refusal) return end();
        answer(std::move(*refusal));
    }

    void answer(HttpResponse response) {
        if (response.result() != http::status::ok) ++core_->statistics().refused;
        add_security_fields(response, visitor_.peer().secure);
        if (to_head_) response.body().clear();  // RFC 9110 section 9.3.2
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
        if (slot_) slot_->session = nullptr;
        transport_.close();
        static_cast<void>(visitor_.take_ticket());  // it may wait to be let in for some time yet
        if (core_) core_->leave(*this);
    }

    WorkerCore* core_;
    Ref self_;  // from start to end
    Transport transport_;
    Visitor visitor_;
    ProxyParser proxy_;
    boost::beast::flat_buffer buffer_;
    http::request_parser<http::string_body> parser_;
    std::string session_token_;  // while the body is read
    std::shared_ptr<AnswerSlot> slot_;
    std::string answer_;
    bool to_head_ = false;  // the request was HEAD
    std::size_t answer_written_ = 0;
    std::array<char, 512> rest_{};
};

}  // namespace

void start_http_session(WorkerCore& core, UniqueFd fd, Ticket ticket) {
    auto adopted = adopt_socket(core.context(), std::move(fd));
    if (!adopted) return;
    boost::intrusive_ptr<HttpSession> session(
        new HttpSession(core, Transport(std::move(adopted->socket)), adopted->remote, std::move(ticket)));
    session->start();
}

}  // namespace foorumi::net
