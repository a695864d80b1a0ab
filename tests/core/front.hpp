// A node's side towards its clients: the server's fan-out, sessions and outboxes, and in little what the dispatcher and
// the channels' home do between them and the store. Thread: that of the node's place.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/history.hpp"
#include "core/peer.hpp"
#include "fanout/broadcaster.hpp"

namespace foorumi::core {

class Front final : public session::SessionEvents {
   public:
    // `store` is there for as long as this.
    Front(World& world, boost::asio::io_context& context, std::size_t place, std::size_t outbox_limit,
          std::function<store::ChannelStore&()> store);
    ~Front();

    [[nodiscard]] std::uint64_t connect(Peer::Client client);
    // By the client. Where the peer is gone already, it does nothing.
    void disconnect(std::uint64_t peer);
    // The node ends at once: how all clients are to be told of it.
    [[nodiscard]] std::vector<std::function<void()>> vanish();
    // Answered by items.
    void subscribe(std::uint64_t peer, const std::string& channel, const store::SyncRead& read);
    void stall(std::uint64_t peer, Time until);

    // The store's sinks.
    void released(const store::Released& commit);
    void released_all();
    void gap(unsigned partition);
    [[nodiscard]] bool has_room() const { return broadcaster_.has_room(); }
    [[nodiscard]] std::size_t audience(std::string_view channel) const { return broadcaster_.audience(channel); }

    void frame(session::Session&, std::string_view) override {}
    void text_frame(session::Session&) override {}
    void frame_too_big(session::Session&) override {}
    void overflow(session::Session& session) override;
    void ended(session::Session& session, net::EndReason reason) override;

   private:
    using Later = std::vector<std::shared_ptr<const store::Released>>;
    struct Opening {
        std::uint64_t peer = 0;
        std::string channel;
        std::uint64_t serial = 0;
    };

    void opened(const Opening& opening, const store::ReadOutcome<store::SyncResult>& outcome, const Later& later);
    void answer(const Opening& opening, Item item, const std::vector<std::string>& later, bool live);
    void unsubscribe(session::Session& session, const std::string& channel);
    void leave_later(const std::string& channel);
    // In a later turn, unless this is gone by then.
    void post(std::function<void()> function);

    World& world_;
    boost::asio::io_context& context_;
    std::size_t place_, outbox_limit_;
    std::function<store::ChannelStore&()> store_;
    std::uint64_t next_ = 1;
    fanout::TopicRegistry topics_;
    fanout::Broadcaster broadcaster_;
    std::vector<fanout::Message> outgoing_;
    std::map<std::uint64_t, PeerPtr> peers_;
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace foorumi::core
