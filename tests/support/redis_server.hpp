// A real redis-server for a test: a unix socket in a temporary directory, no port, set up as Foorumi requires it.
// Ends with its owner. Throws std::runtime_error where it does not start within 20 s.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "support/temporary_directory.hpp"

struct redisContext;

namespace foorumi::test {

class RedisServer {
   public:
    // Further arguments come behind the defaults, and override them.
    explicit RedisServer(std::vector<std::string> arguments = {});
    ~RedisServer();
    RedisServer(const RedisServer&) = delete;
    RedisServer& operator=(const RedisServer&) = delete;

    // Both wait for the end.
    void kill();       // SIGKILL
    void shut_down();  // SIGTERM
    // Stops it in its tracks, as a hanging disk does, and lets it go on.
    void freeze();
    void thaw();
    // Starts it again, on the same files, and waits until it serves.
    void start();
    void start_with(std::vector<std::string> arguments);

    [[nodiscard]] std::string socket() const { return (directory_.path() / "redis.sock").string(); }
    [[nodiscard]] std::string url() const { return "unix:" + socket(); }
    [[nodiscard]] const std::filesystem::path& directory() const { return directory_.path(); }

    // One command on an own connection. An array comes as its elements, one a line; an error as "(error) text"; nil as
    // "(nil)".
    std::string command(const std::vector<std::string>& arguments);

   private:
    void end(int signal);
    [[nodiscard]] bool serves();

    TemporaryDirectory directory_;
    std::vector<std::string> arguments_;
    pid_t child_ = -1;
};

}  // namespace foorumi::test
