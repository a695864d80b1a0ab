// What sentinels answer: pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/address.hpp"
#include "store/reply.hpp"

namespace foorumi::store {

// Of SENTINEL GET-MASTER-ADDR-BY-NAME. Nothing: it does not know the name, or the answer is malformed.
[[nodiscard]] std::optional<Address> parse_primary_address(const Reply& reply);

// Of SENTINEL SENTINELS: the others that it knows.
[[nodiscard]] std::vector<Address> parse_sentinels(const Reply& reply);

// Of ROLE: why this Redis must not be used. Empty: it is a primary.
[[nodiscard]] std::string role_problem(const Reply& role);

}  // namespace foorumi::store
