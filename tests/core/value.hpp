// What Redis answers, as the model makes it, and as the server's code sees it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "store/reply.hpp"

namespace foorumi::core {

using Command = std::vector<std::string>;

struct Value {
    enum class Kind : std::uint8_t { nil, integer, text, status, error, array };
    Kind kind = Kind::nil;
    std::int64_t integer = 0;
    std::string text;
    std::vector<Value> elements;

    static Value number(std::int64_t number) { return {Kind::integer, number, {}, {}}; }
    static Value bulk(std::string text) { return {Kind::text, 0, std::move(text), {}}; }
    static Value status(std::string text) { return {Kind::status, 0, std::move(text), {}}; }
    static Value error(std::string text) { return {Kind::error, 0, std::move(text), {}}; }
    static Value array(std::vector<Value> elements = {}) { return {Kind::array, 0, {}, std::move(elements)}; }
    [[nodiscard]] bool is_error() const { return kind == Kind::error; }
};

// hiredis' form of a value. Both must live as long as the view.
class RawReply {
   public:
    explicit RawReply(const Value& value);
    ~RawReply();
    RawReply(const RawReply&) = delete;
    RawReply& operator=(const RawReply&) = delete;
    [[nodiscard]] store::Reply view() const { return store::Reply(root_); }

   private:
    struct Nodes;
    [[nodiscard]] redisReply* make(const Value& value);

    std::unique_ptr<Nodes> nodes_;
    redisReply* root_;
};

}  // namespace foorumi::core
