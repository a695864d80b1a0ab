#include "net/ordered_stream.hpp"

#include <array>
#include <string>

namespace foorumi::net {
namespace {

constexpr std::uint8_t ping_opcode = 0x89;
constexpr std::uint8_t pong_opcode = 0x8a;
constexpr std::uint8_t close_opcode = 0x88;
constexpr std::size_t max_close_reason = 123;

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

OrderedStream::OrderedStream(Transport transport, Owner& owner, OutboxWriter& writer)
    : transport_(std::move(transport)), owner_(owner), writer_(writer) {}

void OrderedStream::queue_written(std::string_view bytes) {
    if (close_queued_) return;
    if (is_frame(bytes, close_opcode)) {
        owner_.before_close_frame(close_code(bytes));
        close_queued_ = true;
    }
    if (is_frame(bytes, pong_opcode))
        writer_.outbox().push_pong(bytes);
    else
        writer_.outbox().push_raw(bytes);
    owner_.on_bytes_waiting();
}

void OrderedStream::queue_ping() {
    if (close_queued_) return;
    const std::array<char, 2> frame{static_cast<char>(ping_opcode), 0};
    writer_.outbox().push_raw({frame.data(), frame.size()});
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
    writer_.outbox().push_raw(frame);
    owner_.on_bytes_waiting();
}

void OrderedStream::go_on() {
    writer_.wait_for_room(false);
    held_write_.maybe_invoke();
}

void OrderedStream::abort() {
    transport_.close();
    writer_.close();
    held_write_.reset();
    close_queued_ = true;
}

}  // namespace foorumi::net
