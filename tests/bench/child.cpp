#include "child.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

#include "server_process.hpp"
#include "session.hpp"

namespace foorumi::bench {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

constexpr std::chrono::seconds start_deadline{30};
constexpr std::chrono::seconds stop_deadline{20};
constexpr std::chrono::milliseconds look_interval{10};

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::system_category(), what); }

[[noreturn]] void run_program(const std::vector<std::string>& command, const fs::path& log) {
    std::vector<char*> argv;
    for (const std::string& argument : command) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    const int fd = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    ::dup2(fd, 1);
    ::dup2(fd, 2);
    ::execvp(argv[0], argv.data());
    std::perror(argv[0]);
    ::_exit(127);
}

}  // namespace

Child::Child(int core, const std::function<void()>& body) {
    pid_ = ::fork();
    if (pid_ < 0) fail("fork");
    if (pid_ > 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::signal(SIGPIPE, SIG_IGN);
    pin_to_core(core);
    body();
    ::_exit(0);
}

Child::Child(int core, const std::vector<std::string>& command, const fs::path& log)
    : Child(core, [&] {
          ::prctl(PR_SET_PDEATHSIG, SIGTERM);
          run_program(command, log);
      }) {}

Child::Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}

Child::~Child() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGTERM);
    const auto end = steady_clock::now() + stop_deadline;
    while (running()) {
        if (steady_clock::now() > end) ::kill(pid_, SIGKILL);
        std::this_thread::sleep_for(look_interval);
    }
}

bool Child::running() {
    if (pid_ <= 0) return false;
    if (::waitpid(pid_, nullptr, WNOHANG) == 0) return true;
    pid_ = -1;
    return false;
}

void Child::kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

WorkDirectory::WorkDirectory(const fs::path& below) {
    std::string pattern = (fs::absolute(below) / "foorumi-bench-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::system_error(errno, std::system_category(), pattern);
    path_ = pattern;
}

WorkDirectory::~WorkDirectory() {
    std::error_code ignored;  // a directory that stays harms nobody
    fs::remove_all(path_, ignored);
}

int listen_on_loopback(std::uint16_t& port) {
    const int listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listening, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listening, 4096) != 0 ||
        ::getsockname(listening, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        fail("listen");
    }
    port = ntohs(address.sin_port);
    return listening;
}

std::uint16_t free_port() {
    std::uint16_t port = 0;
    ::close(listen_on_loopback(port));
    return port;
}

void await_port(std::uint16_t port, Child& child, const std::string& name) {
    const auto end = steady_clock::now() + start_deadline;
    while (steady_clock::now() < end) {
        if (!child.running()) throw std::runtime_error(name + " has ended at its start");
        try {
            ::close(connect_to(port));
            return;
        } catch (const std::system_error&) {
            std::this_thread::sleep_for(look_interval);
        }
    }
    throw std::runtime_error(name + " does not get ready");
}

std::size_t resident_bytes(pid_t pid) {
    std::ifstream in("/proc/" + std::to_string(pid) + "/smaps_rollup");
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("Rss:")) return std::stoul(line.substr(4)) * 1024;
    }
    throw std::runtime_error("no smaps_rollup of process " + std::to_string(pid));
}

bool is_installed(const std::string& program) {
    const char* const path = std::getenv("PATH");
    std::stringstream folders(std::string(path == nullptr ? "" : path) + ":/usr/sbin");
    for (std::string folder; std::getline(folders, folder, ':');) {
        if (::access((fs::path(folder) / program).c_str(), X_OK) == 0) return true;
    }
    return false;
}

}  // namespace foorumi::bench
