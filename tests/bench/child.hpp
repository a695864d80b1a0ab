// Child processes of the benchmark: on one core, ended with it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace foorumi::bench {

class Child {
   public:
    // Runs `body` in a fork; the child ends when it returns. core -1: not pinned.
    Child(int core, const std::function<void()>& body);
    // Runs a program found in PATH, its output appended to `log`.
    Child(int core, const std::vector<std::string>& command, const std::filesystem::path& log);
    ~Child();  // SIGTERM, and SIGKILL after some seconds
    Child(Child&& other) noexcept;
    Child& operator=(Child&&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }
    [[nodiscard]] bool running();
    void kill();

   private:
    pid_t pid_ = -1;
};

// A directory for data, removed with everything in it.
class WorkDirectory {
   public:
    explicit WorkDirectory(const std::filesystem::path& below);
    ~WorkDirectory();
    WorkDirectory(const WorkDirectory&) = delete;
    WorkDirectory& operator=(const WorkDirectory&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

   private:
    std::filesystem::path path_;
};

// A socket that listens on a free port of the loopback; `port` tells which.
[[nodiscard]] int listen_on_loopback(std::uint16_t& port);
// A port that was free a moment ago, for programs that have to be told one.
[[nodiscard]] std::uint16_t free_port();
// Waits until something accepts connections there; throws std::runtime_error if `child` ends before.
void await_port(std::uint16_t port, Child& child, const std::string& name);

// Resident memory of a process.
[[nodiscard]] std::size_t resident_bytes(pid_t pid);

// Whether a program of that name is in PATH (or in /usr/sbin).
[[nodiscard]] bool is_installed(const std::string& program);

}  // namespace foorumi::bench
