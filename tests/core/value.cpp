#include "core/value.hpp"

#include <hiredis/hiredis.h>

#include <deque>

namespace foorumi::core {

struct RawReply::Nodes {
    std::deque<redisReply> replies;
    std::deque<std::vector<redisReply*>> arrays;
};

RawReply::RawReply(const Value& value) : nodes_(std::make_unique<Nodes>()), root_(make(value)) {}

RawReply::~RawReply() = default;

redisReply* RawReply::make(const Value& value) {
    auto& node = nodes_->replies.emplace_back();
    node.str = const_cast<char*>(value.text.c_str());
    node.len = value.text.size();
    node.integer = value.integer;
    switch (value.kind) {
        case Value::Kind::nil:
            node.type = REDIS_REPLY_NIL;
            node.str = nullptr;
            break;
        case Value::Kind::integer:
            node.type = REDIS_REPLY_INTEGER;
            break;
        case Value::Kind::text:
            node.type = REDIS_REPLY_STRING;
            break;
        case Value::Kind::status:
            node.type = REDIS_REPLY_STATUS;
            break;
        case Value::Kind::error:
            node.type = REDIS_REPLY_ERROR;
            break;
        case Value::Kind::array: {
            node.type = REDIS_REPLY_ARRAY;
            auto& elements = nodes_->arrays.emplace_back();
            for (const auto& element : value.elements) elements.push_back(make(element));
            node.element = elements.data();
            node.elements = elements.size();
            break;
        }
    }
    return &node;
}

}  // namespace foorumi::core
