#include "naive_beast.hpp"

#include <unistd.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <deque>
#include <memory>
#include <set>
#include <string>

#include "wire.hpp"

namespace foorumi::bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using Message = std::shared_ptr<const std::string>;

class Chat;

class ChatSession : public std::enable_shared_from_this<ChatSession> {
   public:
    ChatSession(tcp::socket socket, Chat& chat) : ws_(std::move(socket)), chat_(chat), wake_(ws_.get_executor()) {}

    void start() { asio::co_spawn(ws_.get_executor(), read(shared_from_this()), asio::detached); }

    void send(const Message& message) {
        queue_.push_back(message);
        wake_.cancel();
    }

   private:
    asio::awaitable<void> read(std::shared_ptr<ChatSession> self);
    asio::awaitable<void> write(std::shared_ptr<ChatSession> self);

    beast::websocket::stream<beast::tcp_stream> ws_;
    Chat& chat_;
    asio::steady_timer wake_;
    std::deque<Message> queue_;
    bool open_ = true;
};

class Chat {
   public:
    void join(const std::shared_ptr<ChatSession>& session) { sessions_.insert(session); }
    void leave(const std::shared_ptr<ChatSession>& session) { sessions_.erase(session); }
    void broadcast(const std::shared_ptr<ChatSession>& from, std::string text) {
        const Message message = std::make_shared<const std::string>(std::move(text));
        for (const auto& session : sessions_) {
            if (session != from) session->send(message);
        }
    }

   private:
    std::set<std::shared_ptr<ChatSession>> sessions_;
};

asio::awaitable<void> ChatSession::read(std::shared_ptr<ChatSession> self) {
    try {
        ws_.set_option(beast::websocket::stream_base::timeout::suggested(beast::role_type::server));
        co_await ws_.async_accept(asio::use_awaitable);
        ws_.binary(true);
        chat_.join(self);
        asio::co_spawn(ws_.get_executor(), write(self), asio::detached);
        for (;;) {
            beast::flat_buffer buffer;
            co_await ws_.async_read(buffer, asio::use_awaitable);
            std::string text = beast::buffers_to_string(buffer.data());
            chat_.broadcast(self, std::move(text));
        }
    } catch (const std::exception&) {
        open_ = false;
    }
    wake_.cancel();
    chat_.leave(self);
}

asio::awaitable<void> ChatSession::write(std::shared_ptr<ChatSession> self) {
    try {
        while (open_) {
            while (!queue_.empty()) {
                const Message message = queue_.front();
                queue_.pop_front();
                co_await ws_.async_write(asio::buffer(*message), asio::use_awaitable);
            }
            beast::error_code woken;
            wake_.expires_at(asio::steady_timer::time_point::max());
            auto token = asio::redirect_error(asio::use_awaitable, woken);
            co_await wake_.async_wait(token);
        }
    } catch (const std::exception&) {
        open_ = false;
    }
    static_cast<void>(self);
}

asio::awaitable<void> accept(tcp::acceptor& acceptor, Chat& chat) {
    for (;;) {
        tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
        std::make_shared<ChatSession>(std::move(socket), chat)->start();
    }
}

void serve(int listening) {
    asio::io_context context(1);
    tcp::acceptor acceptor(context, tcp::v4(), listening);
    Chat chat;
    asio::co_spawn(context, accept(acceptor, chat), asio::detached);
    context.run();
}

}  // namespace

NaiveBeastServer::NaiveBeastServer(int core)
    : listening_(listen_on_loopback(port_)), child_(core, [&] { serve(listening_); }) {
    ::close(listening_);
}

Dialect broadcast_dialect(std::size_t payload_bytes) {
    Dialect dialect;
    dialect.post = OpaquePost(payload_bytes, [](const std::string& payload) { return client_frame(payload); });
    dialect.read = [](std::string_view payload, const OnVersion& delivered) { delivered(read_version(payload)); };
    dialect.answer = [](std::string_view) {};
    return dialect;
}

}  // namespace foorumi::bench
