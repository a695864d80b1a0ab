// A blocking connection for the start of a process. Not for workers.
#pragma once

#include <hiredis/hiredis.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/endpoint.hpp"
#include "store/reply.hpp"

namespace foorumi::store {

// AUTH as the endpoint wants it; empty: no need to.
[[nodiscard]] std::vector<std::string> sign_in_command(const Endpoint& endpoint);

class BlockingRedis {
   public:
    // Owns the reply.
    class Answer {
       public:
        explicit Answer(void* raw) : raw_(raw, freeReplyObject) {}
        [[nodiscard]] Reply reply() const { return Reply(static_cast<const redisReply*>(raw_.get())); }
        [[nodiscard]] bool lost() const { return raw_ == nullptr; }

       private:
        std::unique_ptr<void, void (*)(void*)> raw_;
    };

    // Connects; see error().
    BlockingRedis(const Endpoint& endpoint, std::chrono::milliseconds timeout);

    [[nodiscard]] Answer run(const std::vector<std::string>& arguments);
    // Why there is no connection; empty: there is one.
    [[nodiscard]] std::string error() const;

   private:
    std::unique_ptr<redisContext, void (*)(redisContext*)> context_;
};

}  // namespace foorumi::store
