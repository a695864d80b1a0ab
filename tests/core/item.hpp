// What a node sends to a client of the simulation, in a form of its own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/channel_store.hpp"

namespace foorumi::core {

struct Item {
    enum class Kind : char {
        synced = 'S',   // what there is up to the version; all that follows comes as changes
        page = 'P',     // the same, and there is more: nothing follows
        reset = 'R',    // what the client has is not to be built on
        refused = 'E',  // try again
        change = 'C',   // one commit
    };
    Kind kind = Kind::change;
    std::uint64_t version = 0;
    std::uint64_t epoch = 0;
    std::vector<store::KeyedValue> entities;
};

[[nodiscard]] std::string encode(const Item& item);
// The first one, which is taken away. REQUIRES: the bytes are whole items.
[[nodiscard]] Item decode_front(std::string_view& bytes);

}  // namespace foorumi::core
