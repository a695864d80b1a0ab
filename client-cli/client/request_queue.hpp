// The requests that have no final answer yet, in the order they were made: what to send, and what to send again. Pure.
//
// A request stays, with the same change id and the same made_at_ms, until its answer is final; a lost connection and a
// temporary refusal make it wait for another turn. Requests are first sent in order. After a temporary refusal nothing
// new is sent until all that was under way is answered; then what was refused is repeated in order, one at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "client/backoff.hpp"
#include "foorumi/v1/protocol.pb.h"

namespace foorumi::client {

// The request was not applied and may be sent again, or its outcome is to be learnt by sending it again.
[[nodiscard]] bool is_temporary(const foorumi::v1::Error& error);

// A request's last answer.
struct Answer {
    foorumi::v1::Request request;
    foorumi::v1::Response response;
    bool outcome_unknown = false;  // refused as expired after an earlier sending without answer: nobody knows any more
};

class RequestQueue {
   public:
    struct Limits {
        std::size_t window = 64;        // sent and not answered
        std::uint32_t per_second = 50;  // the server's limit for a session
    };
    // What became of a request that will not be waited for any longer.
    enum class Fate {
        not_applied,  // never sent, or the server said that it was not applied
        unknown,      // sent, and not answered
    };
    struct Pending {
        foorumi::v1::Request request;
        bool sent = false;  // on the present connection, not answered yet
        bool doubtful =
            false;  // an earlier sending got no answer that tells its outcome; no later refusal takes that away
        std::optional<foorumi::v1::Error> last_refusal;
    };

    explicit RequestQueue(std::size_t window = 64) { limits_.window = window; }

    // The server's pace, known from its welcome.
    void set_pace(std::uint32_t per_second, Millis now);

    // Gives the request its id. Ids ascend; they are never used for another request.
    std::uint64_t add(foorumi::v1::Request request);

    // The requests to send now, marked as sent. A change gets its made_at_ms when it is sent for the first time.
    [[nodiscard]] std::vector<foorumi::v1::Request> take(Millis now, Millis server_now_ms);

    // When take() may have something that it has not now; nothing: only after another event.
    [[nodiscard]] std::optional<Millis> next_turn(Millis now) const;

    // The final answer, or nothing where it was late, foreign, or only temporary.
    [[nodiscard]] std::optional<Answer> on_response(const foorumi::v1::Response& response, Millis now);

    void on_disconnected();

    [[nodiscard]] std::size_t size() const { return pending_.size(); }
    [[nodiscard]] const std::deque<Pending>& pending() const { return pending_; }
    [[nodiscard]] static Fate fate(const Pending& pending);

   private:
    [[nodiscard]] std::deque<Pending>::iterator find(std::uint64_t id);
    [[nodiscard]] std::size_t window() const { return recovering_until_ != 0 ? 1 : limits_.window; }
    void refill(Millis now);
    void pause(const foorumi::v1::Error& error, std::uint64_t id, Millis now);

    std::deque<Pending> pending_;  // ids ascend
    Limits limits_;
    std::uint64_t last_id_ = 0;
    std::size_t in_flight_ = 0;
    // Requests up to this id wait for a repeated one: they go one at a time. 0: none does.
    std::uint64_t recovering_until_ = 0;
    Millis paused_until_ = 0;
    int refusals_in_a_row_ = 0;
    double pace_ = 0;  // requests per second, below the server's limit after it refused; 0: no welcome yet
    double tokens_ = 0;
    Millis refilled_ = 0;
};

}  // namespace foorumi::client
