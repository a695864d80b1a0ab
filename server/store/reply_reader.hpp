// Replies of one connection in memory that is used again: hiredis allocates each element, each array and each text by
// itself, which for a page of messages are some thousand pieces. Thread: that of the connection.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <memory_resource>

#include "store/reply.hpp"

struct redisReader;

namespace foorumi::store {

class ReplyReader {
   public:
    enum class Step : std::uint8_t { reply, nothing, malformed };

    ReplyReader();
    ~ReplyReader();
    ReplyReader(const ReplyReader&) = delete;
    ReplyReader& operator=(const ReplyReader&) = delete;

    void feed(const char* bytes, std::size_t length);
    // The next whole reply of what was fed. It is valid until the next call.
    [[nodiscard]] Step next();
    [[nodiscard]] Reply reply() const { return Reply(reply_); }

   private:
    struct FreeReader {
        void operator()(redisReader* reader) const;
    };

    // Most replies fit; what does not goes to the heap and back.
    static constexpr std::size_t kept_bytes = 8 * 1024;

    std::array<std::byte, kept_bytes> memory_;
    std::pmr::monotonic_buffer_resource arena_;
    std::unique_ptr<redisReader, FreeReader> reader_;
    const redisReply* reply_ = nullptr;
};

}  // namespace foorumi::store
