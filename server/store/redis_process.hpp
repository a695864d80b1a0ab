// Starting and ending one redis-server process. Blocking parts say so.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "store/unique_fd.hpp"

namespace foorumi::store {

struct RedisProcessOptions {
    std::filesystem::path directory;
    std::string program;
    int inherited_lock = -1;
};

class RedisProcess {
   public:
    // Starts it. See error().
    [[nodiscard]] static RedisProcess start(const RedisProcessOptions& options);

    RedisProcess() = default;

    [[nodiscard]] pid_t pid() const { return pid_; }
    // Readable once the process has ended.
    [[nodiscard]] int pidfd() const { return pidfd_.get(); }
    [[nodiscard]] bool running() const { return pid_ > 0; }
    // 0, or the errno of what failed.
    [[nodiscard]] int error() const { return error_; }

    void send_signal(int signal) const;
    // Blocks until it has ended; false: it did not within the time.
    [[nodiscard]] bool wait(std::chrono::milliseconds limit) const;
    // REQUIRES: it has ended. How, in words.
    std::string reap();

   private:
    pid_t pid_ = -1;
    UniqueFd pidfd_;
    int error_ = 0;
};

}  // namespace foorumi::store
