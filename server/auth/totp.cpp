#include "auth/totp.hpp"

#include <liboath/oath.h>
#include <sodium.h>

#include <algorithm>
#include <new>

#include "auth/sodium.hpp"

namespace foorumi::auth {
namespace {

constexpr std::int64_t step_ms = 30'000;
constexpr std::size_t digits = 6;
constexpr std::size_t most_typed_code = 24;  // with its spaces

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    constexpr std::string_view unreserved =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";  // RFC 3986, section 2.3
    std::string encoded;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (unreserved.find(c) != std::string_view::npos)
            encoded.push_back(c);
        else if (c != ':')
            encoded.append({'%', hex[byte >> 4], hex[byte & 15]});
    }
    return encoded;
}

std::string code_at(std::string_view seed, std::uint64_t step) {
    std::array<char, digits + 1> code{};
    const int result =
        oath_hotp_generate(seed.data(), seed.size(), step, digits, false, OATH_HOTP_DYNAMIC_TRUNCATION, code.data());
    if (result != OATH_OK) throw std::bad_alloc();  // the one way it can fail
    return {code.data(), digits};
}

bool same_code(std::string_view a, std::string_view b) {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::string make_totp_seed() {
    require_sodium();
    std::string seed(totp_seed_bytes, '\0');
    randombytes_buf(seed.data(), seed.size());
    return seed;
}

std::string base32(std::string_view bytes) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string text;
    std::uint32_t bits = 0;
    int count = 0;
    for (const unsigned char byte : bytes) {
        bits = (bits << 8) | byte;
        for (count += 8; count >= 5; count -= 5) text.push_back(alphabet[(bits >> (count - 5)) & 31]);
    }
    if (count > 0) text.push_back(alphabet[(bits << (5 - count)) & 31]);
    return text;
}

std::string otpauth_uri(std::string_view issuer, std::string_view account, std::string_view seed) {
    const auto issuer_text = percent_encoded(issuer);
    std::string uri = "otpauth://totp/";
    uri.append(issuer_text).append(":").append(percent_encoded(account));
    uri.append("?secret=").append(base32(seed)).append("&issuer=").append(issuer_text);
    return uri.append("&algorithm=SHA1&digits=6&period=30");
}

std::uint64_t totp_step(std::int64_t wall_ms) { return static_cast<std::uint64_t>(wall_ms / step_ms); }

std::optional<std::uint64_t> verified_step(std::string_view seed, std::string_view code, std::int64_t wall_ms,
                                           std::uint32_t window, std::optional<std::uint64_t> used) {
    if (code.size() > most_typed_code) return std::nullopt;
    std::string typed(code);
    std::erase(typed, ' ');
    const auto now = totp_step(wall_ms);
    std::optional<std::uint64_t> verified;
    for (auto step = now - std::min<std::uint64_t>(now, window); step <= now + window; ++step) {
        const bool same = same_code(code_at(seed, step), typed);
        if (same && (!used || step > *used)) verified = step;
    }
    return verified;
}

}  // namespace foorumi::auth
