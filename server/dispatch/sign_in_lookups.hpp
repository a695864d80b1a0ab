// Looks for sign-ins that the directory in memory does not know: one that another node has just made is in the store
// before this node's feed has brought it. Thread: the directory's home worker.
//
// The store answers a read only when the feed has come as far as what was read, so behind it the directory in memory
// tells the truth. A token of nobody costs one read and no more: it is remembered that there is no such sign-in, and
// who tries many of them waits, by address, as with passwords.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "auth/throttle.hpp"
#include "forum/decision.hpp"

namespace foorumi::dispatch {

class Worker;

class SignInLookups {
   public:
    // Nothing: the directory in memory says now whether there is such a sign-in. A refusal: that cannot be told yet;
    // sign_in_limited, or the store's.
    using Done = std::function<void(std::optional<forum::Refusal>)>;

    explicit SignInLookups(Worker& home);

    // Answered on this worker, within about the store's read deadline. `address`: as for auth::Throttle::admit().
    // REQUIRES: this is the directory's home.
    void look_up(const std::string& token_hash, std::string_view address, Done done);

   private:
    [[nodiscard]] bool is_known_absent(const std::string& token_hash) const;
    void remember_absent(const std::string& token_hash);
    [[nodiscard]] std::int64_t now_ns() const;

    Worker& worker_;
    const auth::SlowdownSeed seed_;
    auth::Slowdown addresses_;
    // A token is told only when its sign-in is stored, so what is absent once stays absent. The older half is forgotten
    // where there are too many.
    std::unordered_set<std::string> absent_;
    std::unordered_set<std::string> absent_before_;
};

}  // namespace foorumi::dispatch
