// Hashes and compares passwords off the workers, in memory bounded by threads x memory_kib (more where stored hashes
// were made at a higher cost).
//
// Thread-safe, but for stop(). An answer comes once, by the executor that was given with the question, also when this
// is stopped meanwhile: so executors outlive stop(). The password is wiped when its work is done.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "auth/hashing_pool.hpp"
#include "auth/options.hpp"
#include "auth/secret.hpp"
#include "forum/decision.hpp"

namespace foorumi::auth {

struct Verification {
    bool matches = false;
    // The password's hash at the present cost, where it matches and the stored one was made at another; else empty.
    std::string rehashed;
};

class Hasher {
   public:
    // Brings a function to where the answer is wanted, such as a worker; called on any thread.
    using Post = std::function<void(std::function<void()>)>;
    using Hashed = std::function<void(forum::Result<std::string>)>;
    using Verified = std::function<void(forum::Result<Verification>)>;

    // Makes one hash. Throws where there is no memory for it.
    explicit Hasher(const PasswordOptions& options);

    // For work that is to come, as HashingPool's.
    [[nodiscard]] forum::Result<HashingPool::Place> reserve() { return pool_.reserve(); }

    // Places that are taken, for work that is to come, waits or is under way.
    [[nodiscard]] std::uint64_t taken() const { return pool_.taken(); }

    // Answers as hash_password() does, or with stopping. Refused at once, and never answered: stopping.
    [[nodiscard]] forum::Result<void> hash(HashingPool::Place place, Secret password, Post post, Hashed done);

    // Answers as verify_password() does, or with stopping. Without a hash, for there is no such account or it has no
    // password, the same work is done against a hash that nobody knows the password of: the time tells nothing of which
    // accounts there are, once all hashes are of the present cost. Refused at once as above.
    [[nodiscard]] forum::Result<void> verify_or_dummy(HashingPool::Place place, std::optional<std::string> hash,
                                                      Secret password, Post post, Verified done);

    // What waits is answered with stopping; returns when what is under way has been answered.
    void stop() { pool_.stop(); }

   private:
    template <class Answer, class Work>
    forum::Result<void> submit(HashingPool::Place place, Post post, std::function<void(Answer)> done, Work work);
    forum::Result<Verification> verify(const std::optional<std::string>& hash, const Secret& password) const;

    const PasswordOptions options_;
    const std::string dummy_;
    HashingPool pool_;  // last, so that it ends first
};

}  // namespace foorumi::auth
