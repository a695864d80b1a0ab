#include "auth/recovery_codes.hpp"

#include <sodium.h>

#include <array>

#include "auth/secret.hpp"
#include "auth/sodium.hpp"
#include "auth/token.hpp"

namespace foorumi::auth {
namespace {

constexpr std::string_view crockford = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t symbols = 24;
constexpr std::size_t group = 4;
constexpr std::size_t most_typed = 256;

std::string make_recovery_code() {
    std::array<unsigned char, symbols> random{};
    randombytes_buf(random.data(), random.size());
    std::string code;
    for (std::size_t i = 0; i < symbols; ++i) {
        if (i > 0 && i % group == 0) code.push_back('-');
        code.push_back(crockford[random[i] % crockford.size()]);
    }
    sodium_memzero(random.data(), random.size());
    return code;
}

char as_symbol(char c) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == 'o') return '0';
    return c == 'i' || c == 'l' ? '1' : c;
}

}  // namespace

std::vector<std::string> make_recovery_codes(std::uint32_t count) {
    require_sodium();
    std::vector<std::string> codes;
    while (codes.size() < count) codes.push_back(make_recovery_code());
    return codes;
}

std::optional<std::string> recovery_code_hash(std::uint64_t member, std::string_view typed) {
    if (typed.size() > most_typed) return std::nullopt;
    std::string label = "foorumi recovery code " + std::to_string(member) + ' ';
    const std::size_t length = label.size() + symbols;
    label.reserve(label.size() + most_typed);  // memory that it grows out of would not be wiped
    for (const char c : typed) {
        if (c == '-' || c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
        const char symbol = as_symbol(c);
        if (crockford.find(symbol) == std::string_view::npos) return std::nullopt;
        label.push_back(symbol);
    }
    if (label.size() != length) return std::nullopt;
    auto hash = hash_token(label);
    wipe(label);
    return hash;
}

}  // namespace foorumi::auth
