#include "net/ordered_stream.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <span>
#include <string>

namespace foorumi::net {
namespace {

constexpr std::uint8_t ping_opcode = 0x89;
constexpr std::uint8_t pong_opcode = 0x8a;
constexpr std::uint8_t close_opcode = 0x88;
constexpr std::size_t max_close_reason = 123;
constexpr std::size_t max_gather = 64;
constexpr int write_flags = MSG_NOSIGNAL | MSG_DONTWAIT;

bool is_frame(std::string_view bytes, std::uint8_t opcode) {
    return bytes.size() >= 2 && static_cast<std::uint8_t>(bytes[0]) == opcode;
}

std::uint16_t close_code(std::string_view frame) {
    if (frame.size() < 4) return 0;
    return static_cast<std::uint16_t>(static_cast<std::uint8_t>(frame[2]) << 8 | static_cast<std::uint8_t>(frame[3]));
}

// Not in the midst of a UTF-8 sequence: a peer must fail a close reason that is not UTF-8.
std::string_view cut_reason(std::string_view reason) {
    if (reason.size() <= max_close_reason) return reason;
    std::size_t size = max_close_reason;
    while (size > 0 && (static_cast<std::uint8_t>(reason[size]) & 0xc0) == 0x80) --size;
    return reason.substr(0, size);
}

}  // namespace

OrderedStream::OrderedStream(Socket socket, Owner& owner, Statistics& statistics, std::size_t outbox_limit)
    : socket_(std::move(socket)), owner_(owner), statistics_(statistics), outbox_(outbox_limit) {
    boost::system::error_code ignored;  // every write passes MSG_DONTWAIT, too
    socket_.native_non_blocking(true, ignored);
}

void OrderedStream::queue_written(std::string_view bytes) {
    if (close_queued_) return;
    if (is_frame(bytes, close_opcode)) {
        owner_.before_close_frame(close_code(bytes));
        close_queued_ = true;
    }
    if (is_frame(bytes, pong_opcode))
        outbox_.push_pong(bytes);
    else
        outbox_.push_raw(bytes);
    owner_.on_bytes_waiting();
}

void OrderedStream::queue_ping() {
    if (close_queued_) return;
    const std::array<char, 2> frame{static_cast<char>(ping_opcode), 0};
    outbox_.push_raw({frame.data(), frame.size()});
    owner_.on_bytes_waiting();
}

void OrderedStream::queue_close(std::uint16_t code, std::string_view reason) {
    if (close_queued_) return;
    close_queued_ = true;
    reason = cut_reason(reason);
    std::string frame;
    frame += static_cast<char>(close_opcode);
    frame += static_cast<char>(2 + reason.size());
    frame += static_cast<char>(code >> 8);
    frame += static_cast<char>(code & 0xff);
    frame += reason;
    outbox_.push_raw(frame);
    owner_.on_bytes_waiting();
}

OrderedStream::Flushed OrderedStream::flush() {
    const Flushed flushed = write_waiting();
    if (flushed != Flushed::failed && outbox_.bytes() <= outbox_.limit()) held_write_.maybe_invoke();
    return flushed;
}

OrderedStream::Flushed OrderedStream::write_waiting() {
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

// A gather write costs the kernel more than a plain one, and most deliveries are of one item.
OrderedStream::Written OrderedStream::write_lone(std::string_view frame) {
    const ssize_t sent = ::send(socket_.native_handle(), frame.data(), frame.size(), write_flags);
    if (sent >= 0) outbox_.consume_lone_frame(static_cast<std::size_t>(sent));
    return {sent, sent == static_cast<ssize_t>(frame.size())};
}

OrderedStream::Written OrderedStream::write_gathered() {
    std::array<iovec, max_gather> vectors;
    const std::size_t count = outbox_.gather(vectors);
    std::size_t offered = 0;
    for (const iovec& vector : std::span(vectors).first(count)) offered += vector.iov_len;
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = count;
    const ssize_t sent = ::sendmsg(socket_.native_handle(), &message, write_flags);
    if (sent >= 0) outbox_.consume(static_cast<std::size_t>(sent));
    return {sent, sent == static_cast<ssize_t>(offered)};
}

void OrderedStream::abort() {
    boost::system::error_code ignored;  // nothing can be done about a failed close
    if (socket_.is_open()) socket_.close(ignored);
    outbox_.clear();
    held_write_.reset();
    close_queued_ = true;
}

}  // namespace foorumi::net
