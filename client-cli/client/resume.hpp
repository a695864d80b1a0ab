// The client's side of a connection that comes and goes: events in, actions out. Pure; no socket, no clock.
//
// The caller makes the actions happen in their order and reports every event. Times are milliseconds of any clock that
// only goes forward; made_at_ms is counted on it from the welcome's server time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "client/backoff.hpp"
#include "client/request_queue.hpp"
#include "client/subscriptions.hpp"
#include "foorumi/v1/protocol.pb.h"

namespace foorumi::client {

// Actions.
struct ConnectAfter {
    Millis delay_ms = 0;
};
struct SendFrame {
    foorumi::v1::ClientFrame frame;
};
struct Disconnect {};  // close the connection; on_disconnected() is not to be called for it
struct Welcomed {
    foorumi::v1::Welcome welcome;
    bool again = false;  // after a lost connection
};
struct Deliver {  // for the application: a change or synced that continues its channel, an ephemeral, a notice
    foorumi::v1::Item item;
};
struct Answered {
    Answer answer;
};
struct Lost {  // the connection is lost and will be made anew after the delay
    Millis delay_ms = 0;
};
struct Failed {                                 // no further attempt will be made
    std::optional<foorumi::v1::Error> refusal;  // nothing: the first connection could not be made
};
using Action = std::variant<ConnectAfter, SendFrame, Disconnect, Welcomed, Deliver, Answered, Lost, Failed>;
using Actions = std::vector<Action>;

class Resume {
   public:
    struct Settings {
        foorumi::v1::Hello hello;
        std::size_t window = 64;            // requests under way
        Millis welcome_within_ms = 10'000;  // from the connection to the answer to Hello
    };

    Resume(Settings settings, Random random);

    // What the application wants; possible in every state.
    [[nodiscard]] Actions start();
    [[nodiscard]] Actions request(foorumi::v1::Request request, Millis now, std::uint64_t& id);
    [[nodiscard]] Actions subscribe(const std::string& channel, std::uint64_t since, Millis now,
                                    std::uint64_t epoch = 0);
    [[nodiscard]] Actions unsubscribe(const std::string& channel, Millis now);

    // What happened.
    [[nodiscard]] Actions on_connected(Millis now);
    [[nodiscard]] Actions on_frame(const foorumi::v1::ServerFrame& frame, Millis now);
    [[nodiscard]] Actions on_disconnected(Millis now);  // or an attempt to connect that failed
    [[nodiscard]] Actions on_distrusted();  // an attempt to connect found a server that is not to be trusted
    [[nodiscard]] Actions on_time(Millis now);

    // When to call on_time(), after any event.
    [[nodiscard]] std::optional<Millis> wake_at(Millis now) const;

    [[nodiscard]] bool live() const { return state_ == State::live; }
    [[nodiscard]] const RequestQueue& requests() const { return requests_; }
    [[nodiscard]] const Subscriptions& subscriptions() const { return subscriptions_; }

   private:
    enum class State { idle, waiting, greeting, live, failed };

    void on_item(const foorumi::v1::Item& item, Millis now, Actions& out);
    void on_hello_answer(const foorumi::v1::Response& response, Millis now, Actions& out);
    void on_response(const foorumi::v1::Response& response, Millis now, Actions& out);
    void on_subscribe_answer(const foorumi::v1::Response& response, Millis now, Actions& out);
    void on_synced(const foorumi::v1::Item& item, Millis now, Actions& out);
    void on_notice(const foorumi::v1::Item& item, Millis now, Actions& out);
    void refuse_oversized(foorumi::v1::Request request, Actions& out);
    void lose(Millis now, Actions& out);
    void fail(std::optional<foorumi::v1::Error> refusal, Actions& out);
    void flush(Millis now, Actions& out);
    void send_in_frames(std::vector<foorumi::v1::Request> requests, Actions& out) const;

    Settings settings_;
    Backoff backoff_;
    RequestQueue requests_;
    Subscriptions subscriptions_;
    State state_ = State::idle;
    foorumi::v1::Limits limits_;
    std::uint64_t subscribes_ = 0;  // how many were sent
    bool welcomed_ = false;         // at some time
    Millis connected_at_ = 0;
    Millis server_offset_ = 0;                      // the server's clock minus ours
    std::optional<Millis> leave_at_;                // the server drains: reconnect then
    std::optional<Millis> ask_at_;                  // a channel could not be subscribed: ask again then
    Millis retry_after_ms_ = 0;                     // the server asked to stay away so long
    std::optional<foorumi::v1::Error> last_words_;  // why the server ends the connection
};

}  // namespace foorumi::client
