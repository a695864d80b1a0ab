// What waits for one client: items, which are wrapped into WebSocket frames here, and bytes that are framed already, in
// one FIFO. Pure: no IO. Consecutive items go out as one binary frame; a raw entry always lies between two frames.
//
// Not thread-safe. It has room for two entries in itself; an empty outbox holds at most a few more.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/shared_bytes.hpp"
#include "net/connection.hpp"

namespace foorumi::session {

// Payload of one frame at most, unless a single item is larger: items are never split.
inline constexpr std::size_t default_frame_payload = 256 * 1024;

class Outbox {
   public:
    explicit Outbox(std::size_t limit, std::size_t frame_payload = default_frame_payload);
    ~Outbox();
    Outbox(const Outbox&) = delete;
    Outbox& operator=(const Outbox&) = delete;

    // False: with it more than the limit would be held (ephemeral: a quarter of it), and the item was not taken.
    [[nodiscard]] bool push_item(ItemRef item, net::Priority priority);

    // Takes the item whatever waits: for the last item before a close frame.
    void push_last(ItemRef item);

    // Whole frames, or the answer to a handshake. Not limited here: the caller bounds what it makes.
    void push_raw(std::string_view bytes);

    // A pong frame. One of which nothing has been written yet gives way to it, as RFC 6455 section 5.5.3 allows: so a
    // peer who pings and does not read makes at most two wait.
    void push_pong(std::string_view frame);

    // The whole frame, where all that waits is one item that was made with its header and of which nothing is written;
    // else empty. Valid as what gather() gives.
    [[nodiscard]] std::string_view lone_frame() const;
    // The first `bytes` of lone_frame() are written.
    void consume_lone_frame(std::size_t bytes);

    // Fills in what goes out next and returns how many entries were filled: 0 only if the outbox is empty. Hands out at
    // most one frame of items; its header is fixed from then on, and items pushed later go into later frames. The bytes
    // stay valid until consume(), push_*() or clear() is called.
    // REQUIRES: out has at least two entries.
    [[nodiscard]] std::size_t gather(std::span<iovec> out);

    // The first `bytes` of what gather() handed out are written.
    void consume(std::size_t bytes);

    void clear();

    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    // An item of which a part is written stays whole in memory.
    [[nodiscard]] std::size_t held() const { return bytes_ + head_written_; }
    [[nodiscard]] std::size_t limit() const { return limit_; }
    // Slots, in entries.
    [[nodiscard]] std::size_t capacity() const { return capacity_; }

   private:
    struct Entry {
        ItemRef bytes;
        bool raw = false;
    };

    static constexpr std::uint32_t no_entry = UINT32_MAX;
    static constexpr std::uint32_t first_capacity = 2;

    [[nodiscard]] Entry& at(std::uint32_t index) { return slots_[(head_ + index) & (capacity_ - 1)]; }
    [[nodiscard]] const Entry& at(std::uint32_t index) const { return slots_[(head_ + index) & (capacity_ - 1)]; }
    void push(ItemRef bytes, bool raw);
    void pop();
    void grow();
    void release_if_large();
    void release();
    void begin_frame();

    // What one item that comes and goes looks at stands together.
    Entry* slots_ = nullptr;  // a ring, its capacity a power of two: first_, or memory of its own
    std::uint32_t capacity_ = first_capacity;
    std::uint32_t head_ = 0;
    std::uint32_t count_ = 0;
    std::uint32_t frame_left_ = 0;  // entries of the frame begun that are not written yet
    std::size_t bytes_ = 0;
    std::size_t limit_;
    std::array<Entry, first_capacity> first_;
    std::size_t head_written_ = 0;   // bytes of the first entry
    std::uint32_t pong_ = no_entry;  // the latest pong's place behind the head
    std::uint8_t header_size_ = 0;
    std::uint8_t header_written_ = 0;
    std::array<std::uint8_t, longest_frame_header> header_{};
    std::size_t frame_payload_;
};

}  // namespace foorumi::session
