// The concrete socket type of every connection: no type-erased executor on the hot path.
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <optional>

#include "net/unique_fd.hpp"

namespace foorumi::net {

using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

struct AdoptedSocket {
    Socket socket;
    boost::asio::ip::address remote;
};

// Takes over a connected TCP socket, which does not block from then on and delays no small write. Nothing: it is gone
// already.
[[nodiscard]] std::optional<AdoptedSocket> adopt_socket(boost::asio::io_context& context, UniqueFd fd);

}  // namespace foorumi::net
