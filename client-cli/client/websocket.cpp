#include "client/websocket.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <chrono>
#include <deque>
#include <type_traits>

#include "client/tls_stream.hpp"

namespace foorumi::client {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using tcp = asio::ip::tcp;
using boost::system::error_code;

constexpr const char* subprotocol = "foorumi.v1";
constexpr auto handshake_limit = std::chrono::seconds(10);
constexpr auto silence_limit = std::chrono::seconds(30);
constexpr std::size_t largest_frame = 64 * 1024 * 1024;

template <class Stream>
class BeastWebSocket final : public WebSocket, public std::enable_shared_from_this<BeastWebSocket<Stream>> {
   public:
    using Resolver = asio::ip::basic_resolver<tcp, LoopExecutor>;
    using Timer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                                             LoopExecutor>;

    // `tls`: what a TlsStream takes over.
    template <class... Tls>
    BeastWebSocket(asio::io_context& io, Url url, Events events, Tls... tls)
        : resolver_(io.get_executor()),
          timer_(io.get_executor()),
          stream_(io.get_executor(), tls...),
          url_(std::move(url)),
          events_(std::move(events)) {}

    void start() {
        timer_.expires_after(handshake_limit);
        timer_.async_wait([self = this->shared_from_this()](error_code error) {
            if (!error) self->on_slow();
        });
        resolver_.async_resolve(url_.host, url_.port,
                                [self = this->shared_from_this()](error_code error, Resolver::results_type found) {
                                    if (error) return self->end(plain(error.message()));
                                    self->connect(std::move(found));
                                });
    }

    void send(std::string bytes) override {
        outbox_.push_back(std::move(bytes));
        if (outbox_.size() == 1) write();
    }

    void silence() override {
        silent_ = true;
        events_ = {};
        resolver_.cancel();
        if (!open_ || ended_) {
            end({});
            return;
        }
        closing_ = true;
        if (outbox_.empty()) close();
    }

   private:
    void on_slow() {
        error_code ignored;
        resolver_.cancel();
        socket().close(ignored);
        end(plain("timeout"));
    }

    void connect(Resolver::results_type found) {
        if (ended_) return;
        candidates_ = std::move(found);
        asio::async_connect(socket(), candidates_,
                            [self = this->shared_from_this()](error_code error, const tcp::endpoint&) {
                                if (error) return self->end(plain(error.message()));
                                error_code ignored;
                                self->socket().set_option(tcp::no_delay(true), ignored);
                                if constexpr (with_tls) {
                                    self->secure();
                                } else {
                                    self->handshake();
                                }
                            });
    }

    // Only with TLS.
    void secure() {
        if (ended_) return;
        TlsStream& tls = stream_.next_layer();
        if (const auto error = require_peer(tls, url_.host)) return end(plain(error.message()));
        tls.async_handshake(TlsStream::client, [self = this->shared_from_this()](error_code failed) {
            if (failed) return self->end(explain_tls(self->stream_.next_layer(), failed));
            self->handshake();
        });
    }

    void handshake() {
        if (ended_) return;
        stream_.set_option(websocket::stream_base::timeout{
            .handshake_timeout = handshake_limit, .idle_timeout = silence_limit, .keep_alive_pings = true});
        stream_.set_option(websocket::stream_base::decorator([](websocket::request_type& request) {
            request.set(beast::http::field::sec_websocket_protocol, subprotocol);
            request.set(beast::http::field::user_agent, "foorumi");
        }));
        stream_.read_message_max(largest_frame);
        stream_.binary(true);
        stream_.async_handshake(answer_, authority(url_), url_.path,
                                [self = this->shared_from_this()](error_code error) { self->on_handshake(error); });
    }

    void on_handshake(error_code error) {
        timer_.cancel();
        if (error == websocket::error::upgrade_declined) return end(declined());
        if (error) return end(plain(error.message()));
        if (answer_[beast::http::field::sec_websocket_protocol] != subprotocol) return end(plain("no foorumi.v1"));
        if (silent_) return close();
        open_ = true;
        read();
        events_.opened();
    }

    void read() {
        stream_.async_read(buffer_, [self = this->shared_from_this()](error_code error, std::size_t) {
            if (error) return self->end(self->reason(error));
            self->on_read();
        });
    }

    void on_read() {
        if (!silent_ && stream_.got_binary()) {
            const auto bytes = buffer_.cdata();
            // The owner may call silence() meanwhile, which takes its functions away.
            const auto frame = events_.frame;
            frame({static_cast<const char*>(bytes.data()), bytes.size()});
        }
        buffer_.consume(buffer_.size());
        if (!ended_) read();
    }

    void write() {
        stream_.async_write(asio::buffer(outbox_.front()),
                            [self = this->shared_from_this()](error_code error, std::size_t) {
                                if (error) return self->end(self->reason(error));
                                self->outbox_.pop_front();
                                if (!self->outbox_.empty()) return self->write();
                                if (self->closing_) self->close();
                            });
    }

    void close() {
        stream_.async_close(websocket::close_code::normal,
                            [self = this->shared_from_this()](error_code) { self->end({}); });
    }

    [[nodiscard]] static ConnectionEnd plain(std::string detail) {
        return {.fault = Fault::other, .detail = std::move(detail)};
    }

    [[nodiscard]] auto& socket() { return beast::get_lowest_layer(stream_); }

    // The server answered, but not with a WebSocket.
    [[nodiscard]] ConnectionEnd declined() const { return http_end(answer_.result_int(), answer_.body(), with_tls); }

    [[nodiscard]] ConnectionEnd reason(error_code error) const {
        if (error != websocket::error::closed) return plain(error.message());
        const auto& close = stream_.reason();
        std::string why = std::to_string(close.code);
        if (!close.reason.empty()) why += ' ' + std::string(close.reason.data(), close.reason.size());
        return plain(std::move(why));
    }

    // The first end counts. `closed` is called from the loop, never from within a call of the owner.
    void end(const ConnectionEnd& why) {
        if (ended_) return;
        ended_ = true;
        open_ = false;
        error_code ignored;
        timer_.cancel();
        socket().close(ignored);
        if (silent_) return;
        const auto self = this->shared_from_this();
        const auto closed = [self, why] {
            if (self->silent_) return;
            const auto tell = std::move(self->events_.closed);
            self->events_ = {};
            tell(why);
        };
        asio::post(stream_.get_executor(), closed);
    }

    static constexpr bool with_tls = std::is_same_v<Stream, TlsStream>;

    Resolver resolver_;
    Timer timer_;
    websocket::stream<Stream, false> stream_;
    Url url_;
    Events events_;
    Resolver::results_type candidates_;
    websocket::response_type answer_;
    beast::flat_buffer buffer_;
    std::deque<std::string> outbox_;
    bool open_ = false;
    bool closing_ = false;
    bool silent_ = false;
    bool ended_ = false;
};

}  // namespace

std::shared_ptr<WebSocket> WebSocket::open(boost::asio::io_context& io, const Url& url, const Trust& trust,
                                           Events events) {
    const auto started = [](auto connection) {
        connection->start();
        return connection;
    };
    if (!url.tls) return started(std::make_shared<BeastWebSocket<PlainStream>>(io, url, std::move(events)));
    ssl_st* tls = new_tls(*trust, url.host);  // the stream's own
    return started(std::make_shared<BeastWebSocket<TlsStream>>(io, url, std::move(events), tls));
}

}  // namespace foorumi::client
