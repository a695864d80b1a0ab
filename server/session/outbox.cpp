#include "session/outbox.hpp"

#include <algorithm>
#include <cassert>
#include <memory>
#include <string>
#include <utility>

#include "base/mutants.hpp"

namespace foorumi::session {
namespace {

constexpr std::uint32_t kept_capacity = 16;  // of an empty outbox: a burst each turn shall not allocate each turn

iovec to_iovec(const void* bytes, std::size_t size) { return {const_cast<void*>(bytes), size}; }

}  // namespace

Outbox::Outbox(std::size_t limit, std::size_t frame_payload) : limit_(limit), frame_payload_(frame_payload) {
    slots_ = first_.data();
}

Outbox::~Outbox() { release(); }

bool Outbox::push_item(ItemRef item, net::Priority priority) {
    const std::size_t limit = priority == net::Priority::ephemeral ? limit_ / 4 : limit_;
    if (held() + item->view().size() > limit) return false;
    if (FOORUMI_MUTANT_EACH(outbox_drops, 100)) return true;
    push(std::move(item), false);
    const bool two = count_ > frame_left_ + 1 && !at(count_ - 2).raw;
    if (two && FOORUMI_MUTANT_EACH(outbox_reorders, 5)) std::swap(at(count_ - 1).bytes, at(count_ - 2).bytes);
    return true;
}

void Outbox::push_last(ItemRef item) { push(std::move(item), false); }

void Outbox::push_raw(std::string_view bytes) { push(make_item(std::string(bytes)), true); }

void Outbox::push_pong(std::string_view frame) {
    const bool unwritten = pong_ != no_entry && (pong_ > 0 || head_written_ == 0);
    if (!unwritten) {
        push_raw(frame);
        pong_ = count_ - 1;
        return;
    }
    Entry& waiting = at(pong_);
    bytes_ = bytes_ - waiting.bytes->view().size() + frame.size();
    waiting.bytes = make_item(std::string(frame));
}

void Outbox::push(ItemRef bytes, bool raw) {
    const std::size_t size = bytes->view().size();
    if (size == 0) return;
    if (count_ == capacity_) grow();
    Entry& entry = at(count_);
    entry.bytes = std::move(bytes);
    entry.raw = raw;
    ++count_;
    bytes_ += size;
}

void Outbox::grow() {
    const std::uint32_t capacity = capacity_ * 2;
    auto slots = std::make_unique<Entry[]>(capacity);
    for (std::uint32_t i = 0; i < count_; ++i) slots[i] = std::move(at(i));
    release();
    slots_ = slots.release();
    capacity_ = capacity;
}

void Outbox::begin_frame() {
    std::size_t payload = 0;
    while (frame_left_ < count_ && !at(frame_left_).raw) {
        const std::size_t size = at(frame_left_).bytes->view().size();
        if (frame_left_ > 0 && payload + size > frame_payload_) break;
        payload += size;
        ++frame_left_;
    }
    header_size_ = write_frame_header(header_, payload);
    header_written_ = 0;
    bytes_ += header_size_;
}

std::string_view Outbox::lone_frame() const {
    if (count_ != 1 || frame_left_ > 0 || at(0).raw) return {};
    return at(0).bytes->frame();
}

void Outbox::consume_lone_frame(std::size_t bytes) {
    const Entry& entry = at(0);
    if (bytes < entry.bytes->frame().size()) {
        begin_frame();  // the same header, so that the rest goes out as of any frame
        return consume(bytes);
    }
    bytes_ -= entry.bytes->view().size();
    pop();
    release_if_large();
}

std::size_t Outbox::gather(std::span<iovec> out) {
    if (count_ == 0) return 0;
    if (frame_left_ == 0 && !at(0).raw) begin_frame();
    std::size_t filled = 0;
    if (frame_left_ > 0 && header_written_ < header_size_) {
        out[filled++] = to_iovec(header_.data() + header_written_, header_size_ - header_written_);
    }
    for (std::uint32_t i = 0; i < count_ && filled < out.size(); ++i) {
        const Entry& entry = at(i);
        if (!entry.raw && i >= frame_left_) break;  // belongs to a frame not begun
        const std::string_view view = entry.bytes->view().substr(i == 0 ? head_written_ : 0);
        out[filled++] = to_iovec(view.data(), view.size());
    }
    return filled;
}

void Outbox::consume(std::size_t bytes) {
    assert(bytes <= bytes_);
    bytes_ -= bytes;
    if (frame_left_ > 0 && header_written_ < header_size_) {
        const std::size_t taken = std::min<std::size_t>(bytes, header_size_ - header_written_);
        header_written_ = static_cast<std::uint8_t>(header_written_ + taken);
        bytes -= taken;
    }
    while (bytes > 0) {
        const std::size_t left = at(0).bytes->view().size() - head_written_;
        if (bytes < left) {
            head_written_ += bytes;
            return;
        }
        bytes -= left;
        pop();
    }
    if (count_ == 0) release_if_large();
}

void Outbox::pop() {
    at(0) = Entry{};
    head_ = (head_ + 1) & (capacity_ - 1);
    --count_;
    head_written_ = 0;
    if (pong_ != no_entry) pong_ = pong_ == 0 ? no_entry : pong_ - 1;
    if (frame_left_ > 0) --frame_left_;
}

void Outbox::release_if_large() {
    if (capacity_ > kept_capacity) release();
}

// What is in them goes, too.
void Outbox::release() {
    if (slots_ != first_.data()) delete[] slots_;
    slots_ = first_.data();
    capacity_ = first_capacity;
    head_ = 0;
}

void Outbox::clear() {
    release();
    first_ = {};
    count_ = frame_left_ = 0;
    pong_ = no_entry;
    head_written_ = bytes_ = 0;
}

}  // namespace foorumi::session
