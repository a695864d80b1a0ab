// The numbers inside an entity's key ("message:57", "read:3:12"). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace foorumi::client {

struct EntityKey {
    std::string_view kind;  // a view into the key
    std::vector<std::uint64_t> numbers;

    // The first number; 0 if there is none.
    [[nodiscard]] std::uint64_t id() const { return numbers.empty() ? 0 : numbers.front(); }
};

// A part that is no number counts as 0.
[[nodiscard]] EntityKey parse_entity_key(std::string_view key);

// A whole number without sign or leading zeros, not 0; nothing for any other text.
[[nodiscard]] std::optional<std::uint64_t> parse_id(std::string_view text);

}  // namespace foorumi::client
