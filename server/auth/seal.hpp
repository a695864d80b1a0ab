// Small secrets sealed for Redis, such as the seeds of authenticator apps: encrypted and authenticated by
// XChaCha20-Poly1305 with a random nonce, and bound to whose and what for they are, so that none can stand in the place
// of another. Immutable and thread-safe.
//
// The sealed text is "s1.KEY.BYTES": KEY names the key in 8 hex digits, BYTES are nonce and ciphertext in base64url.
// A key is changed by making it the previous one beside a new one; once all is sealed anew, it can go.
#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "auth/secret.hpp"

namespace foorumi::auth {

enum class SealErrc : std::uint8_t {
    malformed = 1,  // not what seal() makes
    unknown_key,    // sealed with a key that is neither the current nor the previous one
    forged,         // changed, or sealed for another member or purpose
};

[[nodiscard]] const boost::system::error_category& seal_category();
[[nodiscard]] boost::system::error_code make_error_code(SealErrc code);

struct SealContext {
    std::uint64_t member = 0;
    std::string_view purpose;  // "totp"
};

class Sealer {
   public:
    struct Opened {
        Secret text;
        bool by_previous_key = false;  // better sealed anew
    };

    // REQUIRES: keys are of seal_key_bytes, as key_file.hpp loads them.
    explicit Sealer(Secret current, std::optional<Secret> previous = {});

    [[nodiscard]] std::string seal(const SealContext& context, std::string_view text) const;
    [[nodiscard]] boost::system::result<Opened> open(const SealContext& context, std::string_view sealed) const;

   private:
    struct Key {
        Secret bytes;
        std::string id;
    };
    static Key make_key(Secret bytes);

    std::vector<Key> keys_;  // the current one first
};

}  // namespace foorumi::auth

template <>
struct boost::system::is_error_code_enum<foorumi::auth::SealErrc> : std::true_type {};
