// Erases members whose time of grace is over, and goes on with what a node that ended has left. Every node does it; who
// comes second finds nothing left to do. Repeated until it is done, so a failure only delays it.
//
// For each member, one after the other:
//   1. one commit takes away all that the directory holds of them (membership::Erase), fenced;
//   2. sign-ins and invitations of theirs are cleared away, and the channels gone through (ChannelSweep): the rooms,
//      and when the feeds were purged once, so that nothing can follow from before, the others;
//   3. that is noted, fenced: no node goes through them any more (membership::EndSweep);
//   4. the feeds, which hold what was committed before, are purged, and Redis rewrites its file;
//   5. the names that they had become free, and the note of all this goes, too (membership::EndErasure).
//
// Thread: the directory's home worker.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "directory/snapshot.hpp"
#include "dispatch/membership_job.hpp"
#include "forum/erasure_rules.hpp"

namespace foorumi::dispatch {

class Worker;

class Erasures {
   public:
    using Change = std::function<void(std::shared_ptr<MembershipJob>)>;
    // `clear_away`: asks for what is over to be cleared away soon.
    Erasures(Worker& worker, Change change, std::function<void()> clear_away)
        : worker_(worker), change_(std::move(change)), clear_away_(std::move(clear_away)) {}

    // Begins, or goes on, where something is due.
    void tick(std::chrono::steady_clock::time_point now);

   private:
    using Then = std::function<void()>;
    struct Round {
        std::shared_ptr<const forum::ErasedMember> member;
        std::vector<std::string> channels;  // that are left
        Then then;
    };

    void go_on(const directory::Snapshot& directory, const directory::ErasureCard& card);
    void erase(forum::Id member);
    using EpochRef = std::shared_ptr<std::optional<store::Epoch>>;  // of the pages before; nothing: this is the first
    void look_for_names(const std::shared_ptr<membership::Erase>& command, const EpochRef& epoch, store::Version since);
    static void note_names(membership::Erase& command, const store::KeyedValue& stored);
    void erased(forum::Id member);
    void sweep(const directory::ErasureCard& card);
    void sweep_next(const std::shared_ptr<Round>& round);
    void end_sweep(forum::Id member);
    void purge(std::uint16_t partition, Then then);
    void rewrite(forum::Id member);
    [[nodiscard]] std::vector<std::string> rooms() const;
    [[nodiscard]] std::vector<std::string> other_channels(forum::Id member) const;
    [[nodiscard]] static bool has_remains(const directory::Snapshot& directory, forum::Id member);
    void commit(MembershipCommand command, Then then);
    void done();
    void put_off(std::string_view why);

    Worker& worker_;
    Change change_;
    std::function<void()> clear_away_;
    bool busy_ = false;
    std::size_t turn_ = 0;   // of several: one that fails does not keep the others waiting
    unsigned failures_ = 0;  // one behind the other
    std::chrono::steady_clock::time_point next_{};
};

}  // namespace foorumi::dispatch
