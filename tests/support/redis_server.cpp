#include "support/redis_server.hpp"

#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

namespace foorumi::test {
namespace {

constexpr auto start_deadline = std::chrono::seconds(20);

void describe(const redisReply& reply, std::string& out) {
    switch (reply.type) {
        case REDIS_REPLY_ARRAY:
            for (std::size_t i = 0; i < reply.elements; ++i) {
                if (i != 0) out += '\n';
                describe(*reply.element[i], out);
            }
            break;
        case REDIS_REPLY_INTEGER:
            out += std::to_string(reply.integer);
            break;
        case REDIS_REPLY_NIL:
            out += "(nil)";
            break;
        case REDIS_REPLY_ERROR:
            out += "(error) ";
            [[fallthrough]];
        default:
            out.append(reply.str, static_cast<std::size_t>(reply.len));
    }
}

using Context = std::unique_ptr<redisContext, void (*)(redisContext*)>;

Context connect(const std::string& socket) { return {redisConnectUnix(socket.c_str()), redisFree}; }

std::string run(redisContext* context, const std::vector<std::string>& arguments) {
    std::vector<const char*> texts;
    std::vector<std::size_t> lengths;
    for (const auto& argument : arguments) {
        texts.push_back(argument.data());
        lengths.push_back(argument.size());
    }
    void* raw = redisCommandArgv(context, static_cast<int>(texts.size()), texts.data(), lengths.data());
    if (raw == nullptr) return "(lost)";
    const std::unique_ptr<void, void (*)(void*)> owner(raw, freeReplyObject);
    std::string out;
    describe(*static_cast<redisReply*>(raw), out);
    return out;
}

}  // namespace

RedisServer::RedisServer(std::vector<std::string> arguments) : arguments_(std::move(arguments)) { start(); }

RedisServer::~RedisServer() { end(SIGKILL); }

void RedisServer::kill() { end(SIGKILL); }

void RedisServer::shut_down() { end(SIGTERM); }

void RedisServer::freeze() { ::kill(child_, SIGSTOP); }

void RedisServer::thaw() { ::kill(child_, SIGCONT); }

void RedisServer::end(int signal) {
    if (child_ <= 0) return;
    ::kill(child_, signal);
    int status = 0;
    while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) {
    }
    child_ = -1;
}

void RedisServer::start_with(std::vector<std::string> arguments) {
    arguments_ = std::move(arguments);
    start();
}

void RedisServer::start() {
    std::vector<std::string> command{"redis-server",
                                     "--port",
                                     "0",
                                     "--unixsocket",
                                     socket(),
                                     "--dir",
                                     directory().string(),
                                     "--save",
                                     "",
                                     "--appendonly",
                                     "yes",
                                     "--appendfsync",
                                     "always",
                                     "--maxmemory-policy",
                                     "noeviction",
                                     "--logfile",
                                     (directory() / "redis.log").string()};
    command.insert(command.end(), arguments_.begin(), arguments_.end());
    std::vector<char*> argv;
    for (auto& argument : command) argv.push_back(argument.data());
    argv.push_back(nullptr);
    const auto parent = ::getpid();
    child_ = ::fork();
    if (child_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) ::_exit(1);
        ::execvp(argv[0], argv.data());
        ::_exit(127);
    }
    const auto deadline = std::chrono::steady_clock::now() + start_deadline;
    while (!serves()) {
        int status = 0;
        const bool ended = ::waitpid(child_, &status, WNOHANG) == child_;
        if (ended) child_ = -1;
        if (ended || std::chrono::steady_clock::now() > deadline)
            throw std::runtime_error("redis-server does not start");
        ::poll(nullptr, 0, 2);
    }
}

bool RedisServer::serves() {
    const auto context = connect(socket());
    return context && context->err == 0 && run(context.get(), {"PING"}) == "PONG";
}

std::string RedisServer::command(const std::vector<std::string>& arguments) {
    const auto context = connect(socket());
    if (!context || context->err != 0) return "(lost)";
    return run(context.get(), arguments);
}

}  // namespace foorumi::test
