#include "net/wire.hpp"

#include <sys/socket.h>

namespace foorumi::net {
namespace {

constexpr int write_flags = MSG_NOSIGNAL | MSG_DONTWAIT;

}  // namespace

// A gather write costs the kernel more than a plain one, and most deliveries are of one item.
ssize_t Wire::send(std::span<const iovec> from) const {
    if (from.size() == 1) return ::send(socket_, from[0].iov_base, from[0].iov_len, write_flags);
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(from.data());
    message.msg_iovlen = from.size();
    return ::sendmsg(socket_, &message, write_flags);
}

}  // namespace foorumi::net
