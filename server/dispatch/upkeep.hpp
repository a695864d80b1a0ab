// What keeps channels within their bounds: the oldest entries of a full inbox go, and so do earlier texts whose
// retention is over, and closed reports with all that was said about them. What was purged leaves Redis' feeds.
// Nothing goes of a room in which a legal hold stands, be it of one thread. Repeated until it is done, so a failure
// only delays it.
//
// Thread: the home worker of the channels.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "directory/snapshot.hpp"
#include "forum/entities.hpp"
#include "store/channel_store.hpp"

namespace foorumi::dispatch {

class Upkeep {
   public:
    struct Options {
        std::size_t inbox_entries = 500;
        std::chrono::minutes sweep_interval{60};
    };
    // `store` and `directory` are asked at every use.
    struct Surroundings {
        std::function<store::ChannelStore&()> store;
        std::function<const directory::Snapshot&()> directory;
        std::function<store::Version()> directory_version;  // the newest of the process
        std::function<bool(std::string_view channel)> at_home;
        std::function<forum::Millis()> now;
        // Takes what all feeds have by now out of Redis; tells whether it was done.
        std::function<void(std::function<void(bool)> done)> purge_feeds;
        // The newest of the process, by which it is told what is held: asked at every decision.
        std::function<std::shared_ptr<const directory::Snapshot>()> newest;
    };

    Upkeep(Options options, Surroundings surroundings) : options_(options), around_(std::move(surroundings)) {}

    // An entry was put into the inbox of a member channel that is at home here.
    void trim_inbox(const std::string& channel);

    // Something was purged in a moderation channel that is at home here.
    void purge_soon() { next_purge_.reset(); }

    // Looks through the moderation channels at home here, once per sweep interval; for the first time one interval
    // after the first call, so that a clock that was wrong at the start can be put right before anything goes.
    // For what was purged it looks at once, when something was, and once per interval: a node may have stopped before
    // it was done.
    void tick(std::chrono::steady_clock::time_point now);

   private:
    using Purged = std::vector<std::pair<std::string, std::vector<std::string>>>;  // channel, keys of one commit
    void look_for_purges();
    void find_purged(std::vector<std::string> channels, store::Version after, const std::shared_ptr<Purged>& found);
    void purge(const std::shared_ptr<Purged>& found);
    void note_purged(const std::shared_ptr<Purged>& found);
    void end_purge(bool clean);
    void sweep(const std::string& channel, std::string_view index, store::Version after);
    // A row of the index, what goes with it, and where it is from; of no room: room 0.
    struct Over {
        std::string key;
        std::vector<std::string> parts;
        forum::Id room = 0;
        forum::Id message = 0;  // that it reports; its place may be another one by now
        bool has_left = false;  // that message, or it is not known
    };
    void find_left(const std::shared_ptr<std::vector<Over>>& all, std::size_t from, std::function<void()> then);
    void remove(const std::string& channel, std::string_view index, std::vector<Over> all, std::function<void()> then);
    static void add_over(std::vector<Over>& all, const store::IndexRow& row);
    static bool is_held(const directory::Snapshot& directory, const Over& one);

    Options options_;
    Surroundings around_;
    std::optional<std::chrono::steady_clock::time_point> next_sweep_;
    std::optional<std::chrono::steady_clock::time_point> next_purge_;  // nothing: now
    std::chrono::steady_clock::time_point now_;
    bool purging_ = false;
};

}  // namespace foorumi::dispatch
