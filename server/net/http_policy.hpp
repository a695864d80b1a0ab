// What the options say of who may call and who is believed, in the form in which it is asked. Thread: does not change.
#pragma once

#include "net/address_set.hpp"
#include "net/connection.hpp"
#include "net/origin.hpp"

namespace foorumi::net {

struct HttpPolicy {
    // REQUIRES: the options' lists hold what they have to.
    explicit HttpPolicy(const Options& options)
        : origins(options.http.origins),
          trusted_proxies(options.http.trusted_proxies),
          proxy_protocol(options.proxy_protocol == proxy_protocol_on),
          body_bytes(options.http.body_bytes),
          metrics_only(options.metrics_only) {}

    OriginList origins;
    AddressSet trusted_proxies;
    bool proxy_protocol;
    std::size_t body_bytes;
    bool metrics_only;
};

// Who is at the other end, as far as it is known.
struct Peer {
    boost::asio::ip::address address;  // the client's where a trusted proxy tells it, else the peer's
    bool secure = false;               // TLS from the client to the first that spoke for us
};

}  // namespace foorumi::net
