// One-time codes of an authenticator app: TOTP (RFC 6238) of HMAC-SHA-1, six digits, a step of 30 seconds. These are
// what every app understands, and some understand nothing else. By liboath. Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace foorumi::auth {

// RFC 4226, section 4, R6: 160 bits.
inline constexpr std::size_t totp_seed_bytes = 20;

// From the system's random source.
[[nodiscard]] std::string make_totp_seed();

// RFC 4648 base32 in upper case without padding, as apps want a seed typed in. The seed's 32 characters.
[[nodiscard]] std::string base32(std::string_view bytes);

// What an app reads from a QR code: "otpauth://totp/ISSUER:ACCOUNT?secret=...&issuer=...". Issuer and account are
// percent-encoded; a colon in one of them is left out, since it parts the two.
[[nodiscard]] std::string otpauth_uri(std::string_view issuer, std::string_view account, std::string_view seed);

// Steps since 1970 at this time. REQUIRES: wall_ms >= 0.
[[nodiscard]] std::uint64_t totp_step(std::int64_t wall_ms);

// The step of which this is the code, of those within `window` steps of now; of several the last. Only steps later than
// `used`, the last one that was accepted of this seed: a code is good once (RFC 6238, section 5.2), so the caller keeps
// what is returned, in one transaction with the sign-in. Spaces in the code are left out. The time taken does not
// depend on the digits.
[[nodiscard]] std::optional<std::uint64_t> verified_step(std::string_view seed, std::string_view code,
                                                         std::int64_t wall_ms, std::uint32_t window,
                                                         std::optional<std::uint64_t> used);

}  // namespace foorumi::auth
