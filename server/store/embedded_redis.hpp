// A private redis-server as a child process: in a data directory that it owns, on a unix socket, without a port, as
// durable as Foorumi requires; started again when it dies.
//
// Thread: all of it on the thread that runs the io_context, and that must be one that lives as long as the process (the
// main thread): the kernel ends the child when the THREAD that started it ends. The child is in a session of its own:
// Ctrl-C in the terminal reaches only the server, which then stops it in order.
#pragma once

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "store/owner_lock.hpp"

namespace foorumi::store {

struct EmbeddedRedisOptions {
    std::filesystem::path directory;                  // made with mode 0700 if it is not there
    std::string program = "redis-server";             // looked up in PATH
    std::chrono::milliseconds orphan_wait{30'000};    // for the Redis of a server that was killed
    std::chrono::milliseconds stop_deadline{10'000};  // from SIGTERM to SIGKILL
};

class EmbeddedRedis {
   public:
    EmbeddedRedis(boost::asio::io_context& context, EmbeddedRedisOptions options);
    // Ends the child if stop() has not: blocks until it is gone, up to the stop deadline.
    ~EmbeddedRedis();
    EmbeddedRedis(const EmbeddedRedis&) = delete;
    EmbeddedRedis& operator=(const EmbeddedRedis&) = delete;

    // Takes the directory and starts the child. Blocks only for an orphan. Not empty: the error, and nothing was
    // started. The child serves a little later: check_installation() waits for it.
    [[nodiscard]] std::string start();

    // For Options::url and check_installation(); works in this process only where the directory's path is long.
    [[nodiscard]] std::string url() const;
    [[nodiscard]] pid_t pid() const;

    // Ends the child (SIGTERM, at the deadline SIGKILL), gives the directory free and calls `done`. The stores must
    // have stopped.
    void stop(std::function<void()> done);

   private:
    class Supervisor;
    std::shared_ptr<Supervisor> supervisor_;
};

}  // namespace foorumi::store
