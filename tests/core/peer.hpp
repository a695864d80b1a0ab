// One client's connection to a node: the server's session and outbox, over a transport that takes as many bytes as the
// seed wants, whenever it wants.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/item.hpp"
#include "core/world.hpp"
#include "session/outbox.hpp"
#include "session/session.hpp"

namespace foorumi::core {

class Peer final : public net::Connection, public std::enable_shared_from_this<Peer> {
   public:
    // At the client's end: each item that has come, and, once, that no more comes.
    struct Client {
        std::function<void(const Item&)> received;
        std::function<void()> ended;
    };

    Peer(World& world, std::size_t place, session::SessionEvents& events, std::uint64_t number, std::size_t limit,
         Client client);

    [[nodiscard]] session::Session& session() { return *session_; }
    [[nodiscard]] std::uint64_t number() const { return number_; }
    // Takes nothing until then.
    void stall_until(Time time) { stalled_until_ = time; }
    // By the client: nothing comes any more, and nobody is told.
    void drop() { static_cast<void>(vanish()); }
    // With the node: the client is to be told so by whoever calls this.
    [[nodiscard]] std::function<void()> vanish();

    [[nodiscard]] bool send(ItemRef item, net::Priority priority) override;
    void close(net::CloseCode code, std::string_view reason, ItemRef last) override;
    void pause_reading() override {}
    void resume_reading() override {}
    [[nodiscard]] std::string_view remote_address() const override { return "client"; }
    [[nodiscard]] std::size_t outbox_bytes() const override { return outbox_.bytes(); }

   private:
    void write_later();
    void write();
    void arrived(std::string_view bytes);
    void end();

    World& world_;
    std::size_t place_;
    std::uint64_t number_;
    Client client_;
    session::Outbox outbox_;
    std::unique_ptr<session::Session> session_;
    bool closing_ = false, writing_ = false;
    Time stalled_until_{};
    std::string stream_;  // at the client, what is no whole frame yet
};
using PeerPtr = std::shared_ptr<Peer>;

}  // namespace foorumi::core
