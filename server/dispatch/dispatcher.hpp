// Takes the sessions' frames apart, finds each request in the command table, charges its cost, and calls its handler.
// Thread: the worker's.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "dispatch/counts.hpp"
#include "forum/decision.hpp"
#include "session/session.hpp"
#include "store/channel_store.hpp"

namespace foorumi::v1 {
class Request;
class Response;
class Item;
}  // namespace foorumi::v1

namespace foorumi::dispatch {

class Worker;

// Where an answer goes. May travel between workers; used on the session's own.
struct Origin {
    std::uint16_t worker = 0;
    session::AnchorRef anchor;
    std::uint64_t request = 0;
};

class Dispatcher final : public session::SessionEvents {
   public:
    explicit Dispatcher(Worker& worker);

    [[nodiscard]] std::unique_ptr<net::ConnectionHandler> open_session(net::Connection& connection);

    void frame(session::Session& session, std::string_view bytes) override;
    void text_frame(session::Session& session) override;
    void frame_too_big(session::Session& session) override;
    void overflow(session::Session& session) override;
    void ended(session::Session& session, net::EndReason reason) override;

    // Each request is answered by exactly one of these three. Nothing happens if its session has ended.
    void answer(const Origin& origin, v1::Response& response);
    void answer(const Origin& origin, ItemRef response);  // with its item, encoded
    void refuse(const Origin& origin, const forum::Refusal& refusal);

    // Does what the session held back, and lets it read on.
    void go_on(session::Session& session);

    // Ends the session with a typed last item.
    void close(session::Session& session, net::CloseCode code, const forum::Refusal& refusal);

    // Ends the subscription: the registry, its home, and the session forget it.
    void unsubscribe(session::Session& session, const std::string& channel);

    // After the directory changed: ends what the members may not read any more, and sessions without a valid token.
    void revalidate();
    // The channel's changes were missed: its subscribers have to reconnect and resume.
    void missed(const std::string& channel);
    // Tells every session to reconnect within the time.
    void announce_drain(std::uint32_t within_ms);
    // Tells every member's session where changes have begun to be refused (replicas are missing), or to be taken again.
    void look_whether_reads_only();
    // Tells a session that has just said Hello, where there is something to tell.
    void tell_whether_reads_only(session::Session& session);
    // Ends sessions that have not said Hello in time.
    void tick();

    // The clock of the rate limits.
    [[nodiscard]] std::int64_t now_ns() const;
    [[nodiscard]] std::size_t sessions() const { return sessions_.size(); }

    // A change that was received then is about to be acknowledged.
    void count_acknowledged(const store::Committed& committed, std::chrono::steady_clock::time_point received);
    // Of one that is told in another item than a Response.
    void count_refusal(const forum::Refusal& refusal) { counts_.refused.count(refusal.reason); }
    void count_expired(std::size_t messages) { counts_.expired_messages += messages; }
    [[nodiscard]] const Counts& counts() const { return counts_; }

   private:
    void request(session::Session& session, std::string_view bytes);
    void bad_request(session::Session& session, const Origin& origin, const forum::Refusal& refusal);
    // 0: it fits; else the milliseconds to wait. A client that goes on and on over its limit is ended.
    [[nodiscard]] std::uint32_t charge(session::Session& session, std::uint32_t cost);
    void refuse_frame(session::Session& session, const forum::Refusal& refusal);
    void count_request(const CommandRow* row);
    void count_end(session::Session& session, std::string_view reason);
    void look_at_sign_ins();
    void sign_in_again(session::Session& session);

    Worker& worker_;
    std::unordered_map<std::uint64_t, session::Session*> sessions_;
    std::uint64_t next_session_ = 0;
    std::chrono::steady_clock::time_point next_look_{};
    bool reads_only_ = false;  // as the sessions were told
    Counts counts_;
};

}  // namespace foorumi::dispatch
