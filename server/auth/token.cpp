#include "auth/token.hpp"

#include <sodium.h>

#include <array>

#include "auth/sodium.hpp"

namespace foorumi::auth {

std::string make_token() {
    require_sodium();
    std::array<unsigned char, 32> random{};
    randombytes_buf(random.data(), random.size());
    constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    std::string token(sodium_base64_ENCODED_LEN(random.size(), variant), '\0');
    sodium_bin2base64(token.data(), token.size(), random.data(), random.size(), variant);
    token.pop_back();  // the terminating NUL
    return token;
}

std::string hash_token(std::string_view token) {
    require_sodium();
    std::array<unsigned char, 32> hash{};
    crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(token.data()), token.size(),
                       nullptr, 0);
    std::string hex(hash.size() * 2 + 1, '\0');
    sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
    hex.pop_back();
    return hex;
}

}  // namespace foorumi::auth
