// One WebSocket connection to a server, subprotocol foorumi.v1, over TLS for wss://. Beast stays behind this header.
//
// Thread: everything happens on the io_context's one thread. Lifetime: a connection keeps itself alive until it has
// ended; the owner may let go of it at any time after silence().
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "client/connection_end.hpp"
#include "client/trust.hpp"
#include "client/url.hpp"

namespace foorumi::client {

class WebSocket {
   public:
    struct Events {
        std::function<void()> opened;
        std::function<void(std::string_view bytes)> frame;     // valid during the call
        std::function<void(const ConnectionEnd& end)> closed;  // or never opened; the last call
    };

    virtual ~WebSocket() = default;

    // Begins to connect; no event comes from within this call. A handshake that takes over 10 s, and a server silent
    // for 30 s in spite of pings, end the connection. The server of a wss:// shows a certificate for the URL's host
    // that `trust` accepts, or the connection ends before anything was sent. REQUIRES: `trust` not null where url.tls.
    [[nodiscard]] static std::shared_ptr<WebSocket> open(boost::asio::io_context& io, const Url& url,
                                                         const Trust& trust, Events events);

    // Frames are written in their order. REQUIRES: opened.
    virtual void send(std::string bytes) = 0;

    // No event comes any more; the connection is closed, with a close frame where it was open.
    virtual void silence() = 0;
};

}  // namespace foorumi::client
