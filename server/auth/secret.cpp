#include "auth/secret.hpp"

#include <sodium.h>

#include <algorithm>
#include <utility>

namespace foorumi::auth {

Secret::Secret(std::string&& text) : bytes_(std::make_unique<char[]>(text.size())), size_(text.size()) {
    std::ranges::copy(text, bytes_.get());
    auth::wipe(text);
}

Secret::Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this == &other) return *this;
    wipe();
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
    return *this;
}

void Secret::wipe() {
    if (size_ > 0) sodium_memzero(bytes_.get(), size_);
}

void wipe(std::string& text) {
    text.resize(text.capacity());
    sodium_memzero(text.data(), text.size());
    text.clear();
}

}  // namespace foorumi::auth
