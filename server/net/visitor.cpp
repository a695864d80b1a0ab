#include "net/visitor.hpp"

#include <utility>

#include "net/forwarded.hpp"

namespace foorumi::net {

Visitor::Visitor(const HttpPolicy& policy, const boost::asio::ip::address& peer, Ticket ticket)
    : policy_(policy), ticket_(std::move(ticket)) {
    meet(peer);
}

void Visitor::meet(const boost::asio::ip::address& address) {
    peer_.address = unmapped(address);
    trusted_ = policy_.trusted_proxies.contains(address);
    if (!trusted_) ticket_.count_from(peer_.address);
}

void Visitor::introduced_by(const ProxyHeader& header) {
    trusted_ = false;
    if (header.client) meet(*header.client);
    peer_.secure = header.secure.value_or(false);
}

bool Visitor::forwarded_by(std::span<const std::string_view> headers) {
    const auto hop = last_hop(headers);
    if (!hop) return false;
    if (hop->https) peer_.secure = *hop->https;
    if (!hop->client) return true;
    peer_.address = *hop->client;
    ticket_.count_from(peer_.address);
    return true;
}

}  // namespace foorumi::net
