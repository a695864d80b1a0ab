// foorumid as a child process in a directory of its own, on one core. Ended and removed with its data in the
// destructor.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace foorumi::bench {

struct ServerOptions {
    std::filesystem::path program;
    std::filesystem::path directory;  // a new one is made in it for the data
    int core = -1;                    // -1: not pinned
    unsigned rooms = 0;
};

class ServerProcess {
   public:
    // Returns when the server answers GET /healthz. Throws std::runtime_error with the end of its log if it does not.
    explicit ServerProcess(const ServerOptions& options);
    ~ServerProcess();
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    // Of the demo members.
    [[nodiscard]] const std::vector<std::string>& tokens() const { return tokens_; }
    // Of foorumid alone, without its Redis.
    [[nodiscard]] std::size_t memory_bytes() const;

   private:
    void start(const ServerOptions& options);
    void wait_until_ready();
    void read_tokens();
    void stop();
    [[nodiscard]] std::string log_end() const;

    std::filesystem::path data_;
    pid_t pid_ = -1;
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
