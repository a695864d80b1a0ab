// Access tokens: 32 random bytes as base64url text. Only the hash is stored. Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace foorumi::auth {

// A new token from the system's random source: 43 characters of [A-Za-z0-9_-].
[[nodiscard]] std::string make_token();

// Hex of the BLAKE2b-256 hash of the token. A token has 256 bits of entropy, so a fast hash without salt is enough.
[[nodiscard]] std::string hash_token(std::string_view token);

}  // namespace foorumi::auth
