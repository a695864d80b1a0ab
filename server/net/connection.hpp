// One WebSocket, as the session sees it. Beast stays behind this header.
//
// Thread: a connection and its handler live on one worker; every call in both directions is made there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/shared_bytes.hpp"

namespace foorumi::net {

// RFC 6455 section 7.4.1.
enum class CloseCode : std::uint16_t {
    normal = 1000,
    going_away = 1001,
    protocol_error = 1002,
    unsupported_data = 1003,
    invalid_payload = 1007,
    policy = 1008,
    too_big = 1009,
    internal_error = 1011,
    try_again_later = 1013,
};

enum class Priority : std::uint8_t {
    reliable,   // refused only when the outbox is full
    ephemeral,  // dropped first: refused when the outbox is a quarter full
};

class Connection {
   public:
    virtual ~Connection() = default;

    // Puts the item into the outbox; it is written in this turn of the loop if the socket takes it. False: the outbox
    // has no room (or the connection is closing) and the item was not taken.
    [[nodiscard]] virtual bool send(ItemRef item, Priority priority) = 0;

    // Ends the connection: what waits in the outbox goes first, then the optional last item (taken even by a full
    // outbox), then a close frame; then the peer's close frame is awaited for a bounded time. With a full outbox of a
    // peer that does not read, that bound ends it. Further calls do nothing. on_closed() follows, never from within
    // this call.
    virtual void close(CloseCode code, std::string_view reason, ItemRef last = nullptr) = 0;

    // Back-pressure towards the peer: frames already read are still handed over.
    virtual void pause_reading() = 0;
    virtual void resume_reading() = 0;

    [[nodiscard]] virtual std::string_view remote_address() const = 0;
    [[nodiscard]] virtual std::size_t outbox_bytes() const = 0;

    // The token of the session cookie that the handshake brought, of a browser at an allowed origin, over TLS; empty:
    // there is none, or it was taken. It is kept until it is taken, so take it once the session is known.
    [[nodiscard]] virtual std::string take_cookie_token() { return {}; }
};

// Why a connection ended, for logs and metrics.
enum class EndReason : std::uint8_t {
    peer_closed,
    closed_by_us,
    idle_timeout,
    handshake_timeout,
    frame_too_big,
    error
};

// The session's side.
class ConnectionHandler {
   public:
    virtual ~ConnectionHandler() = default;
    // One binary message, within the frame limit. The bytes are valid during the call only.
    virtual void on_frame(std::string_view bytes) = 0;
    virtual void on_text_frame() = 0;
    // A frame over the limit was announced; it is not read. The connection closes with 1009 after this call, behind
    // what the handler sends in it.
    virtual void on_frame_too_big() = 0;
    // The last call. The connection is destroyed afterwards.
    virtual void on_closed(EndReason reason) = 0;
};

// Called on the worker that the connection was given to, after the WebSocket handshake.
using OnConnection = std::function<std::unique_ptr<ConnectionHandler>(Connection& connection)>;

// PEM files. Both empty: no TLS.
struct TlsFiles {
    std::string certificate;  // with the chain that leads to it
    std::string key;
    [[nodiscard]] bool empty() const { return certificate.empty() && key.empty(); }
};

struct HttpOptions {
    std::uint32_t body_bytes = 16 * 1024;      // of a POST
    std::vector<std::string> origins;          // web pages of these may call; each is_origin()
    std::vector<std::string> trusted_proxies;  // believed about their clients; each has a parse_range()
};

// Whether connections begin with a header of the PROXY protocol. A text, as it stands in the configuration.
inline constexpr std::string_view proxy_protocol_off = "off", proxy_protocol_on = "on";

struct Options {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8080;                         // 0: any free one
    std::size_t max_connections = 18'000;              // of the process
    std::size_t max_connections_per_address = 10'000;  // of one remote address
    std::size_t frame_bytes = 64 * 1024;               // a message from a client
    std::size_t outbox_bytes = 1024 * 1024;            // waiting for one client
    std::uint32_t handshake_timeout_ms =
        10'000;                               // TCP accept to the end of the WebSocket handshake, that of TLS included
    std::size_t handshakes_per_turn = 8;      // begun in one turn of a worker's loop; not 0
    std::uint32_t ping_interval_ms = 30'000;  // silence after which the server pings
    std::uint32_t idle_timeout_ms = 75'000;   // silence after which the connection is ended
    std::uint32_t close_timeout_ms = 5'000;   // waiting for the peer's close frame, and for a full outbox
    std::string proxy_protocol = std::string(proxy_protocol_off);
    HttpOptions http;
    TlsFiles tls;
    bool metrics_only = false;  // nothing but GET /metrics is served, by the HttpService
};

}  // namespace foorumi::net
