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
#include <boost/beast/websocket/stream.hpp>
#include <chrono>
#include <deque>

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

class BeastWebSocket final : public WebSocket, public std::enable_shared_from_this<BeastWebSocket> {
   public:
    using Executor = asio::io_context::executor_type;
    using Socket = asio::basic_stream_socket<tcp, Executor>;
    using Resolver = asio::ip::basic_resolver<tcp, Executor>;
    using Timer =
        asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

    BeastWebSocket(asio::io_context& io, Url url, Events events)
        : resolver_(io.get_executor()),
          timer_(io.get_executor()),
          stream_(io.get_executor()),
          url_(std::move(url)),
          events_(std::move(events)) {}

    void start() {
        timer_.expires_after(handshake_limit);
        timer_.async_wait([self = shared_from_this()](error_code error) {
            if (!error) self->on_slow();
        });
        resolver_.async_resolve(url_.host, url_.port,
                                [self = shared_from_this()](error_code error, Resolver::results_type found) {
                                    if (error) return self->end(error.message());
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
        stream_.next_layer().close(ignored);
        end("timeout");
    }

    void connect(Resolver::results_type found) {
        if (ended_) return;
        candidates_ = std::move(found);
        asio::async_connect(stream_.next_layer(), candidates_,
                            [self = shared_from_this()](error_code error, const tcp::endpoint&) {
                                if (error) return self->end(error.message());
                                self->handshake();
                            });
    }

    void handshake() {
        if (ended_) return;
        error_code ignored;
        stream_.next_layer().set_option(tcp::no_delay(true), ignored);
        stream_.set_option(websocket::stream_base::timeout{
            .handshake_timeout = handshake_limit, .idle_timeout = silence_limit, .keep_alive_pings = true});
        stream_.set_option(websocket::stream_base::decorator([](websocket::request_type& request) {
            request.set(beast::http::field::sec_websocket_protocol, subprotocol);
            request.set(beast::http::field::user_agent, "foorumi");
        }));
        stream_.read_message_max(largest_frame);
        stream_.binary(true);
        stream_.async_handshake(answer_, authority(url_), url_.path,
                                [self = shared_from_this()](error_code error) { self->on_handshake(error); });
    }

    void on_handshake(error_code error) {
        timer_.cancel();
        if (error == websocket::error::upgrade_declined) return end("HTTP " + std::to_string(answer_.result_int()));
        if (error) return end(error.message());
        if (answer_[beast::http::field::sec_websocket_protocol] != subprotocol) return end("no foorumi.v1");
        if (silent_) return close();
        open_ = true;
        read();
        events_.opened();
    }

    void read() {
        stream_.async_read(buffer_, [self = shared_from_this()](error_code error, std::size_t) {
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
        stream_.async_write(asio::buffer(outbox_.front()), [self = shared_from_this()](error_code error, std::size_t) {
            if (error) return self->end(self->reason(error));
            self->outbox_.pop_front();
            if (!self->outbox_.empty()) return self->write();
            if (self->closing_) self->close();
        });
    }

    void close() {
        stream_.async_close(websocket::close_code::normal, [self = shared_from_this()](error_code) { self->end({}); });
    }

    [[nodiscard]] std::string reason(error_code error) const {
        if (error != websocket::error::closed) return error.message();
        const auto& close = stream_.reason();
        std::string why = std::to_string(close.code);
        if (!close.reason.empty()) why += ' ' + std::string(close.reason.data(), close.reason.size());
        return why;
    }

    // The first end counts. `closed` is called from the loop, never from within a call of the owner.
    void end(const std::string& why) {
        if (ended_) return;
        ended_ = true;
        open_ = false;
        error_code ignored;
        timer_.cancel();
        stream_.next_layer().close(ignored);
        if (silent_) return;
        const auto self = shared_from_this();
        const auto closed = [self, why] {
            if (self->silent_) return;
            const auto tell = std::move(self->events_.closed);
            self->events_ = {};
            tell(why);
        };
        asio::post(stream_.get_executor(), closed);
    }

    Resolver resolver_;
    Timer timer_;
    websocket::stream<Socket, false> stream_;
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

std::shared_ptr<WebSocket> WebSocket::open(boost::asio::io_context& io, const Url& url, Events events) {
    auto connection = std::make_shared<BeastWebSocket>(io, url, std::move(events));
    connection->start();
    return connection;
}

}  // namespace foorumi::client
