// Ids of what follows from a change, the same whoever works them out. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "store/channel_store.hpp"

namespace foorumi::dispatch {

// Of a further step, in another channel, of the change with this id.
[[nodiscard]] store::ChangeId step_id(std::string_view step, const store::ChangeId& change);

// The number of the message that this change posts, where it is held. Not 0; it tells nothing of others that are held.
[[nodiscard]] std::uint64_t held_number(std::uint64_t author, const store::ChangeId& change);

}  // namespace foorumi::dispatch
