// A connection's socket, and its TLS with whom it is checked for. Asio's types: for the .cpp files that connect, only.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/system/error_code.hpp>
#include <string>

#include "client/connection_end.hpp"

namespace foorumi::client {

using LoopExecutor = boost::asio::io_context::executor_type;
using PlainStream = boost::asio::basic_stream_socket<boost::asio::ip::tcp, LoopExecutor>;
using TlsStream = boost::asio::ssl::stream<PlainStream>;

// The handshake fails unless the certificate is trusted and is for this host, also where that is an address.
[[nodiscard]] boost::system::error_code require_peer(TlsStream& stream, const std::string& host);

// Why the handshake failed.
[[nodiscard]] ConnectionEnd explain_tls(TlsStream& stream, boost::system::error_code error);

}  // namespace foorumi::client
