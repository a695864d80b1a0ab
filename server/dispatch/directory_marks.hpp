// What commits of the directory put besides what they are for. Pure.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "directory/codec.hpp"
#include "membership/rules.hpp"
#include "store/channel_store.hpp"

namespace foorumi::dispatch {

inline void put_marks(std::vector<store::Put>& puts, bool fence) {
    const bool forgets = std::ranges::any_of(puts, &store::Put::forget);
    if (forgets) puts.push_back({std::string(membership::forgotten_key), directory::encode_forgotten(), {}});
    if (fence) puts.push_back({std::string(membership::fence_key), directory::encode_fence(), {}});
}

}  // namespace foorumi::dispatch
