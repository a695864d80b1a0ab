// What the commands of `mod` ask the server for. Pure.
#pragma once

#include "client/arguments.hpp"
#include "foorumi/v1/protocol.pb.h"

namespace foorumi::client {

// REQUIRES: is_moderation_verb(arguments.verb).
[[nodiscard]] foorumi::v1::Request moderation_request(const Arguments& arguments, std::uint64_t room);

// "none", "open" and so on.
[[nodiscard]] std::optional<foorumi::v1::ThreadState> read_state(std::string_view word);

}  // namespace foorumi::client
