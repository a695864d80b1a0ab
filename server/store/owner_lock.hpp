// One owner of a data directory: two lock files, both released by the kernel however their holder ends.
//
// "owner.lock" is held by the server and names its process. "redis.lock" is inherited by the Redis child, so that it is
// held as long as any Redis works on the files, also one whose server was killed.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "store/unique_fd.hpp"

namespace foorumi::store {

class OwnerLock {
   public:
    struct Acquired;

    // Creates the directory (mode 0700) if it is not there. Refused at once where another server owns it; waits up to
    // `orphan_wait` for the Redis of a killed server to end.
    [[nodiscard]] static Acquired acquire(const std::filesystem::path& directory,
                                          std::chrono::milliseconds orphan_wait = std::chrono::seconds(30));

    // To be inherited by the Redis child: close-on-exec is set, the child clears it.
    [[nodiscard]] int redis_lock() const { return redis_.get(); }

   private:
    UniqueFd owner_;
    UniqueFd redis_;
};

struct OwnerLock::Acquired {
    OwnerLock lock;
    std::string error;  // not empty: not acquired
};

}  // namespace foorumi::store
