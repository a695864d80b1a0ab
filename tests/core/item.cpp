#include "core/item.hpp"

#include <fmt/format.h>

#include <charconv>
#include <stdexcept>

namespace foorumi::core {
namespace {

std::uint64_t take_count(std::string_view& bytes) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(bytes.data(), bytes.data() + bytes.size(), number);
    if (error != std::errc() || end == bytes.data() + bytes.size()) throw std::invalid_argument("no item begins here");
    bytes.remove_prefix(static_cast<std::size_t>(end - bytes.data()) + 1);  // and what ends the number
    return number;
}

std::string take_text(std::string_view& bytes) {
    const auto size = take_count(bytes);
    if (size > bytes.size()) throw std::invalid_argument("an item is cut");
    std::string text(bytes.substr(0, size));
    bytes.remove_prefix(size);
    return text;
}

}  // namespace

std::string encode(const Item& item) {
    auto bytes =
        fmt::format("{}{} {} {} ", static_cast<char>(item.kind), item.version, item.epoch, item.entities.size());
    for (const auto& entity : item.entities) {
        bytes += fmt::format("{} {} {}{} {}", entity.version, entity.key.size(), entity.key, entity.bytes.size(),
                             entity.bytes);
    }
    return bytes;
}

Item decode_front(std::string_view& bytes) {
    if (bytes.empty()) throw std::invalid_argument("no item");
    Item item;
    item.kind = static_cast<Item::Kind>(bytes.front());
    bytes.remove_prefix(1);
    item.version = take_count(bytes);
    item.epoch = take_count(bytes);
    for (auto left = take_count(bytes); left > 0; --left) {
        auto& entity = item.entities.emplace_back();
        entity.version = take_count(bytes);
        entity.key = take_text(bytes);
        entity.bytes = take_text(bytes);
    }
    return item;
}

}  // namespace foorumi::core
