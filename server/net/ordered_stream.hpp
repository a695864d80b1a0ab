// The layer under beast::websocket::stream which owns the order of bytes on the socket. What Beast writes (the answer
// to the handshake, pongs, close frames) is copied whole into the outbox, between the frames of items, so it can never
// land inside one. Reads pass through. Nothing is written behind a close frame.
//
// Thread: the connection's worker. The owner writes its outbox when it was told that bytes wait, and then
// calls go_on() if the writer says so.
#pragma once

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/core/saved_handler.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "net/outbox_writer.hpp"
#include "net/transport.hpp"

namespace foorumi::net {

// A write that completes later: its handler and the size it reports.
template <class Handler>
struct HeldWrite {
    using executor_type = boost::asio::associated_executor_t<Handler>;
    using allocator_type = boost::asio::associated_allocator_t<Handler>;
    [[nodiscard]] executor_type get_executor() const noexcept { return boost::asio::get_associated_executor(handler); }
    [[nodiscard]] allocator_type get_allocator() const noexcept {
        return boost::asio::get_associated_allocator(handler);
    }

    void operator()(boost::system::error_code error = {}) { handler(error, error ? 0 : size); }

    Handler handler;
    std::size_t size;
};

class OrderedStream {
   public:
    using executor_type = Transport::executor_type;

    class Owner {
       public:
        virtual void on_bytes_waiting() = 0;
        // Beast ends the connection with this code; what is sent during the call still goes before the close frame.
        virtual void before_close_frame(std::uint16_t code) = 0;

       protected:
        ~Owner() = default;
    };

    // The writer is the owner's, made for this transport; it outlives the stream.
    OrderedStream(Transport transport, Owner& owner, OutboxWriter& writer);

    [[nodiscard]] executor_type get_executor() noexcept { return transport_.get_executor(); }
    [[nodiscard]] Transport& transport() noexcept { return transport_; }
    void queue_ping();
    // The reason is cut to what a control frame holds. Later writes, those of Beast too, are dropped.
    void queue_close(std::uint16_t code, std::string_view reason);
    [[nodiscard]] bool close_queued() const { return close_queued_; }

    // There is room in the outbox, which the writer was told to wait for: a write of Beast's goes on.
    void go_on();

    // Closes the socket and drops what waits.
    void abort();

    template <class Buffers, class Handler>
    void async_read_some(const Buffers& buffers, Handler&& handler) {
        transport_.async_read_some(buffers, std::forward<Handler>(handler));
    }

    // Completes with the whole size. It completes at once (posted) unless the outbox is full: then when it is not any
    // more, so that a peer who pings and does not read is not read either.
    template <class Buffers, class Handler>
    auto async_write_some(const Buffers& buffers, Handler&& handler) {
        return boost::asio::async_initiate<Handler, void(boost::system::error_code, std::size_t)>(
            [this](auto&& completion, const std::string& bytes) {
                queue_written(bytes);
                using Completion = std::decay_t<decltype(completion)>;
                HeldWrite<Completion> done{std::forward<decltype(completion)>(completion), bytes.size()};
                if (writer_.outbox().held() > writer_.outbox().limit()) {
                    held_write_.emplace(std::move(done));
                    writer_.wait_for_room(true);
                } else {
                    boost::asio::post(get_executor(), std::move(done));
                }
            },
            handler, boost::beast::buffers_to_string(buffers));
    }

   private:
    void queue_written(std::string_view bytes);
    Transport transport_;
    Owner& owner_;
    OutboxWriter& writer_;
    boost::beast::saved_handler held_write_;
    bool close_queued_ = false;
};

// Beast tears down when a close frame was exchanged or it failed the connection. The owner does the real work: it
// flushes first, then ends the socket. So there is nothing to do here but to let Beast's operation complete.
inline void teardown(boost::beast::role_type, OrderedStream&, boost::system::error_code& error) { error = {}; }

// For Beast's own timeouts, which are not used.
inline void beast_close_socket(OrderedStream& stream) { stream.abort(); }

template <class Handler>
void async_teardown(boost::beast::role_type, OrderedStream& stream, Handler&& handler) {
    boost::asio::post(stream.get_executor(),
                      boost::beast::bind_front_handler(std::forward<Handler>(handler), boost::system::error_code{}));
}

}  // namespace foorumi::net
