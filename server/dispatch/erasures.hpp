// Erases members whose time of grace is over, and goes on with what a node that ended has left. Every node does it; who
// comes second finds nothing left to do. Repeated until it is done, so a failure only delays it.
//
// For each member, one after the other:
//   1. one commit takes away all that the directory holds of them (membership::Erase), fenced;
//   2. sign-ins and invitations of theirs are cleared away, and the channels gone through (ChannelSweep): the rooms,
//      and when the feeds were purged once, so that nothing can follow from before, the others;
//   3. the names that they had become free (membership::EndSweep);
//   4. the feeds, which hold what was committed before, are purged, and Redis rewrites its file;
//   5. the note of all this goes, too (membership::EndErasure).
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

    void erase(forum::Id member);
    void erased(forum::Id member);
    void sweep(const directory::ErasureCard& card);
    void sweep(std::shared_ptr<const forum::ErasedMember> member, std::vector<std::string> channels, Then then);
    void end_sweep(forum::Id member);
    void purge(std::uint16_t partition, Then then);
    void rewrite(forum::Id member);
    [[nodiscard]] std::vector<std::string> rooms() const;
    [[nodiscard]] std::vector<std::string> other_channels(forum::Id member) const;
    [[nodiscard]] static bool has_remains(const directory::Snapshot& directory, forum::Id member);
    void commit(MembershipCommand command, Then then);
    void put_off(std::string_view why);

    Worker& worker_;
    Change change_;
    std::function<void()> clear_away_;
    bool busy_ = false;
    std::size_t turn_ = 0;  // of several that are due: one that fails does not keep the others waiting
    std::chrono::steady_clock::time_point next_{};
};

}  // namespace foorumi::dispatch
