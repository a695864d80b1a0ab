// One client's conversation: who it is, what it may still ask, what it is subscribed to.
//
// Thread: the worker of its connection. Lifetime: owned by the connection; others reach it through its Anchor, which
// may travel between workers but is looked into only on the session's own.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fanout/topic_registry.hpp"
#include "net/connection.hpp"
#include "session/connection_book.hpp"
#include "session/rate.hpp"

namespace foorumi::session {

class Session;

struct Anchor {
    Session* session = nullptr;  // null once the session has ended
};
using AnchorRef = std::shared_ptr<Anchor>;

// What the session hands its events to: the dispatcher.
class SessionEvents {
   public:
    virtual ~SessionEvents() = default;
    virtual void frame(Session& session, std::string_view bytes) = 0;
    virtual void text_frame(Session& session) = 0;
    virtual void frame_too_big(Session& session) = 0;
    // An item found no room in the outbox.
    virtual void overflow(Session& session) = 0;
    virtual void ended(Session& session, net::EndReason reason) = 0;
};

// The subscription of a session to a channel: until it is live, what is released waits here behind the snapshot.
class Subscription final : public fanout::Subscriber {
   public:
    Subscription(Session& session, std::string channel, std::uint32_t generation, std::uint64_t serial);

    std::size_t deliver(std::span<const ItemRef> items, net::Priority priority) override;
    void deliver(const ItemRef& item, net::Priority priority) { deliver(std::span(&item, 1), priority); }
    // What waited goes to the session, and all further items directly.
    void go_live();

    [[nodiscard]] const std::string& channel() const { return channel_; }
    [[nodiscard]] std::uint32_t generation() const { return generation_; }
    [[nodiscard]] std::uint64_t serial() const { return serial_; }
    [[nodiscard]] bool live() const { return live_; }
    // True once the subscription is in the topic registry and its home counts it.
    bool registered = false;

   private:
    bool deliver_one(const ItemRef& item, net::Priority priority);

    // What a delivery looks at comes first.
    net::Connection& connection_;
    bool live_ = false;
    std::uint32_t generation_;
    Session& session_;
    std::string channel_;
    std::uint64_t serial_;
    std::vector<ItemRef> waiting_;
    std::size_t waiting_bytes_ = 0;
};

class Session final : public net::ConnectionHandler {
   public:
    Session(net::Connection& connection, SessionEvents& events, std::uint64_t id);
    ~Session() override;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    void on_frame(std::string_view bytes) override { events_.frame(*this, bytes); }
    void on_text_frame() override { events_.text_frame(*this); }
    void on_frame_too_big() override { events_.frame_too_big(*this); }
    void on_closed(net::EndReason reason) override;

    // Puts an encoded item into the outbox. Where it has no room, the session ends as a slow reader (reliable items) or
    // the item is dropped (ephemeral ones).
    void send(ItemRef item, net::Priority priority = net::Priority::reliable);
    // The connection had no room for an item.
    void refused(net::Priority priority);
    void close(net::CloseCode code, std::string_view reason, ItemRef last = nullptr);

    // Requests under way; reading pauses at the limit, so that a client cannot pile up work.
    void request_started(std::size_t limit);
    void request_finished(std::size_t limit);

    // From hold() to release() no more is read, and requests that came along wait here.
    void hold();
    [[nodiscard]] bool holding() const { return holding_; }
    void keep(std::string_view request) { held_.emplace_back(request); }
    // Those that waited, in their order. The caller does them, and then lets the connection read on.
    [[nodiscard]] std::vector<std::string> release();
    void read_on();

    // The waiting of a subscription that is not live is bounded like the outbox.
    [[nodiscard]] std::size_t waiting_limit() const { return waiting_limit_; }
    void set_waiting_limit(std::size_t bytes) { waiting_limit_ = bytes; }
    void overflowed() {
        if (!closing_) events_.overflow(*this);
    }

    [[nodiscard]] std::uint64_t id() const { return id_; }
    [[nodiscard]] const AnchorRef& anchor() const { return anchor_; }
    [[nodiscard]] bool closing() const { return closing_; }
    [[nodiscard]] std::string_view remote_address() const { return connection_.remote_address(); }
    [[nodiscard]] net::Connection& connection() const { return connection_; }

    // Set by Hello; 0 before it.
    std::uint64_t member = 0;
    std::string language = "fi";
    std::string token_hash;
    std::shared_ptr<SharedRate> member_rate;
    ConnectionBook::Place place;   // among the member's connections
    std::int64_t own_arrival = 0;  // see take()
    std::uint32_t bad_requests = 0;
    std::uint32_t limited_in_a_row = 0;
    bool end_counted = false;  // for metrics
    std::chrono::steady_clock::time_point opened;
    std::chrono::steady_clock::time_point last_typing{};
    std::unordered_map<std::string, std::unique_ptr<Subscription>> subscriptions;

   private:
    net::Connection& connection_;
    SessionEvents& events_;
    std::uint64_t id_;
    AnchorRef anchor_;
    std::size_t under_way_ = 0;
    std::size_t waiting_limit_ = 1024 * 1024;
    bool paused_ = false;
    bool holding_ = false;
    std::vector<std::string> held_;
    bool closing_ = false;
};

}  // namespace foorumi::session
