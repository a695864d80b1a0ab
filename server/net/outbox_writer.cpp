#include "net/outbox_writer.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <span>

namespace foorumi::net {
namespace {

constexpr std::size_t max_gather = 64;
constexpr int write_flags = MSG_NOSIGNAL | MSG_DONTWAIT;

}  // namespace

Flushed OutboxWriter::write() {
    while (!outbox_.empty()) {
        const std::string_view frame = outbox_.lone_frame();
        const Written written = frame.empty() ? write_gathered() : write_lone(frame);
        if (written.bytes < 0) {
            if (errno == EINTR) continue;
            return errno == EAGAIN || errno == EWOULDBLOCK ? Flushed::blocked : Flushed::failed;
        }
        ++statistics_.writes;
        statistics_.bytes_out += static_cast<std::size_t>(written.bytes);
        if (!written.whole) return Flushed::blocked;
        ++statistics_.writes_whole;
    }
    return Flushed::whole;
}

void OutboxWriter::close() {
    socket_ = -1;
    waited_for_ = false;
    outbox_.clear();
}

// A gather write costs the kernel more than a plain one, and most deliveries are of one item.
OutboxWriter::Written OutboxWriter::write_lone(std::string_view frame) {
    const ssize_t sent = ::send(socket_, frame.data(), frame.size(), write_flags);
    if (sent >= 0) outbox_.consume_lone_frame(static_cast<std::size_t>(sent));
    return {sent, sent == static_cast<ssize_t>(frame.size())};
}

OutboxWriter::Written OutboxWriter::write_gathered() {
    std::array<iovec, max_gather> vectors;
    const std::size_t count = outbox_.gather(vectors);
    std::size_t offered = 0;
    for (const iovec& vector : std::span(vectors).first(count)) offered += vector.iov_len;
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = count;
    const ssize_t sent = ::sendmsg(socket_, &message, write_flags);
    if (sent >= 0) outbox_.consume(static_cast<std::size_t>(sent));
    return {sent, sent == static_cast<ssize_t>(offered)};
}

}  // namespace foorumi::net
