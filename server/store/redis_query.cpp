#include "store/redis_query.hpp"

namespace foorumi::store {
namespace {

RedisClientOptions query_options(const Endpoint& endpoint, std::string name, std::chrono::milliseconds deadline) {
    RedisClientOptions options;
    options.locator = always_at(endpoint);
    options.name = std::move(name);
    options.connect_deadline = deadline;
    options.reply_deadline = deadline;
    return options;
}

}  // namespace

RedisQuery::RedisQuery(boost::asio::io_context& context, const Endpoint& endpoint, std::string name, Commands commands,
                       std::chrono::milliseconds deadline, Answered answered)
    : commands_(std::move(commands)),
      answered_(std::move(answered)),
      client_(context, query_options(endpoint, std::move(name), deadline),
              {.ready = [this] { send(); }, .lost = nullptr, .push = nullptr, .failed = [this] { fail(next_); }}) {
    client_.start();
}

void RedisQuery::send() {
    for (std::size_t i = 0; i < commands_.size(); ++i) {
        const std::vector<std::string_view> words(commands_[i].begin(), commands_[i].end());
        const bool sent = client_.send(words, [this, i](const Reply* reply) {
            if (over_) return;
            if (reply == nullptr) return fail(i);
            if (i + 1 == commands_.size()) {
                over_ = true;
                answered_(i, reply);
                return client_.stop();
            }
            next_ = i + 1;
            answered_(i, reply);
        });
        if (!sent) return fail(i);
    }
}

void RedisQuery::cancel() {
    over_ = true;
    client_.stop();
}

void RedisQuery::fail(std::size_t index) {
    if (std::exchange(over_, true)) return;
    client_.stop();
    answered_(index, nullptr);
}

}  // namespace foorumi::store
