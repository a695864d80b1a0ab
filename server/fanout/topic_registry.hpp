// Which sessions of this worker follow which channel. Pure; the items' way into the outboxes.
//
// Not thread-safe: one per worker. During deliver() any subscriber may be added, removed or destroyed (after its
// removal), and deliver() may be called again from within.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/shared_bytes.hpp"
#include "net/connection.hpp"

namespace foorumi::fanout {

class Subscriber {
   public:
    // In this order. How many were taken: none behind one for which there was no room. What follows from that is the
    // subscriber's to decide.
    virtual std::size_t deliver(std::span<const ItemRef> items, net::Priority priority) = 0;

    // What deliver() looks at first, or null.
    [[nodiscard]] const void* target() const { return target_; }

   protected:
    explicit Subscriber(const void* target = nullptr) : target_(target) {}
    ~Subscriber() = default;

   private:
    const void* target_;
};

struct ChannelHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view channel) const { return std::hash<std::string_view>()(channel); }
};

class TopicRegistry {
   public:
    TopicRegistry();
    ~TopicRegistry();
    TopicRegistry(const TopicRegistry&) = delete;
    TopicRegistry& operator=(const TopicRegistry&) = delete;

    // True: the channel had no subscriber before. If the subscriber is there already, only its generation changes. The
    // subscriber stays valid until it is removed.
    bool add(std::string_view channel, Subscriber& subscriber, std::uint32_t generation = 0);

    // True: the channel has no subscriber any more. False too if there was nothing to remove.
    bool remove(std::string_view channel, Subscriber& subscriber);

    // Removes it everywhere; returns the channels that have no subscriber any more.
    std::vector<std::string> remove_all(Subscriber& subscriber);

    // Hands the items, all at once, to everyone who follows the channel when the call begins and has not been removed
    // when its turn comes. Returns how many of them were taken, in all.
    std::size_t deliver(std::string_view channel, std::span<const ItemRef> items, net::Priority priority);

    // With which generation the subscriber follows the channel; nothing if it does not.
    [[nodiscard]] std::optional<std::uint32_t> generation(std::string_view channel, const Subscriber& subscriber) const;
    [[nodiscard]] std::size_t subscribers(std::string_view channel) const;
    [[nodiscard]] std::size_t channels() const { return live_topics_; }

   private:
    struct Topic;
    struct Link;  // where a subscriber stands in a topic
    using Links = std::vector<Link>;

    [[nodiscard]] Topic* find(std::string_view channel) const;
    [[nodiscard]] Links::iterator find_link(Links& links, const Topic* topic) const;
    bool detach(const Link& link);
    void take_out(Topic& topic, std::size_t position);
    void compact(Topic& topic);
    void erase_if_empty(Topic& topic);

    std::unordered_map<std::string, std::unique_ptr<Topic>, ChannelHash, std::equal_to<>> topics_;
    std::unordered_map<const Subscriber*, Links> links_;
    std::size_t live_topics_ = 0;  // those with a subscriber
};

}  // namespace foorumi::fanout
