#include "store/redis_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spdlog/fmt/fmt.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

#include "base/mutants.hpp"

namespace foorumi::store {
namespace {

// Relative paths: the child's working directory is the data directory, so a socket's path is never too long.
std::vector<std::string> command_line(const std::string& program) {
    std::vector<std::string> words{program,      "--port",
                                   "0",          "--unixsocket",
                                   "redis.sock", "--unixsocketperm",
                                   "700",        "--dir",
                                   "./",         "--appendonly",
                                   "yes",        "--appendfsync",
                                   "always",     "--no-appendfsync-on-rewrite",
                                   "no",         "--save",
                                   "",           "--maxmemory-policy",
                                   "noeviction", "--aof-use-rdb-preamble",
                                   "yes",        "--logfile",
                                   "redis.log",  "--daemonize",
                                   "no",         "--supervised",
                                   "no"};
    if (FOORUMI_MUTANT(syncs_by_the_second)) std::ranges::replace(words, "always", "everysec");
    return words;
}

// Between fork and exec: only what is async-signal-safe.
[[noreturn]] void become_redis(const char* directory, char* const* argv, int lock, pid_t parent, int report) {
    ::setsid();
    ::umask(0077);
    // The server's handlers must not swallow the signal that follows its death.
    ::signal(SIGTERM, SIG_DFL);
    ::signal(SIGINT, SIG_DFL);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(1);  // it ended before the line above
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    if (lock >= 0) ::fcntl(lock, F_SETFD, 0);
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing >= 0) ::dup2(nothing, STDIN_FILENO);
    if (::chdir(directory) == 0) ::execvp(argv[0], argv);
    const int error = errno;
    [[maybe_unused]] const auto written = ::write(report, &error, sizeof error);
    ::_exit(127);
}

}  // namespace

RedisProcess RedisProcess::start(const RedisProcessOptions& options) {
    RedisProcess process;
    auto command = command_line(options.program);
    std::vector<char*> argv;
    for (auto& argument : command) argv.push_back(argument.data());
    argv.push_back(nullptr);
    // The exec closes the pipe; what comes through it before is the error.
    std::array<int, 2> report{};
    if (::pipe2(report.data(), O_CLOEXEC) != 0) {
        process.error_ = errno;
        return process;
    }
    const UniqueFd reading(report[0]);
    UniqueFd writing(report[1]);
    const auto parent = ::getpid();
    process.pid_ = ::fork();
    if (process.pid_ == 0) {
        become_redis(options.directory.c_str(), argv.data(), options.inherited_lock, parent, writing.get());
    }
    if (process.pid_ < 0) {
        process.error_ = errno;
        return process;
    }
    writing.reset();
    int error = 0;
    if (::read(reading.get(), &error, sizeof error) == static_cast<ssize_t>(sizeof error)) {
        ::waitpid(process.pid_, nullptr, 0);
        process.pid_ = -1;
        process.error_ = error;
        return process;
    }
    process.pidfd_ = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, process.pid_, 0)));
    return process;
}

void RedisProcess::send_signal(int signal) const {
    if (running()) ::kill(pid_, signal);
}

bool RedisProcess::wait(std::chrono::milliseconds limit) const {
    pollfd ended{.fd = pidfd_.get(), .events = POLLIN, .revents = 0};
    const auto until = std::chrono::steady_clock::now() + limit;
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        const int ready = ::poll(&ended, 1, left.count() > 0 ? static_cast<int>(left.count()) : 0);
        if (ready > 0) return true;
        if (ready == 0) return false;
    }
}

std::string RedisProcess::reap() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    pidfd_.reset();
    if (WIFSIGNALED(status)) return fmt::format("signal {}", WTERMSIG(status));
    return fmt::format("exit status {}", WEXITSTATUS(status));
}

}  // namespace foorumi::store
