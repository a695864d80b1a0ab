// Who may read a room, in words. Pure.
#pragma once

#include <string>

#include "client/catalogue.hpp"
#include "client/registers.hpp"
#include "foorumi/v1/protocol.pb.h"

namespace foorumi::client {

// All that its audiences ask for, fit for a terminal; the moderators of its forum read it whatever that is.
[[nodiscard]] std::string readers_of(const foorumi::v1::Rooms::Room& room, const Registers& registers,
                                     const Catalogue& texts);

}  // namespace foorumi::client
