#include "net/websocket_connection.hpp"

#include <algorithm>
#include <array>
#include <boost/beast/websocket/stream.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <chrono>
#include <utility>

#include "base/prefetch.hpp"
#include "net/ordered_stream.hpp"
#include "net/worker_core.hpp"

namespace foorumi::net {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using std::chrono::milliseconds;

namespace {

// Bytes of a message are read into the connection itself up to this size; longer messages get a buffer while they last.
constexpr std::size_t inline_buffer = 256;

enum class State : std::uint8_t {
    handshake,
    open,
    closing,   // a close frame of ours is queued, the peer's is awaited
    flushing,  // nothing more to read: the outbox goes out
    draining,  // all is written: what the peer still sends is read and dropped, until it ends
    ended,
};

// What a delivery looks at, on the first cache lines of the connection.
struct Lane {
    Lane(Wire wire, WorkerCore& core) : core_(&core), writer_(wire, core.statistics(), core.options().outbox_bytes) {}

    WorkerCore* core_;  // null once abandoned
    State state_ = State::handshake;
    bool blocked_ = false;  // waiting for the socket to become writable
    bool full_ = false;     // the socket took no more in this turn
    OutboxWriter writer_;
};

class alignas(cache_line) WebSocketConnection final
    : public Connection,
      public boost::intrusive_ref_counter<WebSocketConnection, boost::thread_unsafe_counter>,
      public Flushable,
      private Lane,
      public Member,
      public Deadline,
      public OrderedStream::Owner {
   public:
    WebSocketConnection(WorkerCore& core, Transport transport, Arrival arrival)
        : Lane(transport.wire(), core),
          remote_address_(std::move(arrival.remote_address)),
          ticket_(std::move(arrival.ticket)),
          ws_(std::move(transport), *this, writer_) {
        if (!arrival.cookie_token.empty()) {
            cookie_token_ = std::make_unique<std::string>(std::move(arrival.cookie_token));
        }
    }

    void start(const HttpRequest& request, bool secure);

    // Connection
    [[nodiscard]] bool send(ItemRef item, Priority priority) override;
    void close(CloseCode code, std::string_view reason, ItemRef last) override;
    void pause_reading() override { paused_ = true; }
    void resume_reading() override;
    [[nodiscard]] std::string_view remote_address() const override { return remote_address_; }
    [[nodiscard]] std::size_t outbox_bytes() const override { return writer_.outbox().bytes(); }
    [[nodiscard]] std::string take_cookie_token() override {
        const auto token = std::move(cookie_token_);
        return token ? std::move(*token) : std::string();
    }

    // Member
    void stop(CloseCode code, std::string_view reason, const ItemRef& last) override { close(code, reason, last); }
    void abandon() override;

    // The others
    void on_deadline(TimePoint now) override;
    void flush() override;
    void on_bytes_waiting() override;
    void before_close_frame(std::uint16_t code) override;

   private:
    using Ref = boost::intrusive_ptr<WebSocketConnection>;

    void on_accepted(error_code error);
    void read();
    void on_read(error_code error, std::size_t size);
    void take(std::size_t size);
    void deliver();
    void on_read_error(error_code error);
    void begin_flushing(EndReason reason, bool drain);
    void finish_writing();
    void drain();
    void wait_until_writable();
    void check_silence(TimePoint now);
    void arm_close_deadline();
    void tell_closed();
    void end(EndReason reason);
    [[nodiscard]] Ref detach();

    [[nodiscard]] OrderedStream& stream() { return ws_.next_layer(); }
    [[nodiscard]] asio::mutable_buffer next_buffer();

    Ref self_;  // from start to end
    std::unique_ptr<ConnectionHandler> handler_;
    std::unique_ptr<std::string> cookie_token_;  // not in here: most have none, and all lose it soon
    std::string remote_address_;
    Ticket ticket_;
    websocket::stream<OrderedStream, false> ws_;
    TimePoint last_heard_{};
    std::string message_;  // of a message longer than first_: what has come so far
    std::size_t message_size_ = 0;
    EndReason end_reason_ = EndReason::error;
    bool reading_ = false;
    bool paused_ = false;
    bool pinged_ = false;  // since something was heard
    bool drain_ = false;   // see State::draining
    bool telling_too_big_ = false;
    std::array<char, inline_buffer> first_;
};

void WebSocketConnection::start(const HttpRequest& request, bool secure) {
    self_ = Ref(this);
    core_->enrol(*this);
    core_->arm(*this, core_->now() + milliseconds(core_->options().handshake_timeout_ms));
    ws_.read_message_max(core_->options().frame_bytes);
    ws_.set_option(websocket::stream_base::decorator([secure](websocket::response_type& response) {
        response.set(boost::beast::http::field::server, server_name);
        response.set(boost::beast::http::field::sec_websocket_protocol, subprotocol);
        add_security_fields(response, secure);
    }));
    ws_.control_callback([this](websocket::frame_type, boost::beast::string_view) {
        last_heard_ = core_ ? core_->now() : last_heard_;
        pinged_ = false;
    });
    ws_.async_accept(request, [self = self_](error_code error) { self->on_accepted(error); });
}

void WebSocketConnection::on_accepted(error_code error) {
    if (state_ != State::handshake) return;
    if (error) return end(EndReason::error);
    state_ = State::open;
    ++core_->statistics().opened;
    last_heard_ = core_->now();
    core_->arm(*this, last_heard_ + milliseconds(core_->options().ping_interval_ms));
    handler_ = core_->on_connection()(*this);
    if (!handler_) close(CloseCode::try_again_later, "", nullptr);
    read();
}

// A turn may bring more than the outbox holds, while the socket would take it: an outbox that is half full is written
// ahead of the turn's end. A socket that fails or takes no more shows in flush(), which follows.
bool WebSocketConnection::send(ItemRef item, Priority priority) {
    if (!blocked_ && !full_ && writer_.outbox().bytes() + item->view().size() > writer_.outbox().limit() / 2) {
        full_ = writer_.write() != Flushed::whole;
    }
    const std::uint32_t items = item->items();
    if (state_ != State::open || !writer_.outbox().push_item(std::move(item), priority)) {
        if (core_) core_->statistics().items_refused += items;
        return false;
    }
    core_->statistics().items_out += items;
    on_bytes_waiting();
    return true;
}

void WebSocketConnection::close(CloseCode code, std::string_view reason, ItemRef last) {
    if (state_ == State::handshake) return end(EndReason::closed_by_us);  // nobody but the worker knows it yet
    if (state_ != State::open) return;
    if (last) writer_.outbox().push_last(std::move(last));
    if (telling_too_big_) {
        state_ = State::closing;  // Beast's close frame follows this call
        return;
    }
    state_ = State::closing;
    end_reason_ = EndReason::closed_by_us;
    stream().queue_close(static_cast<std::uint16_t>(code), reason);
    arm_close_deadline();
    paused_ = false;
    read();
}

void WebSocketConnection::resume_reading() {
    if (!paused_) return;
    paused_ = false;
    if (state_ != State::open) return;
    last_heard_ = core_->now();  // it could not be heard
    read();
}

// --- Reading ---

asio::mutable_buffer WebSocketConnection::next_buffer() {
    if (message_size_ == 0 || ws_.got_text()) return asio::buffer(first_);
    message_.resize(message_size_ + ws_.read_size_hint(inline_buffer));
    return asio::buffer(message_.data() + message_size_, message_.size() - message_size_);
}

void WebSocketConnection::read() {
    if (reading_ || paused_ || (state_ != State::open && state_ != State::closing)) return;
    reading_ = true;
    ws_.async_read_some(next_buffer(), [self = Ref(this)](error_code error, std::size_t size) {
        self->reading_ = false;
        self->on_read(error, size);
    });
}

void WebSocketConnection::on_read(error_code error, std::size_t size) {
    if (state_ != State::open && state_ != State::closing) return;
    if (error) return on_read_error(error);
    last_heard_ = core_->now();
    pinged_ = false;
    take(size);
    if (ws_.is_message_done()) deliver();
    read();
}

void WebSocketConnection::take(std::size_t size) {
    core_->statistics().bytes_in += size;
    if (message_size_ == 0 && !ws_.is_message_done()) message_.assign(first_.data(), ws_.got_text() ? 0 : size);
    message_size_ += size;
}

void WebSocketConnection::deliver() {
    const std::size_t size = std::exchange(message_size_, 0);
    const std::string message = std::exchange(message_, {});
    if (state_ != State::open) return;  // closing: what comes now is not heard
    ++core_->statistics().messages_in;
    if (ws_.got_text()) return handler_->on_text_frame();
    handler_->on_frame(message.empty() ? std::string_view(first_.data(), size)
                                       : std::string_view(message.data(), size));
}

void WebSocketConnection::on_read_error(error_code error) {
    if (error == websocket::error::closed) return begin_flushing(EndReason::peer_closed, false);
    if (error == websocket::error::message_too_big) return begin_flushing(EndReason::frame_too_big, true);
    // Beast has failed the connection with a close frame of its own, unless there was one already.
    if (error.category() == make_error_code(websocket::error::closed).category()) {
        return begin_flushing(EndReason::error, true);
    }
    if (error == asio::error::eof && stream().transport().has_tls()) stream().transport().shutdown_send();
    if (state_ == State::closing) return end(end_reason_);
    end(error == asio::error::eof ? EndReason::peer_closed : EndReason::error);
}

void WebSocketConnection::before_close_frame(std::uint16_t code) {
    if (state_ != State::open || code != static_cast<std::uint16_t>(CloseCode::too_big)) return;
    telling_too_big_ = true;
    handler_->on_frame_too_big();
    telling_too_big_ = false;
    end_reason_ = EndReason::frame_too_big;
    state_ = State::closing;
    arm_close_deadline();
}

// --- Writing ---

void WebSocketConnection::on_bytes_waiting() {
    if (!blocked_ && core_) core_->flush_list().add(*this);
}

void WebSocketConnection::flush() {
    if (blocked_ || state_ == State::ended) return;
    full_ = false;
    const Ref keep(this);
    const Flushed flushed = writer_.write();
    if (flushed != Flushed::failed && writer_.room_waited_for()) stream().go_on();
    switch (flushed) {
        case Flushed::failed:
            return end(EndReason::error);
        case Flushed::blocked:
            return wait_until_writable();
        case Flushed::whole:
            if (state_ == State::flushing) finish_writing();
    }
}

void WebSocketConnection::wait_until_writable() {
    blocked_ = true;
    ++core_->statistics().writes_blocked;
    stream().transport().async_wait(Socket::wait_write, [self = Ref(this)](error_code error) {
        self->blocked_ = false;
        if (!error) self->flush();
    });
}

// --- The end ---

void WebSocketConnection::begin_flushing(EndReason reason, bool drain) {
    if (state_ == State::open) {
        end_reason_ = reason;
        arm_close_deadline();
    }
    drain_ = drain;
    state_ = State::flushing;
    message_ = {};
    on_bytes_waiting();  // with an empty outbox, too: flush() goes on from here
}

// Over TLS the peer's own end of its stream follows its close frame, and would come to a closed socket.
void WebSocketConnection::finish_writing() {
    if (!drain_ && !stream().transport().has_tls()) return end(end_reason_);
    state_ = State::draining;
    if (!drain_) tell_closed();  // for the session it is over
    stream().transport().shutdown_send();
    drain();
}

// Unread bytes at the close would reset the connection and could destroy the close frame on its way.
void WebSocketConnection::drain() {
    stream().transport().async_read_some(asio::buffer(first_), [self = Ref(this)](error_code error, std::size_t) {
        if (self->state_ != State::draining) return;
        if (error) return self->end(self->end_reason_);
        self->drain();
    });
}

void WebSocketConnection::arm_close_deadline() {
    core_->arm(*this, core_->now() + milliseconds(core_->options().close_timeout_ms));
}

void WebSocketConnection::on_deadline(TimePoint now) {
    if (state_ == State::handshake) return end(EndReason::handshake_timeout);
    if (state_ == State::open) return check_silence(now);
    end(end_reason_);
}

void WebSocketConnection::check_silence(TimePoint now) {
    const Options& options = core_->options();
    const bool deaf = paused_ && !reading_;
    const auto ping_due = last_heard_ + milliseconds(options.ping_interval_ms);
    const auto idle_due = last_heard_ + milliseconds(options.idle_timeout_ms);
    if (deaf) return core_->arm(*this, now + milliseconds(options.ping_interval_ms));
    if (now >= idle_due) {
        ++core_->statistics().idle_ended;
        return end(EndReason::idle_timeout);
    }
    if (now < ping_due) return core_->arm(*this, std::min(ping_due, idle_due));
    if (!pinged_) stream().queue_ping();
    pinged_ = true;
    core_->arm(*this, std::min(idle_due, now + milliseconds(options.ping_interval_ms)));
}

WebSocketConnection::Ref WebSocketConnection::detach() {
    state_ = State::ended;
    disarm();
    FlushList::remove(*this);
    stream().abort();
    return std::move(self_);
}

void WebSocketConnection::tell_closed() {
    if (!handler_) return;
    ++core_->statistics().ended;
    handler_->on_closed(end_reason_);
    handler_.reset();
}

void WebSocketConnection::end(EndReason reason) {
    if (state_ == State::ended) return;
    const Ref keep = detach();
    end_reason_ = reason;
    tell_closed();
    ticket_ = {};
    core_->leave(*this);
    core_ = nullptr;
}

void WebSocketConnection::abandon() {
    const Ref keep = detach();
    core_ = nullptr;
    handler_.reset();
    ticket_ = {};
}

}  // namespace

void start_websocket(WorkerCore& core, Transport transport, const HttpRequest& request, Arrival arrival) {
    const bool secure = arrival.secure;
    boost::intrusive_ptr<WebSocketConnection> connection(
        new WebSocketConnection(core, std::move(transport), std::move(arrival)));
    connection->start(request, secure);
}

}  // namespace foorumi::net
