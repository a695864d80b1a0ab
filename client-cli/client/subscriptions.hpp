// Which channels are followed and how far each has come: decides what is new, what is late, and what to ask for. Pure.
//
// Whatever connections come and go, what the application gets of a channel is one chain: each accepted item continues
// at the version the one before it reached, unless it is marked as a reset.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "foorumi/v1/protocol.pb.h"

namespace foorumi::client {

enum class Verdict {
    deliver,      // new: give it to the application
    drop,         // of an older generation, or known already
    resubscribe,  // cannot be continued from here: ask again
};

class Subscriptions {
   public:
    struct OnSynced {
        Verdict verdict = Verdict::drop;
        bool ask_again = false;  // more is to come, or the server could not answer now
        bool ended = false;      // refused: the channel is not followed any more
    };

    // From `since`, a version of that epoch; 0: from a snapshot. A channel that is followed already stays as it is.
    void add(const std::string& channel, std::uint64_t since, std::uint64_t epoch = 0);
    void remove(std::string_view channel);
    [[nodiscard]] bool empty() const { return channels_.empty(); }
    [[nodiscard]] bool holds(std::string_view channel) const { return channels_.contains(channel); }

    // The version reached; 0: none, or not followed.
    [[nodiscard]] std::uint64_t version(std::string_view channel) const;

    // The cursors of all channels that are not live and not asked for yet; each gets a new generation. `request` is the
    // id of the request that asks.
    [[nodiscard]] std::vector<foorumi::v1::Subscribe::Cursor> ask(std::uint64_t request);

    // The request was refused as a whole: its channels, which are to be asked for again, or not followed any more.
    std::vector<std::string> on_refused(std::uint64_t request, bool ask_again);

    [[nodiscard]] Verdict on_change(const foorumi::v1::Change& change);
    [[nodiscard]] OnSynced on_synced(const foorumi::v1::Synced& synced);

    // Every channel has to be asked for again.
    void on_disconnected();

   private:
    enum class State { idle, asked, live };
    struct Channel {
        State state = State::idle;
        std::uint64_t epoch = 0;  // of the version
        std::uint64_t version = 0;
        std::uint32_t generation = 0;
        std::uint64_t request = 0;
    };
    std::map<std::string, Channel, std::less<>> channels_;
    std::uint32_t generations_ = 0;
};

}  // namespace foorumi::client
