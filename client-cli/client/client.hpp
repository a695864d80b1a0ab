// A member's client: keeps a connection to the server and brings requests and channels over its breaks (resume.hpp).
//
// Thread: everything happens on the io_context's one thread. Lifetime: the listener outlives the client; after stop()
// or the client's end nothing is called any more.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "client/connection_end.hpp"
#include "client/request_queue.hpp"
#include "client/trust.hpp"
#include "client/url.hpp"
#include "foorumi/v1/protocol.pb.h"

namespace foorumi::client {

// What happens to the connection and the channels. Texts come from the server: not yet fit for a terminal.
class Listener {
   public:
    virtual ~Listener() = default;
    virtual void on_welcome(const foorumi::v1::Welcome& welcome, bool again) = 0;
    virtual void on_lost(const ConnectionEnd& why, std::int64_t retry_in_ms) = 0;
    // The client has given up: it was refused, or (no refusal) the first connection could not be made, or the server is
    // not to be trusted.
    virtual void on_failed(const std::optional<foorumi::v1::Error>& refusal, const ConnectionEnd& why) = 0;
    // Each continues its channel where the last one ended (subscriptions.hpp).
    virtual void on_change(const foorumi::v1::Change& /*change*/) {}
    virtual void on_synced(const foorumi::v1::Synced& /*synced*/) {}
    virtual void on_ephemeral(const foorumi::v1::Ephemeral& /*ephemeral*/) {}
    virtual void on_notice(const foorumi::v1::Notice& /*notice*/) {}
};

class Client {
   public:
    struct Settings {
        Url url;
        std::string token;
        std::string language;
        std::size_t window = 64;
        Trust trust = nullptr;  // wss:// needs it
    };
    using OnAnswer = std::function<void(const Answer& answer)>;

    Client(boost::asio::io_context& io, Settings settings, Listener& listener);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void start();
    // Closes the connection. What has no answer yet stays in pending().
    void stop();

    // Called once with the final answer, however many connections it takes; never from within this call unless the
    // request is larger than the server's frames. A request that changes something needs its change id. Answers its id.
    std::uint64_t request(foorumi::v1::Request request, OnAnswer on_answer);

    void subscribe(const std::string& channel, std::uint64_t since, std::uint64_t epoch = 0);

    // The requests without a final answer, in the order they were made.
    [[nodiscard]] const std::deque<RequestQueue::Pending>& pending() const;

   private:
    struct Core;
    std::shared_ptr<Core> core_;
};

}  // namespace foorumi::client
