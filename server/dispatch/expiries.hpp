// Deletes for good what is older than its room's retention: step by step, so that it disturbs nobody. Every node goes
// through the rooms that are at home here once in an interval; what another one has done is done. A crash, or a
// failure, costs what was not done until the next time.
//
// Thread: the home worker of the rooms.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "directory/snapshot.hpp"
#include "forum/retention_rules.hpp"
#include "store/channel_store.hpp"

namespace foorumi::dispatch {

class Expiries {
   public:
    struct Options {
        std::chrono::seconds interval{3600};  // between two looks at each room
        std::size_t batch = 32;               // messages of one step; one step that does something a tick
        forum::Millis keep_ms = 0;            // see forum::Expiry
    };
    // `store` and `newest` are asked at every use.
    struct Surroundings {
        std::function<store::ChannelStore&()> store;
        std::function<std::shared_ptr<const directory::Snapshot>()> newest;  // of the process
        std::function<bool(std::string_view channel)> at_home;
        std::function<forum::Millis()> now;
        std::function<void(std::size_t messages)> expired;  // for metrics
    };

    Expiries(Options options, Surroundings around) : options_(options), around_(std::move(around)) {}

    // Does the next step, where one is due and none is under way. For the first time one interval after the first call,
    // so that a clock that was wrong at the start can be put right before anything goes.
    void tick(std::chrono::steady_clock::time_point now);

   private:
    struct Place {
        forum::Id thread = 0;
        forum::Id expired_to = 0;  // as it is there; behind it is looked
        bool closed = false;       // see forum::is_closed_by_age
    };
    struct Done {
        std::size_t writes = 0;
        std::size_t messages = 0;
        forum::Id expired_to = 0;  // that was written; 0: none was
    };
    struct Threads {
        forum::Id room = 0;
        store::Version after = 0;  // in the list of threads: where the next page begins
        bool more = true;
        std::vector<Place> some{};  // that are left of a page, the last one first
    };
    using Decide = std::function<forum::Decision(const forum::Expiry&, const forum::View&)>;

    void find_rooms();
    void next_room();
    void read_threads();
    void look(const Place& place);
    void found(const Place& place, const store::IndexResult& page);
    void commit(std::vector<std::string> needs, Decide decide, std::function<void(const Done&)> then);
    void pass();
    void end_step(bool thread_is_done);
    [[nodiscard]] std::string channel() const { return forum::room_channel(at_->room); }
    [[nodiscard]] forum::Expiry expiry(const directory::Snapshot& directory) const {
        return {directory, at_->room, around_.now(), options_.keep_ms};
    }

    Options options_;
    Surroundings around_;
    std::optional<std::chrono::steady_clock::time_point> next_;
    std::vector<forum::Id> rooms_;        // that are left
    std::set<forum::Id> with_retention_;  // at the last look
    std::size_t passed_ = 0;              // threads in which nothing was to be done, since the last tick
    std::optional<Threads> at_;
    bool busy_ = false;
};

}  // namespace foorumi::dispatch
