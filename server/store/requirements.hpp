// What a Redis must be set to, and whose data it must hold, for the promises to be kept: looked at before the start,
// and again at every connect, since another Redis may have taken its place meanwhile.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/levels.hpp"
#include "store/redis_client.hpp"

namespace foorumi::store {

// Asks for all settings that matter.
[[nodiscard]] std::vector<std::string> settings_command();

// Of the answer to it: what is wrong, and how to mend it. Empty: nothing.
[[nodiscard]] std::string settings_problem(const Reply& settings);

// Of what an installation's record needs of a server, nothing or a number: what is wrong with one of this level, and
// how to mend it. Empty: nothing.
[[nodiscard]] std::string level_problem(const Reply& needs, std::uint64_t level);

// Steps of a connection's setup: the settings, and the installation's id and what it needs of a server, where the
// partition has them; of an empty id neither is looked at.
[[nodiscard]] std::vector<SetupStep> connection_checks(const std::string& installation, std::uint16_t partition = 0);

}  // namespace foorumi::store
