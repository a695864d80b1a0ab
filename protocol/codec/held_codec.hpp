// Held messages and counts, as far as entity_codec.hpp leaves them to this. No IO; thread-safe.
#pragma once

#include "foorumi/v1/entities.pb.h"
#include "forum/entities.hpp"

namespace foorumi::codec {

void held_to_proto(const forum::HeldMessage& held, v1::HeldMessage& out);
void held_to_proto(const forum::PostBook& book, v1::PostBook& out);
[[nodiscard]] forum::Entity held_from_proto(const v1::HeldMessage& held);
[[nodiscard]] forum::Entity held_from_proto(const v1::PostBook& book);

}  // namespace foorumi::codec
