#include "dispatch/step_id.hpp"

#include <sodium.h>

#include <algorithm>
#include <string>

namespace foorumi::dispatch {

store::ChangeId step_id(std::string_view step, const store::ChangeId& change) {
    std::string name(step);
    name.push_back(' ');
    name.append(reinterpret_cast<const char*>(change.data()), change.size());
    store::ChangeId id{};
    crypto_generichash(id.data(), id.size(), reinterpret_cast<const unsigned char*>(name.data()), name.size(), nullptr,
                       0);
    return id;
}

std::uint64_t held_number(std::uint64_t author, const store::ChangeId& change) {
    constexpr std::size_t bytes = 6;  // short enough to be typed; a forum holds a few hundred
    const auto digest = step_id("held number of " + std::to_string(author), change);
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < bytes; ++i) number = number << 8U | static_cast<std::uint8_t>(digest[i]);
    return std::max<std::uint64_t>(number, 1);
}

}  // namespace foorumi::dispatch
