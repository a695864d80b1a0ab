#include "core/peer.hpp"

#include <algorithm>
#include <array>

namespace foorumi::core {
namespace {

// A frame of a server: RFC 6455 section 5.2. Empty: it is not whole yet; else its payload, and how long all of it is.
std::string_view payload_at_front(std::string_view stream, std::size_t& whole) {
    const auto byte = [stream](std::size_t at) { return static_cast<std::uint8_t>(stream[at]); };
    whole = 0;
    if (stream.size() < 2) return {};
    const std::size_t digits = byte(1) == 126 ? 2 : byte(1) == 127 ? 8 : 0;
    if (stream.size() < 2 + digits) return {};
    std::size_t size = byte(1);
    for (std::size_t i = 0; i < digits; ++i) size = (i == 0 ? 0 : size << 8) | byte(2 + i);
    if (stream.size() < 2 + digits + size) return {};
    whole = 2 + digits + size;
    return stream.substr(2 + digits, size);
}

// What one write offers, up to so many bytes of it.
std::string take_from(session::Outbox& outbox, std::size_t most) {
    if (const auto frame = outbox.lone_frame(); !frame.empty()) {
        std::string written(frame.substr(0, most));
        outbox.consume_lone_frame(written.size());
        return written;
    }
    std::array<iovec, 16> out{};
    std::string written;
    const auto count = outbox.gather(out);
    for (std::size_t i = 0; i < count && written.size() < most; ++i) {
        written.append(static_cast<const char*>(out[i].iov_base), std::min(out[i].iov_len, most - written.size()));
    }
    outbox.consume(written.size());
    return written;
}

}  // namespace

Peer::Peer(World& world, std::size_t place, session::SessionEvents& events, std::uint64_t number, std::size_t limit,
           Client client)
    : world_(world),
      place_(place),
      number_(number),
      client_(std::move(client)),
      outbox_(limit),
      session_(std::make_unique<session::Session>(*this, events, number)) {
    session_->set_waiting_limit(limit);
}

bool Peer::send(ItemRef item, net::Priority priority) {
    if (closing_ || !outbox_.push_item(std::move(item), priority)) return false;
    write_later();
    return true;
}

void Peer::close(net::CloseCode, std::string_view, ItemRef last) {
    closing_ = true;
    if (last) outbox_.push_last(std::move(last));
    write_later();
}

std::function<void()> Peer::vanish() {
    closing_ = true;
    return std::exchange(client_, {}).ended;
}

void Peer::write_later() {
    if (std::exchange(writing_, true)) return;
    const auto time = std::max(world_.now() + world_.some_time(0, 800), stalled_until_);
    world_.at(time, place_, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->write();
    });
}

// What the transport has taken arrives in its order, at once: what is slow is the taking.
void Peer::write() {
    writing_ = false;
    const auto most = world_.random().chance(70) ? std::size_t{64} * 1024 : world_.random().between(1, 60);
    if (!outbox_.empty()) arrived(take_from(outbox_, most));
    if (!outbox_.empty()) return write_later();
    if (closing_) end();
}

void Peer::arrived(std::string_view bytes) {
    stream_.append(bytes);
    std::size_t whole = 0;
    for (auto payload = payload_at_front(stream_, whole); whole > 0; payload = payload_at_front(stream_, whole)) {
        const std::string items(payload);
        stream_.erase(0, whole);
        for (std::string_view left = items; !left.empty();) {
            const auto item = decode_front(left);
            if (const auto received = client_.received) received(item);
        }
    }
}

void Peer::end() {
    const auto ended = std::exchange(client_, {}).ended;
    session_->on_closed(net::EndReason::closed_by_us);
    if (ended) ended();
}

}  // namespace foorumi::core
