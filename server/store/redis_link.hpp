// The inside of RedisClient: socket, timers, buffers. Include in store/redis_*.cpp only.
#pragma once

#include <spdlog/common.h>

#include <array>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <optional>
#include <random>

#include "store/redis_client.hpp"
#include "store/reply_reader.hpp"

namespace foorumi::store {

class RedisClient::Link : public std::enable_shared_from_this<Link> {
   public:
    Link(boost::asio::io_context& context, RedisClientOptions options, RedisClientEvents events);

    void start();
    void stop();
    void reconnect();
    void settled() { machine_.settled(); }
    [[nodiscard]] bool ready() const { return machine_.state() == Reconnect::State::ready; }
    [[nodiscard]] std::uint64_t losses() const { return machine_.losses(); }
    [[nodiscard]] const std::string& server_history() const { return server_history_; }
    [[nodiscard]] const std::string& server_origin() const { return server_origin_; }
    [[nodiscard]] bool send(std::span<const std::string_view> arguments, Callback callback);

   private:
    using Protocol = boost::asio::generic::stream_protocol;
    using Executor = boost::asio::io_context::executor_type;
    using Socket = boost::asio::basic_stream_socket<Protocol, Executor>;
    using Resolver = boost::asio::ip::basic_resolver<boost::asio::ip::tcp, Executor>;
    using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                    boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

    // Connecting.
    void connect();
    void located(std::optional<Endpoint> endpoint);
    void resolve();
    void try_addresses(std::vector<Protocol::endpoint> addresses, std::size_t index);
    void handshake();
    void handshake_step(SetupStep step);
    void handshake_reply(const Reply* reply, const SetupStep& step);
    void handshaken();
    void refuse(spdlog::level::level_enum level, std::string problem);
    void lose(std::string_view reason);
    void close();
    void wait(Backoff::Delay delay);

    // Traffic.
    void append_length(char mark, std::size_t length);
    void append(std::span<const std::string_view> arguments);
    void flush();
    void write();
    void read();
    void feed(std::size_t length);
    void deliver(const Reply& reply);
    void watch_replies();

    [[nodiscard]] std::string where() const { return endpoint_ ? endpoint_->display() : options_.locator->display(); }
    [[nodiscard]] bool stopped() const { return machine_.state() == Reconnect::State::stopped; }
    // A handler that runs only while the connection that it was made for is the present one.
    template <class F>
    auto guarded(F function) {
        return [self = shared_from_this(), turn = generation_,
                function = std::move(function)](auto&&... arguments) mutable {
            if (turn == self->generation_) function(std::forward<decltype(arguments)>(arguments)...);
        };
    }

    boost::asio::io_context& context_;
    RedisClientOptions options_;
    RedisClientEvents events_;
    Reconnect machine_;
    std::minstd_rand random_;
    std::optional<Endpoint> endpoint_;  // of this attempt, or of the latest
    bool tried_ = false;                // the endpoint, since the latest loss
    bool down_told_ = false;            // in the log, since it was ready
    std::string problem_told_;          // the last one in the log, since it was ready
    std::string server_history_;        // of the present connection
    std::string server_origin_;
    std::uint64_t generation_ = 0;  // of the connection; handlers of an earlier one do nothing

    Socket socket_;
    Resolver resolver_;
    Timer timer_;        // connect deadline, or the delay before the next attempt
    Timer reply_timer_;  // armed while replies are due
    bool reply_timer_armed_ = false;
    std::chrono::steady_clock::time_point last_reply_{};

    std::string out_;      // waits
    std::string writing_;  // on its way
    bool write_under_way_ = false;
    bool flush_posted_ = false;
    std::array<char, 32 * 1024> in_{};
    std::unique_ptr<ReplyReader> reader_;
    std::deque<Callback> outstanding_;
};

}  // namespace foorumi::store
