// Who is at the other end of a socket before its WebSocket handshake, as it becomes known: the peer, then whom proxies
// of ours speak for. The ticket counts by the address of the last one. Thread: the connection's worker.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <span>
#include <string_view>

#include "net/connection_budget.hpp"
#include "net/http_policy.hpp"
#include "net/proxy_protocol.hpp"

namespace foorumi::net {

class Visitor {
   public:
    // The policy outlives it.
    Visitor(const HttpPolicy& policy, const boost::asio::ip::address& peer, Ticket ticket);

    // A proxy of ours, whose Forwarded header is believed.
    [[nodiscard]] bool is_proxy() const { return trusted_; }

    // A proxy has said this before the first byte. REQUIRES: is_proxy(). What follows comes from the client that was
    // told, so it is that one who may be a proxy of ours, too.
    void introduced_by(const ProxyHeader& header);

    // All Forwarded headers. False: they are malformed, and nothing has changed. REQUIRES: is_proxy().
    [[nodiscard]] bool forwarded_by(std::span<const std::string_view> headers);

    // It speaks TLS with us.
    void speaks_tls() { peer_.secure = true; }

    [[nodiscard]] const Peer& peer() const { return peer_; }
    [[nodiscard]] const Ticket& ticket() const { return ticket_; }
    [[nodiscard]] Ticket take_ticket() { return std::move(ticket_); }

   private:
    void meet(const boost::asio::ip::address& address);

    const HttpPolicy& policy_;
    Ticket ticket_;
    Peer peer_;
    bool trusted_ = false;
};

}  // namespace foorumi::net
