#include "net/socket.hpp"

#include <sys/socket.h>

#include <utility>

namespace foorumi::net {

namespace asio = boost::asio;

std::optional<AdoptedSocket> adopt_socket(asio::io_context& context, UniqueFd fd) {
    boost::system::error_code error;
    Socket socket(context.get_executor());
    sockaddr_storage name{};
    socklen_t name_size = sizeof name;
    if (::getpeername(fd.get(), reinterpret_cast<sockaddr*>(&name), &name_size) != 0) return std::nullopt;
    socket.assign(name.ss_family == AF_INET6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), fd.get(), error);
    if (error) return std::nullopt;
    static_cast<void>(fd.release());
    const auto remote = socket.remote_endpoint(error);
    if (error) return std::nullopt;
    socket.set_option(asio::ip::tcp::no_delay(true), error);
    if (error) return std::nullopt;
    socket.native_non_blocking(true, error);  // every write passes MSG_DONTWAIT, too
    if (error) return std::nullopt;
    return AdoptedSocket{std::move(socket), remote.address()};
}

}  // namespace foorumi::net
