#include "store/reply.hpp"

#include <hiredis/hiredis.h>

#include <charconv>

namespace foorumi::store {

bool Reply::is_error() const { return raw_ != nullptr && raw_->type == REDIS_REPLY_ERROR; }

bool Reply::is_nil() const { return raw_ == nullptr || raw_->type == REDIS_REPLY_NIL; }

bool Reply::is_array() const { return raw_ != nullptr && raw_->type == REDIS_REPLY_ARRAY; }

std::string_view Reply::text() const {
    if (raw_ == nullptr || raw_->str == nullptr) return {};
    return {raw_->str, static_cast<std::size_t>(raw_->len)};
}

std::uint64_t Reply::number() const {
    if (raw_ == nullptr) return 0;
    if (raw_->type == REDIS_REPLY_INTEGER) return raw_->integer < 0 ? 0 : static_cast<std::uint64_t>(raw_->integer);
    const auto digits = text();
    std::uint64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

std::size_t Reply::size() const { return is_array() ? raw_->elements : 0; }

Reply Reply::operator[](std::size_t index) const {
    return index < size() ? Reply(raw_->element[index]) : Reply(nullptr);
}

}  // namespace foorumi::store
