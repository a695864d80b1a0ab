#include "server_process.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "session.hpp"

namespace foorumi::bench {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

constexpr std::chrono::seconds start_deadline{120};  // the demo content and the rooms are made meanwhile
constexpr std::chrono::seconds stop_deadline{20};
constexpr std::chrono::milliseconds look_interval{20};

// Limits that would measure the limits.
constexpr const char* config_text = R"([session]
requests_per_second = 1000000
request_burst = 1000000
member_requests_per_second = 1000000
member_request_burst = 1000000
)";

std::string read_file(const fs::path& path) {
    std::ifstream in(path);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

}  // namespace

void pin_to_core(int core) {
    if (core < 0) return;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<std::size_t>(core), &set);
    if (::sched_setaffinity(0, sizeof set, &set) != 0) {
        throw std::system_error(errno, std::system_category(), "sched_setaffinity");
    }
}

std::vector<int> available_cores() {
    cpu_set_t set;
    CPU_ZERO(&set);
    ::sched_getaffinity(0, sizeof set, &set);
    std::vector<int> cores;
    for (int core = 0; core < CPU_SETSIZE; ++core) {
        if (CPU_ISSET(static_cast<std::size_t>(core), &set)) cores.push_back(core);
    }
    return cores;
}

std::string server_version(const fs::path& program) {
    std::string command = program.string();
    command.insert(0, 1, '\'').append("' --version");
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), &::pclose);
    std::array<char, 256> line{};
    if (!pipe || std::fgets(line.data(), static_cast<int>(line.size()), pipe.get()) == nullptr) {
        throw std::runtime_error(program.string() + " cannot be run");
    }
    std::string version(line.data());
    while (!version.empty() && version.back() == '\n') version.pop_back();
    return version;
}

ServerProcess::ServerProcess(const ServerOptions& options) {
    std::string pattern = (fs::absolute(options.directory) / "foorumi-bench-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::system_error(errno, std::system_category(), pattern);
    data_ = pattern;
    std::ofstream(data_ / "bench.toml") << config_text;
    start(options);
    try {
        wait_until_ready();
        read_tokens();
    } catch (...) {
        stop();
        throw;
    }
}

ServerProcess::~ServerProcess() { stop(); }

void ServerProcess::start(const ServerOptions& options) {
    const std::vector<std::string> arguments = {options.program.string(),
                                                "--config",
                                                (data_ / "bench.toml").string(),
                                                "--data",
                                                (data_ / "var").string(),
                                                "--port",
                                                "0",
                                                "--workers",
                                                "1",
                                                "--log-level",
                                                "warning",
                                                "--demo",
                                                "--bench-rooms",
                                                std::to_string(options.rooms)};
    std::vector<char*> argv;
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    const std::string log = (data_ / "log").string();
    pid_ = ::fork();
    if (pid_ < 0) throw std::system_error(errno, std::system_category(), "fork");
    if (pid_ > 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    pin_to_core(options.core);  // its Redis inherits this
    const int fd = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    ::dup2(fd, 1);
    ::dup2(fd, 2);
    ::execv(argv[0], argv.data());
    std::perror(argv[0]);
    ::_exit(127);
}

void ServerProcess::wait_until_ready() {
    const auto end = steady_clock::now() + start_deadline;
    while (steady_clock::now() < end) {
        int status = 0;
        if (::waitpid(pid_, &status, WNOHANG) == pid_) {
            pid_ = -1;
            throw std::runtime_error("foorumid has ended at its start:\n" + log_end());
        }
        std::ifstream port_file(data_ / "var" / "port");
        if (port_file >> port_ && is_healthy(port_)) return;
        std::this_thread::sleep_for(look_interval);
    }
    throw std::runtime_error("foorumid does not get ready:\n" + log_end());
}

void ServerProcess::read_tokens() {
    for (const auto& entry : fs::directory_iterator(data_ / "var" / "demo")) {
        if (entry.path().extension() != ".token") continue;
        std::string token = read_file(entry.path());
        while (!token.empty() && std::isspace(static_cast<unsigned char>(token.back()))) token.pop_back();
        tokens_.push_back(token);
    }
    if (tokens_.empty()) throw std::runtime_error("the server has no demo members");
}

std::size_t ServerProcess::memory_bytes() const {
    std::ifstream in("/proc/" + std::to_string(pid_) + "/smaps_rollup");
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("Rss:")) return std::stoul(line.substr(4)) * 1024;
    }
    throw std::runtime_error("no smaps_rollup of the server");
}

void ServerProcess::stop() {
    if (pid_ > 0) {
        ::kill(pid_, SIGTERM);
        const auto end = steady_clock::now() + stop_deadline;
        while (::waitpid(pid_, nullptr, WNOHANG) == 0) {
            if (steady_clock::now() > end) ::kill(pid_, SIGKILL);
            std::this_thread::sleep_for(look_interval);
        }
        pid_ = -1;
    }
    std::error_code ignored;  // a directory that stays harms nobody
    fs::remove_all(data_, ignored);
}

std::string ServerProcess::log_end() const {
    const std::string text = read_file(data_ / "log");
    return text.size() > 2000 ? text.substr(text.size() - 2000) : text;
}

}  // namespace foorumi::bench
