// One connection to Redis that is kept: pipelined commands with callbacks, hiredis as reader of replies over an Asio
// socket, reconnects by itself.
//
// Thread: the one that runs the io_context. Callbacks never come from within send(). After stop() or destruction none
// comes any more; the client may be stopped, but not destroyed, from within one of them.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/locator.hpp"
#include "store/reconnect.hpp"
#include "store/reply.hpp"

namespace foorumi::store {

// Of the random parts of delays, another one in each call, so that connections do not come back at once.
[[nodiscard]] std::uint32_t backoff_seed();

struct SetupStep {
    std::vector<std::string> command;
    // Of a reply that is no error: why this Redis must not be used, and how to mend it. Empty: it may.
    std::function<std::string(const Reply&)> problem = nullptr;
    bool passing = false;  // the problem goes away by itself: no more than a warning in the log
};

struct RedisClientOptions {
    std::shared_ptr<Locator> locator;                   // asked at every connect
    std::string name;                                   // CLIENT SETNAME: letters, digits, '-' and '.'
    std::vector<SetupStep> setup;                       // at every connect, behind AUTH and SELECT; before it is ready
    bool identify = false;                              // asks which server it is; see server_history()
    std::chrono::milliseconds connect_deadline{5'000};  // until the handshake is over
    std::chrono::milliseconds reply_deadline{5'000};    // without any reply while one is due: the connection is dead
    Backoff backoff{std::chrono::milliseconds(20), std::chrono::milliseconds(2'000)};
    std::size_t max_outstanding = 65'536;  // commands without reply
    bool settles = true;                   // with the handshake; else settled() says when
};

struct RedisClientEvents {
    std::function<void()> ready;             // commands may be sent
    std::function<void()> lost;              // after ready, and after the callbacks of the commands without reply
    std::function<void(const Reply&)> push;  // a reply nobody waits for: a subscription's message
    std::function<void()> failed = nullptr;  // an attempt to connect; another one follows by itself
};

class RedisClient {
   public:
    // Nothing: the connection was lost before the reply; the command may or may not have been done.
    using Callback = std::function<void(const Reply*)>;

    RedisClient(boost::asio::io_context& context, RedisClientOptions options, RedisClientEvents events);
    ~RedisClient();
    RedisClient(const RedisClient&) = delete;
    RedisClient& operator=(const RedisClient&) = delete;

    void start();
    void stop();
    // Drops the connection and makes a new one, after a delay. Callbacks come from a later turn.
    void reconnect();

    [[nodiscard]] bool ready() const;
    // Connections that were ready and are gone.
    [[nodiscard]] std::uint64_t losses() const;
    // It is of use: after its loss the next one is tried soon. Until then delays go on growing.
    void settled();
    // Which run of which server this connection is to, and with which history (INFO's run_id and master_replid, which a
    // promotion changes): what one of two connections of the same answer has written the other reads. Empty: not
    // connected, or not to be identified.
    [[nodiscard]] const std::string& server_history() const;
    // The master_replid of the primary that this server was promoted in the place of: server_history() of that one
    // ended with it. Only zeros where it never was.
    [[nodiscard]] const std::string& server_origin() const;
    // False, and nothing is sent: not ready, or too many outstanding. Commands of one turn leave in one write.
    [[nodiscard]] bool send(std::span<const std::string_view> arguments, Callback callback);
    // Like send, for a command whose replies are pushed (SUBSCRIBE).
    [[nodiscard]] bool send_for_push(std::span<const std::string_view> arguments);

   private:
    class Link;
    std::shared_ptr<Link> link_;
};

}  // namespace foorumi::store
