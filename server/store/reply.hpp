// A view of one reply of Redis. Valid while the callback that got it runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

struct redisReply;

namespace foorumi::store {

class Reply {
   public:
    explicit Reply(const redisReply* raw) : raw_(raw) {}

    [[nodiscard]] bool is_error() const;
    [[nodiscard]] bool is_nil() const;
    [[nodiscard]] bool is_array() const;
    // Of a string, status or error; empty for anything else.
    [[nodiscard]] std::string_view text() const;
    // Of an integer or a string of digits; 0 for anything else.
    [[nodiscard]] std::uint64_t number() const;
    // Elements of an array; 0 for anything else.
    [[nodiscard]] std::size_t size() const;
    // Out of range: a nil reply, so that a malformed answer is no crash.
    [[nodiscard]] Reply operator[](std::size_t index) const;

   private:
    const redisReply* raw_;  // nullptr: nil
};

}  // namespace foorumi::store
