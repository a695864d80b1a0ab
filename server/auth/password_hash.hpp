// Passwords as argon2id hashes (RFC 9106, by libsodium), in the PHC string form: "$argon2id$v=19$m=19456,t=2,p=1$...".
//
// Thread-safe. Each call takes tens of milliseconds and the cost's memory, so none belongs on a worker: hasher.hpp.
// Bytes are hashed as they come: what normalises text (Unicode's NFC) is the client, or nobody.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "auth/options.hpp"
#include "forum/decision.hpp"

namespace foorumi::auth {

// Code points; nothing if it is not UTF-8.
[[nodiscard]] std::optional<std::size_t> character_count(std::string_view text);

// UTF-8 of a length that is allowed, which is at most four bytes for each character. Refusals, all of field "password":
// password_not_text, password_too_short, password_too_long.
[[nodiscard]] forum::Result<void> check_password_text(std::string_view password, const PasswordOptions& options);

// With a new salt each time. Refusals: those above; overloaded, where the memory for it is not to be had.
[[nodiscard]] forum::Result<std::string> hash_password(std::string_view password, const PasswordOptions& options);

// Whether the hash was made of the password, of whatever cost it is. Refusals: overloaded as above; internal, where
// `hash` is none that hash_password() makes, or costs more than any configuration allows.
[[nodiscard]] forum::Result<bool> verify_password(std::string_view hash, std::string_view password);

// What the hash cost to make; nothing if it is not one of argon2id with one lane.
[[nodiscard]] std::optional<HashCost> cost_of(std::string_view hash);

// Made at another cost than this, so that it is better made anew at the next sign-in.
[[nodiscard]] bool needs_rehash(std::string_view hash, const HashCost& cost);

}  // namespace foorumi::auth
