// The store's failures as refusals that clients understand.
#pragma once

#include "forum/decision.hpp"
#include "store/channel_store.hpp"

namespace foorumi::dispatch {

// REQUIRES: not Failure::refused, whose reason the rule has kept.
[[nodiscard]] forum::Refusal refusal_of(store::Failure failure);

}  // namespace foorumi::dispatch
