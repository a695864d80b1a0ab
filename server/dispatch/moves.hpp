// Does what MoveThread, SplitThread and MergeThreads have begun, and goes on with what a node that ended has left.
// Every node does it; who comes second finds nothing left to do. Repeated until it is done, so a failure only delays
// it.
//
// What is under way stands in the moderation channel of the forum it began in (forum::moves_index). For each, one after
// the other, by the steps of forum/move_steps.hpp:
//   to another room                           within a room
//   1. effects from before have followed      the messages are hung into the other thread, a batch at a time
//   2. each message is copied, in order
//   3. earlier texts come to the moderators
//   4. the thread is shown                    the threads are released, or one is a redirect
//   5. redirects stand for the messages,
//      then for the thread
//   6. read marks, watches and drafts follow  the same
//   7. it is taken off the list               the same
//
// Thread: the home worker of the moderation channels.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "directory/snapshot.hpp"
#include "dispatch/decided.hpp"
#include "forum/move_steps.hpp"
#include "store/channel_store.hpp"

namespace foorumi::dispatch {

class Worker;

class Moves {
   public:
    explicit Moves(Worker& worker) : worker_(worker) {}

    // One has begun in a moderation channel that is at home here.
    void soon();
    // Begins, or goes on, where something is under way.
    void tick(std::chrono::steady_clock::time_point now);

   private:
    using Then = std::function<void()>;
    struct Listed {
        std::string channel;  // moderation channel
        std::string key;
        forum::Move move;
    };
    struct Work {
        Listed listed;
        std::string name;
        forum::Version fence = 0;  // the directory's, when what is being moved was read
        forum::Thread thread;      // as it is while it is held
        forum::Arrived arrived;
        forum::Id to_thread = 0;
        std::vector<forum::Leaving> page;  // of the thread, in order
        bool more = false;
        forum::Id hung = 0;          // a split has looked at the thread up to here
        std::vector<forum::Id> own;  // members whose channels are left

        [[nodiscard]] const forum::Move& move() const { return listed.move; }
        [[nodiscard]] std::string room() const { return forum::room_channel(listed.move.room); }
        [[nodiscard]] std::string to_room() const { return forum::room_channel(listed.move.to_room); }
    };
    using WorkRef = std::shared_ptr<Work>;
    using Decide = std::function<forum::Result<forum::Decision>(const forum::MoveSteps&, const forum::View&)>;

    void find(std::vector<std::string> channels, const std::shared_ptr<std::vector<Listed>>& found);
    void next(const std::shared_ptr<std::vector<Listed>>& found);
    void done();
    void put_off(std::string_view why);
    void ended(const Work& work);

    // moves.cpp: what all have in common.
    void begin(const WorkRef& work);
    void released(const WorkRef& work, const forum::Entity& stands);
    void settle_effects(const WorkRef& work, Then then);
    void read_page(const WorkRef& work, forum::Id after, Then then);
    void read_arrived(const WorkRef& work, forum::Version after, Then then);
    // One commit. `then` gets its version, or, where there was nothing left to do, the channel's.
    void step(const WorkRef& work, const std::string& channel, std::vector<std::string> needs, Decide decide,
              std::function<void(forum::Version)> then);
    void end(const WorkRef& work);

    // moves_away.cpp: to another room.
    void look_there(const WorkRef& work);
    void copy_on(const WorkRef& work);
    void copy(const WorkRef& work, std::size_t n);
    void bring_texts(const WorkRef& work, forum::Id after);
    void bring_texts_of(const WorkRef& work, std::size_t n);
    void show(const WorkRef& work);
    void check_arrived(const WorkRef& work, Then then);
    void redirect_on(const WorkRef& work);
    void redirect_page(const WorkRef& work);
    void close(const WorkRef& work);
    // moves_within.cpp: splits and merges.
    void split_on(const WorkRef& work);
    void end_split(const WorkRef& work);
    void merge_on(const WorkRef& work);
    void end_merge(const WorkRef& work);
    void read_last(const WorkRef& work, forum::Id thread, std::function<void(forum::Id)> then);
    // moves_own.cpp: what members keep for themselves.
    void move_own(const WorkRef& work);
    void move_own_next(const WorkRef& work);

    Worker& worker_;
    Then rest_;  // of this round
    bool busy_ = false;
    bool again_ = false;     // one has begun meanwhile
    bool failed_ = false;    // something of this round
    unsigned failures_ = 0;  // rounds of that kind one behind the other
    std::chrono::steady_clock::time_point next_{};
};

}  // namespace foorumi::dispatch
