// Replies made of the protocol's bytes.
#pragma once

#include <stdexcept>
#include <string>

#include "store/reply_reader.hpp"

namespace foorumi::store {

// Valid as long as this is.
class MadeReply {
   public:
    explicit MadeReply(const std::string& bytes) {
        reader_.feed(bytes.data(), bytes.size());
        if (reader_.next() != ReplyReader::Step::reply) throw std::invalid_argument("no reply: " + bytes);
    }
    [[nodiscard]] Reply operator*() const { return reader_.reply(); }

   private:
    ReplyReader reader_;
};

inline std::string bulk(const std::string& text) { return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n"; }

template <class... Elements>
std::string array(const Elements&... elements) {
    return "*" + std::to_string(sizeof...(elements)) + "\r\n" + (std::string(elements) + ... + std::string());
}

inline std::string integer(std::uint64_t number) { return ":" + std::to_string(number) + "\r\n"; }

}  // namespace foorumi::store
