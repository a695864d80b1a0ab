#include "net/outbox_writer.hpp"

#include <array>
#include <cerrno>
#include <span>

#include "base/crash_points.hpp"

namespace foorumi::net {
namespace {

constexpr std::size_t max_gather = 64;

}  // namespace

Flushed OutboxWriter::write() {
    while (!outbox_.empty()) {
        const std::string_view frame = outbox_.lone_frame();
        const Written written = frame.empty() ? write_gathered() : write_lone(frame);
        if (written.bytes < 0) {
            if (errno == EINTR) continue;
            return errno == EAGAIN || errno == EWOULDBLOCK ? Flushed::blocked : Flushed::failed;
        }
        FOORUMI_CRASH_POINT(outbox_written);
        ++statistics_.writes;
        statistics_.bytes_out += static_cast<std::size_t>(written.bytes);
        if (written.whole)
            ++statistics_.writes_whole;
        else if (!wire_.writes_in_parts())
            return Flushed::blocked;
    }
    if (!wire_.pending() || wire_.flush() == 0) return Flushed::whole;
    return errno == EAGAIN || errno == EWOULDBLOCK ? Flushed::blocked : Flushed::failed;
}

void OutboxWriter::close() {
    wire_ = Wire(-1, nullptr);
    waited_for_ = false;
    outbox_.clear();
}

OutboxWriter::Written OutboxWriter::write_lone(std::string_view frame) {
    const iovec whole{const_cast<char*>(frame.data()), frame.size()};
    const ssize_t sent = wire_.write({&whole, 1});
    if (sent >= 0) outbox_.consume_lone_frame(static_cast<std::size_t>(sent));
    return {sent, sent == static_cast<ssize_t>(frame.size())};
}

OutboxWriter::Written OutboxWriter::write_gathered() {
    std::array<iovec, max_gather> vectors;
    const std::size_t count = outbox_.gather(vectors);
    std::size_t offered = 0;
    for (const iovec& vector : std::span(vectors).first(count)) offered += vector.iov_len;
    const ssize_t sent = wire_.write(std::span(vectors).first(count));
    if (sent >= 0) outbox_.consume(static_cast<std::size_t>(sent));
    return {sent, sent == static_cast<ssize_t>(offered)};
}

}  // namespace foorumi::net
