// foorumid as a child process in a directory of its own, on one core, with logs as it has them by default and metrics
// that are fetched once a second. Ended and removed with its data in the destructor.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "child.hpp"
#include "session.hpp"

namespace foorumi::bench {

struct ServerOptions {
    std::filesystem::path program;
    std::filesystem::path directory;  // a new one is made in it for the data
    int core = -1;                    // -1: not pinned
    unsigned rooms = 0;
    bool tls = false;
    unsigned workers = 1;
};

class ServerProcess {
   public:
    // Returns when the server answers GET /healthz. Throws std::runtime_error with the end of its log if it does not.
    explicit ServerProcess(ServerOptions options);
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] Address address() const { return {port_, options_.tls}; }
    // Of the demo members.
    [[nodiscard]] const std::vector<std::string>& tokens() const { return tokens_; }
    [[nodiscard]] pid_t pid() const { return child_->pid(); }
    // Of foorumid alone, without its Redis.
    [[nodiscard]] std::size_t memory_bytes() const { return resident_bytes(pid()); }
    // Its Redis' unix socket.
    [[nodiscard]] std::filesystem::path redis_socket() const { return directory_.path() / "var" / "redis.sock"; }

    // kill -9, and a new start on the same data and port.
    void restart();

   private:
    void start();
    void wait_until_ready();
    void read_tokens();
    [[nodiscard]] std::string log_end() const;

    ServerOptions options_;
    WorkDirectory directory_;
    std::optional<Child> child_;
    std::optional<Child> scrapes_;  // beside the load
    std::uint16_t port_ = 0;
    std::vector<std::string> tokens_;
};

// What `foorumid --version` prints. Throws std::runtime_error if it cannot be run.
[[nodiscard]] std::string server_version(const std::filesystem::path& program);

// Pins the calling thread; -1: leaves it.
void pin_to_core(int core);
// The cores that this process may run on.
[[nodiscard]] std::vector<int> available_cores();

}  // namespace foorumi::bench
