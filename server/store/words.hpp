// The words of a command, one behind another in one buffer: a commit has some forty, and a string for each would cost
// an allocation each. Not thread-safe.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace foorumi::store {

class Words {
   public:
    Words() = default;
    Words(std::initializer_list<std::string_view> words) {
        for (const auto word : words) add(word);
    }

    void reserve(std::size_t words, std::size_t bytes) {
        ends_.reserve(words);
        bytes_.reserve(bytes);
    }
    void add(std::string_view word) {
        bytes_.append(word);
        ends_.push_back(bytes_.size());
    }
    // One word of several parts.
    void add(std::initializer_list<std::string_view> parts) {
        for (const auto part : parts) bytes_.append(part);
        ends_.push_back(bytes_.size());
    }
    // In decimal digits.
    void add(std::integral auto number) {
        char digits[24];  // of any 64 bits
        add(std::string_view(digits, std::to_chars(digits, digits + sizeof digits, number).ptr));
    }

    [[nodiscard]] std::size_t size() const { return ends_.size(); }
    // REQUIRES: index < size(). Valid until a word is added.
    [[nodiscard]] std::string_view operator[](std::size_t index) const {
        const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
        return std::string_view(bytes_).substr(begin, ends_[index] - begin);
    }

   private:
    std::string bytes_;
    std::vector<std::size_t> ends_;
};

}  // namespace foorumi::store
