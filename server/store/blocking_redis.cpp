#include "store/blocking_redis.hpp"

#include <sys/time.h>

namespace foorumi::store {
namespace {

redisContext* connect(const Endpoint& endpoint, std::chrono::milliseconds timeout) {
    const timeval limit{.tv_sec = static_cast<time_t>(timeout.count() / 1000),
                        .tv_usec = static_cast<suseconds_t>(timeout.count() % 1000 * 1000)};
    auto* const context = endpoint.path.empty() ? redisConnectWithTimeout(endpoint.host.c_str(), endpoint.port, limit)
                                                : redisConnectUnixWithTimeout(endpoint.path.c_str(), limit);
    if (context != nullptr && context->err == 0) redisSetTimeout(context, limit);
    return context;
}

}  // namespace

std::vector<std::string> sign_in_command(const Endpoint& endpoint) {
    if (endpoint.user.empty() && endpoint.password.empty()) return {};
    if (endpoint.user.empty()) return {"AUTH", endpoint.password};
    return {"AUTH", endpoint.user, endpoint.password};
}

BlockingRedis::BlockingRedis(const Endpoint& endpoint, std::chrono::milliseconds timeout)
    : context_(connect(endpoint, timeout), redisFree) {}

std::string BlockingRedis::error() const {
    if (!context_) return "out of memory";
    return context_->err == 0 ? std::string() : std::string(context_->errstr);
}

BlockingRedis::Answer BlockingRedis::run(const std::vector<std::string>& arguments) {
    std::vector<const char*> texts;
    std::vector<std::size_t> lengths;
    for (const auto& argument : arguments) {
        texts.push_back(argument.data());
        lengths.push_back(argument.size());
    }
    return Answer(redisCommandArgv(context_.get(), static_cast<int>(texts.size()), texts.data(), lengths.data()));
}

}  // namespace foorumi::store
