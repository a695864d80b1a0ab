#include "client/entity_key.hpp"

#include <charconv>

namespace foorumi::client {

std::optional<std::uint64_t> parse_id(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty() || text.front() == '0')
        return std::nullopt;
    return value;
}

EntityKey parse_entity_key(std::string_view key) {
    const auto colon = key.find(':');
    EntityKey out{.kind = key.substr(0, colon), .numbers = {}};
    if (colon == std::string_view::npos) return out;
    std::string_view rest = key.substr(colon + 1);
    while (true) {
        const auto next = rest.find(':');
        out.numbers.push_back(parse_id(rest.substr(0, next)).value_or(0));
        if (next == std::string_view::npos) return out;
        rest.remove_prefix(next + 1);
    }
}

}  // namespace foorumi::client
