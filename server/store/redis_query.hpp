// Asks one Redis a few commands, over a connection that ends with the last answer.
//
// Thread: the one that runs the io_context. Not to be destroyed from within `answered`.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "store/redis_client.hpp"

namespace foorumi::store {

class RedisQuery {
   public:
    using Commands = std::vector<std::vector<std::string>>;
    // Which command, and its reply, which may be an error. Nothing: it was not reached, or did not answer in time; then
    // nothing more comes. Never called from within the constructor.
    using Answered = std::function<void(std::size_t index, const Reply* reply)>;

    // The deadline holds for the handshake, and again for the answers.
    RedisQuery(boost::asio::io_context& context, const Endpoint& endpoint, std::string name, Commands commands,
               std::chrono::milliseconds deadline, Answered answered);

    // No answer comes any more. May be called from within `answered`.
    void cancel();

   private:
    void send();
    void fail(std::size_t index);

    Commands commands_;
    Answered answered_;
    std::size_t next_ = 0;
    bool over_ = false;
    RedisClient client_;
};

}  // namespace foorumi::store
