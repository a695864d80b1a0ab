// What keeps channels within their bounds: the oldest entries of a full inbox go, and so do earlier texts whose
// retention is over. Repeated until it is done, so a failure only delays it.
//
// Thread: the home worker of the channels.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
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
    };

    Upkeep(Options options, Surroundings surroundings) : options_(options), around_(std::move(surroundings)) {}

    // An entry was put into the inbox of a member channel that is at home here.
    void trim_inbox(const std::string& channel);

    // Looks through the moderation channels at home here, once per sweep interval; for the first time one interval
    // after the first call, so that a clock that was wrong at the start can be put right before anything goes.
    void tick(std::chrono::steady_clock::time_point now);

   private:
    void sweep(const std::string& channel, store::Version after);
    void remove(const std::string& channel, std::string_view index, std::vector<std::string> keys,
                std::function<void()> then);

    Options options_;
    Surroundings around_;
    std::optional<std::chrono::steady_clock::time_point> next_sweep_;
};

}  // namespace foorumi::dispatch
