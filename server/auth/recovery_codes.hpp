// Codes on paper, for when the authenticator app is gone. Each is good once; only hashes are stored. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace foorumi::auth {

// 120 random bits each, as six groups of four of Crockford's base32 in lower case (no i, l, o, u):
// "k3v9-m2xq-7trd-80wz-c5hn-e4pj".
[[nodiscard]] std::vector<std::string> make_recovery_codes(std::uint32_t count);

// Hex of the BLAKE2b-256 hash of the code and its member: the same code of two members has two hashes. Upper case,
// white space and dashes do not matter, o is read as 0, i and l as 1. Nothing: it cannot be a code. Of 112
// random bits and more a fast hash is enough (OWASP ASVS 5.0, 6.5.2).
[[nodiscard]] std::optional<std::string> recovery_code_hash(std::uint64_t member, std::string_view typed);

}  // namespace foorumi::auth
