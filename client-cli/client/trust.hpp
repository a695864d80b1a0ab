// Whom a wss:// connection trusts, and what the failures of its handshake mean. OpenSSL stays behind this header.
#pragma once

#include <memory>
#include <string>

#include "client/connection_end.hpp"

// OpenSSL's own names.
struct ssl_ctx_st;
struct ssl_st;

namespace foorumi::client {

// TLS 1.2 and 1.3, peers verified. Made once; the connections of a program share it.
using Trust = std::shared_ptr<ssl_ctx_st>;

// Of the system's store. With `ca_file`, PEM, of its certificates instead, which may be the server's own or of an
// authority. Null: the file cannot be read, or holds no certificate.
[[nodiscard]] Trust make_trust(const std::string& ca_file);

// For one connection to this host, which it names to the server (SNI). The caller's, to be freed.
[[nodiscard]] ssl_st* new_tls(ssl_ctx_st& trust, const std::string& host);

// A handshake failed. `openssl_error`: of OpenSSL's queue, 0: the connection itself broke as `message` says.
[[nodiscard]] ConnectionEnd explain_handshake(const ssl_st& ssl, unsigned long openssl_error,
                                              const std::string& message);

}  // namespace foorumi::client
