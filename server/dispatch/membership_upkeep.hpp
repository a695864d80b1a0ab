// What time brings to the directory: council terms begin and end, sign-ins and invitations expire, uses are noted.
// Every node does it; who comes second finds nothing left to do. Repeated until it is done, so a failure only delays
// it.
//
// Thread: the directory's home worker.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>

#include "dispatch/membership_job.hpp"

namespace foorumi::dispatch {

class Worker;

class MembershipUpkeep {
   public:
    using Change = std::function<void(std::shared_ptr<MembershipJob>)>;
    MembershipUpkeep(Worker& worker, Change change) : worker_(worker), change_(std::move(change)) {}

    // The sign-in is in use. Noted soon, with others.
    void note_use(const std::string& token_hash);

    // Something is over: it is cleared away at the next tick.
    void expire_soon() { next_expiry_ = {}; }

    // Turns terms at the second; the rest now and then.
    void tick(std::chrono::steady_clock::time_point now);

    // Uses that wait to be noted; further ones come again later.
    static constexpr std::size_t most_uses = 10'000;

   private:
    void turn_terms();
    void expire();
    void forget_sanctions();
    void note_uses();
    void begin(MembershipCommand command, bool& under_way);

    Worker& worker_;
    Change change_;
    std::unordered_set<std::string> used_;
    std::chrono::steady_clock::time_point next_expiry_{};
    std::chrono::steady_clock::time_point next_notes_{};
    bool turning_ = false, expiring_ = false, noting_ = false, forgetting_ = false;  // under way
};

}  // namespace foorumi::dispatch
