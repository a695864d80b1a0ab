// Takes an erased member out of one channel.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "directory/snapshot.hpp"
#include "forum/erasure_rules.hpp"
#include "forum/keys.hpp"
#include "store/channel_store.hpp"

namespace foorumi::dispatch {

// Goes through all of the channel's entities, page by page, and commits what erase() of the forum's rules decides, or,
// in the member's own channel, takes everything away. What others change meanwhile is decided anew; what is done
// already is left as it is, so that it may be begun again at any time.
//
// Thread: the channel's home worker. Lifetime: keeps itself until `done` was called, or the store has stopped.
class ChannelSweep : public std::enable_shared_from_this<ChannelSweep> {
   public:
    struct Surroundings {
        store::ChannelStore& store;
        std::function<std::shared_ptr<const directory::Snapshot>()> directory;  // the newest of the process
        std::function<bool()> goes_on;  // whether the newest still wants the sweep
        std::size_t page_entities = 0;  // read at once
        std::size_t page_bytes = 0;
    };
    // True: nothing of the member is left in the channel. False: the store has failed, or the sweep has ended
    // elsewhere.
    using Done = std::function<void(bool)>;

    ChannelSweep(Surroundings around, std::string channel, forum::ErasedMember member, Done done);

    void start() { read(0); }

   private:
    void read(store::Version since);
    void found(const store::SyncResult& page);
    void commit(std::vector<std::string> keys, std::function<void()> then);
    void commit_from(std::shared_ptr<const std::vector<std::string>> keys, std::size_t first,
                     std::function<void()> then);
    [[nodiscard]] store::Commit decide(const std::vector<std::string>& keys, const store::View& view) const;
    [[nodiscard]] bool concerns(const store::KeyedValue& entity);
    // What is held is told by it from now on.
    void look_at(std::shared_ptr<const directory::Snapshot> directory);
    void end(bool clean);

    Surroundings around_;
    std::string channel_;
    bool own_;
    forum::ErasedMember member_;
    std::shared_ptr<const directory::Snapshot> directory_;
    std::optional<store::Epoch> epoch_;
    Done done_;
};

}  // namespace foorumi::dispatch
