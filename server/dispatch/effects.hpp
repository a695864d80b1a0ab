// The consumer of a feed's effects: what follows from a commit in other channels is put there, at least once and in
// effect once, and then the feed is told that the position is consumed. A crash in between repeats it; putting is "if
// absent".
//
// Thread: the home worker of the feed's partition.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "directory/snapshot.hpp"
#include "forum/decision.hpp"
#include "store/channel_store.hpp"

namespace foorumi::dispatch {

// Which positions of one feed are consumed, given that effects end in any order. Pure.
class ConsumedPositions {
   public:
    // REQUIRES: positions ascend.
    void begin(std::uint64_t position, std::size_t effects) {
        last_ = position;
        if (effects > 0) open_[position] = effects;
    }
    void end(std::uint64_t position) {
        auto it = open_.find(position);
        if (it != open_.end() && --it->second == 0) open_.erase(it);
    }
    [[nodiscard]] std::uint64_t last() const { return last_; }
    // Everything up to this is consumed.
    [[nodiscard]] std::uint64_t consumed() const { return open_.empty() ? last_ : open_.begin()->first - 1; }

   private:
    std::uint64_t last_ = 0;
    std::map<std::uint64_t, std::size_t> open_;
};

// Identifies the n-th effect of a commit, the same whoever applies it.
[[nodiscard]] store::ChangeId effect_id(std::string_view channel, store::Version version, std::size_t n);

// Puts the effect if its key is absent, and takes in the same step, or where the key is there, what it takes; nothing
// comes to the inbox of a member who has muted the thread (but what moderators have done to their messages), or may not
// read the room (any more). Where the effect names a room, tell_room() instead. `directory` gives the newest; asked at
// every decision. `now`: by this node's clock. Runs on the home worker of the effect's channel.
void apply_effect(store::ChannelStore& store, const forum::Effect& effect, const store::ChangeId& id,
                  std::function<std::shared_ptr<const directory::Snapshot>()> directory, forum::Millis now,
                  std::function<void(store::ChangeOutcome)> done);

class EffectsConsumer {
   public:
    // Applies an effect at the home of its channel, trying again until it is done; then calls back on this worker.
    using Apply = std::function<void(const forum::Effect&, const store::ChangeId&, std::function<void()> done)>;
    using Consumed = std::function<void(std::uint16_t partition, std::uint64_t position)>;

    EffectsConsumer(Apply apply, Consumed consumed) : apply_(std::move(apply)), consumed_(std::move(consumed)) {}
    void released(const store::Released& released);
    // Positions were missed, or begin anew: what is under way counts for none of those that follow.
    void start_over(std::uint16_t partition);
    // Calls back when all that follows from what was released by now has been done: with true; or with false, where
    // that will not be known. May be called before it returns.
    void when_consumed(std::uint16_t partition, std::function<void(bool)> done);

   private:
    struct Waiting {
        std::uint64_t position = 0;
        std::function<void(bool)> done;
    };
    struct Feed {
        ConsumedPositions positions;
        std::uint64_t epoch = 0;
        std::vector<Waiting> waiting{};
    };
    void tell_consumed(std::uint16_t partition, Feed& feed);
    void ended(std::uint16_t partition, std::uint64_t position, std::uint64_t epoch);
    Apply apply_;
    Consumed consumed_;
    std::map<std::uint16_t, Feed> feeds_;
};

}  // namespace foorumi::dispatch
