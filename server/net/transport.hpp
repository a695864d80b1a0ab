// What the bytes of a connection go through: its socket, or TLS over it.
//
// Thread: the connection's worker. Lifetime: handlers keep it alive by what they hold.
#pragma once

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include "net/socket.hpp"
#include "net/tls_session.hpp"
#include "net/wire.hpp"

namespace foorumi::net {

template <class Handler>
class TlsRead;
template <class Handler>
class TlsHandshake;

class Transport {
   public:
    using executor_type = Socket::executor_type;

    explicit Transport(Socket socket) : socket_(std::move(socket)) {}

    [[nodiscard]] executor_type get_executor() noexcept { return socket_.get_executor(); }

    // From now on the peer is spoken to by TLS. Nothing else may be done before the handshake is over.
    void start_tls(ssl_ctx_st& context);
    template <class Handler>
    void async_handshake(Handler&& handler) {
        TlsHandshake<std::decay_t<Handler>>(*this, std::forward<Handler>(handler)).wait(Socket::wait_read);
    }
    // After a handshake that failed: the bare socket from now on.
    void end_tls() { tls_.reset(); }
    [[nodiscard]] bool has_tls() const { return tls_ != nullptr; }
    // Why a handshake failed: see TlsSession.
    [[nodiscard]] bool spoke_http() const { return tls_ && tls_->spoke_http(); }

    // Reads into the first buffer that is not empty; eof where the peer has ended the stream.
    template <class Buffers, class Handler>
    void async_read_some(const Buffers& buffers, Handler&& handler) {
        if (!tls_) {
            socket_.async_read_some(buffers, std::forward<Handler>(handler));
            return;
        }
        TlsRead<std::decay_t<Handler>>(*this, first_of(buffers), std::forward<Handler>(handler)).start();
    }

    [[nodiscard]] int native_handle() { return socket_.native_handle(); }
    [[nodiscard]] Wire wire() { return {socket_.native_handle(), tls_.get()}; }

    template <class Handler>
    void async_wait(Socket::wait_type what, Handler&& handler) {
        socket_.async_wait(what, std::forward<Handler>(handler));
    }

    // Tells the peer that nothing follows, without waiting for anything.
    void shutdown_send();
    void close();

   private:
    template <class Handler>
    friend class TlsRead;
    template <class Handler>
    friend class TlsHandshake;

    template <class Buffers>
    [[nodiscard]] static std::span<char> first_of(const Buffers& buffers) {
        const auto end = boost::asio::buffer_sequence_end(buffers);
        for (auto at = boost::asio::buffer_sequence_begin(buffers); at != end; ++at) {
            const boost::asio::mutable_buffer buffer(*at);
            if (buffer.size() > 0) return {static_cast<char*>(buffer.data()), buffer.size()};
        }
        return {};
    }
    Socket socket_;
    std::unique_ptr<TlsSession> tls_;
};

// What the operations over TLS have in common: the handler, and waiting for the socket.
template <class Handler, class Operation>
class TlsOperation {
   public:
    using executor_type = boost::asio::associated_executor_t<Handler, Transport::executor_type>;
    using allocator_type = boost::asio::associated_allocator_t<Handler>;
    [[nodiscard]] executor_type get_executor() const noexcept {
        return boost::asio::get_associated_executor(handler_, transport_->get_executor());
    }
    [[nodiscard]] allocator_type get_allocator() const noexcept {
        return boost::asio::get_associated_allocator(handler_);
    }

    // Moves the operation away.
    void wait(Socket::wait_type what) {
        Transport& transport = *transport_;
        transport.async_wait(what, std::move(static_cast<Operation&>(*this)));
    }

   private:
    friend Operation;
    TlsOperation(Transport& transport, Handler handler) : transport_(&transport), handler_(std::move(handler)) {}

    // True: not over, it waits.
    [[nodiscard]] bool waits_for(TlsSession::Step step) {
        if (step == TlsSession::Step::want_read) return wait(Socket::wait_read), true;
        if (step == TlsSession::Step::want_write) return wait(Socket::wait_write), true;
        return false;
    }

    Transport* transport_;
    Handler handler_;
};

template <class Handler>
class TlsHandshake : public TlsOperation<Handler, TlsHandshake<Handler>> {
   public:
    TlsHandshake(Transport& transport, Handler handler)
        : TlsOperation<Handler, TlsHandshake>(transport, std::move(handler)) {}

    void operator()(boost::system::error_code error) {
        TlsSession* tls = this->transport_->tls_.get();
        if (!error && tls == nullptr) error = boost::asio::error::operation_aborted;
        if (!error) {
            const auto step = tls->handshake();
            if (this->waits_for(step)) return;
            if (step == TlsSession::Step::failed) error = tls->error();
        }
        this->handler_(error);
    }
};

template <class Handler>
class TlsRead : public TlsOperation<Handler, TlsRead<Handler>> {
   public:
    TlsRead(Transport& transport, std::span<char> to, Handler handler)
        : TlsOperation<Handler, TlsRead>(transport, std::move(handler)), to_(to) {}

    void start() {
        if (!to_.empty() && !this->transport_->tls_->readable()) return this->wait(Socket::wait_read);
        const auto executor = this->get_executor();
        boost::asio::post(executor, std::move(*this));
    }

    void operator()(boost::system::error_code error = {}) {
        TlsSession* tls = this->transport_->tls_.get();
        if (!error && tls == nullptr) error = boost::asio::error::operation_aborted;
        std::size_t got = 0;
        if (!error) {
            const auto step = tls->read(to_, got);
            if (this->waits_for(step)) return;
            if (step == TlsSession::Step::failed) error = tls->error();
            if (step == TlsSession::Step::done && got == 0 && !to_.empty()) error = boost::asio::error::eof;
        }
        this->handler_(error, got);
    }

   private:
    std::span<char> to_;
};

}  // namespace foorumi::net
