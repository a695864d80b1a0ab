// A home worker's side of the fan-out: which workers have subscribers of its channels, and one copy of each item's
// bytes to each of them. Pure: messages leave through a seam.
//
// Thread: the home worker. Back-pressure: every target worker acknowledges in steps what it has processed; while more
// than the window is outstanding at one of them, has_room() is false and the store's tails should pause. What was
// already released is still sent, so messages and other tasks posted between two workers keep their order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fanout/topic_registry.hpp"
#include "net/connection.hpp"

namespace foorumi::fanout {

// Travels to a worker by value; the bytes are one encoded element of ServerFrame.items.
struct Message {
    std::string channel;
    std::string bytes;
    net::Priority priority = net::Priority::reliable;
    // Not 0: once this message is processed, Broadcaster::acknowledged() is to be called with it on the home worker.
    std::uint64_t acknowledge = 0;
};

// On the target worker: makes the worker's own items of the bytes and hands them to the subscribers, consecutive ones
// of a channel all at once: each subscriber is then looked at once. Small reliable ones are joined up to joined_bytes,
// and an outbox takes what is joined whole or not at all. Returns what is to be acknowledged, 0: nothing.
std::uint64_t deliver(TopicRegistry& topics, std::span<const Message> messages);

// A quarter of the smallest outbox: no reader is found slow much earlier than it would be item by item.
inline constexpr std::size_t joined_bytes = 16 * 1024;

// Messages to one worker that may be outstanding.
inline constexpr std::size_t default_window = 1024;

class Broadcaster {
   public:
    // Hands the message to the worker, in the order of the calls. May be the home worker itself.
    using Post = std::function<void(std::uint16_t worker, Message message)>;

    // on_room is called from within acknowledged(), when there is room again after there was none.
    Broadcaster(Post post, std::uint16_t workers, std::function<void()> on_room, std::size_t window = default_window);

    // One subscription of the channel on the worker. Counted: each needs its remove_interest().
    void add_interest(std::string_view channel, std::uint16_t worker);
    // Without a matching add_interest() it does nothing.
    void remove_interest(std::string_view channel, std::uint16_t worker);

    // To every worker with an interest. Ephemeral messages are dropped for a worker that has no room.
    void broadcast(std::string_view channel, std::string bytes, net::Priority priority);

    [[nodiscard]] bool has_room() const { return full_workers_ == 0; }
    void acknowledged(std::uint16_t worker, std::uint64_t up_to);

    // Subscriptions of the channel, of all workers.
    [[nodiscard]] std::size_t audience(std::string_view channel) const;
    [[nodiscard]] bool interested(std::string_view channel) const { return interests_.contains(channel); }
    [[nodiscard]] std::vector<std::string> channels() const;
    [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

   private:
    struct Interest {
        std::uint16_t worker;
        std::uint32_t subscriptions;
    };
    struct Target {
        std::uint64_t sent = 0;
        std::uint64_t acknowledged = 0;
        bool full = false;
    };

    void send(std::uint16_t worker, std::string_view channel, std::string bytes, net::Priority priority);

    Post post_;
    std::function<void()> on_room_;
    std::size_t window_;
    std::vector<Target> targets_;
    std::size_t full_workers_ = 0;
    std::uint64_t dropped_ = 0;
    std::unordered_map<std::string, std::vector<Interest>, ChannelHash, std::equal_to<>> interests_;
};

}  // namespace foorumi::fanout
