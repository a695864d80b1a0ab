#include "auth/password_hash.hpp"

#include <sodium.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "auth/limits.hpp"
#include "auth/sodium.hpp"
#include "forum/unicode.hpp"

namespace foorumi::auth {
namespace {

using forum::ErrorCode;
using forum::Refusal;

constexpr std::size_t most_bytes_of_a_character = 4;  // RFC 3629

Refusal invalid_password(const char* reason) { return {ErrorCode::invalid, reason, "password", 0}; }

Refusal no_memory() { return {ErrorCode::unavailable, "overloaded", "", 1'000}; }

bool take(std::string_view& text, std::string_view expected) {
    if (!text.starts_with(expected)) return false;
    text.remove_prefix(expected.size());
    return true;
}

std::optional<std::uint32_t> take_number(std::string_view& text) {
    std::uint32_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

}  // namespace

std::optional<std::size_t> character_count(std::string_view text) {
    std::size_t count = 0;
    while (const auto point = forum::first_code_point(text)) {
        text.remove_prefix(point->bytes);
        ++count;
    }
    if (!text.empty()) return std::nullopt;
    return count;
}

forum::Result<void> check_password_text(std::string_view password, const PasswordOptions& options) {
    // First, so that what is read further is bounded.
    if (password.size() > most_bytes_of_a_character * options.most_characters) {
        return invalid_password("password_too_long");
    }
    const auto characters = character_count(password);
    if (!characters) return invalid_password("password_not_text");
    if (*characters < options.least_characters) return invalid_password("password_too_short");
    if (*characters > options.most_characters) return invalid_password("password_too_long");
    return {};
}

forum::Result<std::string> hash_password(std::string_view password, const PasswordOptions& options) {
    if (auto checked = check_password_text(password, options); !checked) return checked.error();
    require_sodium();
    std::array<char, crypto_pwhash_STRBYTES> hash{};
    const std::size_t memory = std::size_t{options.cost.memory_kib} * 1024;
    if (crypto_pwhash_str_alg(hash.data(), password.data(), password.size(), options.cost.passes, memory,
                              crypto_pwhash_ALG_ARGON2ID13) != 0) {
        return no_memory();
    }
    return std::string(hash.data());
}

forum::Result<bool> verify_password(std::string_view hash, std::string_view password) {
    require_sodium();
    const auto cost = cost_of(hash);
    std::array<char, crypto_pwhash_STRBYTES> text{};
    if (!cost || cost->memory_kib > most_memory_kib || cost->passes > most_passes || hash.size() >= text.size()) {
        return Refusal{ErrorCode::internal, "internal", "", 0};
    }
    std::memcpy(text.data(), hash.data(), hash.size());
    errno = 0;
    if (crypto_pwhash_str_verify(text.data(), password.data(), password.size()) == 0) return true;
    if (errno == ENOMEM) return no_memory();
    // Only of a hash that it could read libsodium says that the password is not the one.
    if (errno != EINVAL) return Refusal{ErrorCode::internal, "internal", "", 0};
    return false;
}

std::optional<HashCost> cost_of(std::string_view hash) {
    if (!take(hash, "$argon2id$v=19$m=")) return std::nullopt;
    const auto memory = take_number(hash);
    if (!memory || !take(hash, ",t=")) return std::nullopt;
    const auto passes = take_number(hash);
    if (!passes || !take(hash, ",p=1$")) return std::nullopt;
    return HashCost{*memory, *passes};
}

bool needs_rehash(std::string_view hash, const HashCost& cost) { return cost_of(hash) != cost; }

}  // namespace foorumi::auth
