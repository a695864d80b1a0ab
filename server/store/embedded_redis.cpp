#include "store/embedded_redis.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/un.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstring>
#include <random>

#include "store/reconnect.hpp"
#include "store/redis_process.hpp"

namespace foorumi::store {
namespace {

using boost::system::error_code;

constexpr std::size_t max_socket_path = sizeof(sockaddr_un::sun_path) - 1;
constexpr std::chrono::seconds stable_after{30};  // of running: its next death is a new story

// A rewrite of the append-only file that was killed leaves its file, which Redis never looks at again: what is taken
// away later would stay in it.
void remove_unfinished(const std::filesystem::path& directory) {
    std::error_code ignored;
    for (const auto& file : std::filesystem::directory_iterator(directory, ignored)) {
        const auto name = file.path().filename().string();
        const bool unfinished =
            name.starts_with("temp-rewriteaof-") || (name.starts_with("temp-") && name.ends_with(".rdb"));
        if (unfinished) std::filesystem::remove(file.path(), ignored);
    }
}

}  // namespace

class EmbeddedRedis::Supervisor : public std::enable_shared_from_this<Supervisor> {
   public:
    Supervisor(boost::asio::io_context& context, EmbeddedRedisOptions options)
        : options_(std::move(options)),
          context_(context),
          timer_(context),
          ended_(context),
          random_(std::random_device{}()) {}

    std::string start();
    void stop(std::function<void()> done);
    void end_now();
    [[nodiscard]] std::string url() const { return "unix:" + socket_; }
    [[nodiscard]] pid_t pid() const { return process_.pid(); }

   private:
    std::string spawn();
    void watch();
    void died();
    void start_later();
    void finish();

    EmbeddedRedisOptions options_;
    boost::asio::io_context& context_;
    boost::asio::steady_timer timer_;
    boost::asio::posix::stream_descriptor ended_;  // the process's pidfd, while it is watched
    std::minstd_rand random_;
    Backoff backoff_{std::chrono::milliseconds(50), std::chrono::milliseconds(5'000)};
    OwnerLock lock_;
    UniqueFd directory_fd_;
    std::string socket_;
    RedisProcess process_;
    std::chrono::steady_clock::time_point started_{};
    bool stopping_ = false;
    std::function<void()> stopped_;
};

std::string EmbeddedRedis::Supervisor::start() {
    auto acquired = OwnerLock::acquire(options_.directory, options_.orphan_wait);
    if (!acquired.error.empty()) return acquired.error;
    lock_ = std::move(acquired.lock);
    std::error_code error;
    options_.directory = std::filesystem::canonical(options_.directory, error);
    socket_ = (options_.directory / "redis.sock").string();
    if (socket_.size() > max_socket_path) {
        // The same socket, by a name that is short in this process.
        directory_fd_ = UniqueFd(::open(options_.directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        socket_ = fmt::format("/proc/self/fd/{}/redis.sock", directory_fd_.get());
    }
    auto problem = spawn();
    if (!problem.empty()) lock_ = {};
    return problem;
}

std::string EmbeddedRedis::Supervisor::spawn() {
    std::error_code ignored;
    std::filesystem::remove(options_.directory / "redis.sock", ignored);
    remove_unfinished(options_.directory);
    process_ = RedisProcess::start(
        {.directory = options_.directory, .program = options_.program, .inherited_lock = lock_.redis_lock()});
    if (!process_.running()) {
        return fmt::format("{} cannot be started: {}. Install redis-server, or name an external Redis",
                           options_.program, std::strerror(process_.error()));
    }
    started_ = std::chrono::steady_clock::now();
    spdlog::info("redis-server {} started in {}", process_.pid(), options_.directory.string());
    watch();
    return {};
}

void EmbeddedRedis::Supervisor::watch() {
    ended_.assign(::fcntl(process_.pidfd(), F_DUPFD_CLOEXEC, 0));
    ended_.async_wait(boost::asio::posix::stream_descriptor::wait_read, [self = shared_from_this()](error_code error) {
        if (!error) self->died();
    });
}

void EmbeddedRedis::Supervisor::died() {
    ended_.close();
    const auto pid = process_.pid();
    const auto how = process_.reap();
    if (stopping_) {
        spdlog::info("redis-server {} ended: {}", pid, how);
        return finish();
    }
    if (std::chrono::steady_clock::now() - started_ > stable_after) backoff_.reset();
    spdlog::error("redis-server {} ended: {}; see {}", pid, how, (options_.directory / "redis.log").string());
    start_later();
}

void EmbeddedRedis::Supervisor::start_later() {
    timer_.expires_after(backoff_.next(static_cast<std::uint32_t>(random_())));
    timer_.async_wait([self = shared_from_this()](error_code error) {
        if (error || self->stopping_) return;
        const auto problem = self->spawn();
        if (problem.empty()) return;
        spdlog::error("{}", problem);
        self->start_later();
    });
}

void EmbeddedRedis::Supervisor::stop(std::function<void()> done) {
    stopped_ = std::move(done);
    timer_.cancel();
    if (std::exchange(stopping_, true) || !process_.running()) {
        boost::asio::post(context_, [self = shared_from_this()] { self->finish(); });
        return;
    }
    process_.send_signal(SIGTERM);
    timer_.expires_after(options_.stop_deadline);
    timer_.async_wait([self = shared_from_this()](error_code error) {
        if (error) return;
        spdlog::error("redis-server {} does not end: killed", self->process_.pid());
        self->process_.send_signal(SIGKILL);
    });
}

void EmbeddedRedis::Supervisor::finish() {
    timer_.cancel();
    lock_ = {};
    const auto done = std::exchange(stopped_, nullptr);
    if (done) done();
}

void EmbeddedRedis::Supervisor::end_now() {
    stopping_ = true;
    stopped_ = nullptr;
    timer_.cancel();
    error_code ignored;
    ended_.close(ignored);
    if (!process_.running()) return;
    process_.send_signal(SIGTERM);
    if (!process_.wait(options_.stop_deadline)) process_.send_signal(SIGKILL);
    process_.reap();
    lock_ = {};
}

EmbeddedRedis::EmbeddedRedis(boost::asio::io_context& context, EmbeddedRedisOptions options)
    : supervisor_(std::make_shared<Supervisor>(context, std::move(options))) {}

EmbeddedRedis::~EmbeddedRedis() { supervisor_->end_now(); }

std::string EmbeddedRedis::start() { return supervisor_->start(); }

std::string EmbeddedRedis::url() const { return supervisor_->url(); }

pid_t EmbeddedRedis::pid() const { return supervisor_->pid(); }

void EmbeddedRedis::stop(std::function<void()> done) { supervisor_->stop(std::move(done)); }

}  // namespace foorumi::store
