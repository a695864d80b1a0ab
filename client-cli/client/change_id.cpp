#include "client/change_id.hpp"

#include <sys/random.h>

#include <cerrno>
#include <system_error>

namespace foorumi::client {
namespace {

constexpr std::size_t id_bytes = 16;

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

std::string new_change_id() {
    std::string id(id_bytes, '\0');
    // Up to 256 bytes are never given in part, and a signal cannot interrupt them once the source is ready.
    while (::getrandom(id.data(), id.size(), 0) != static_cast<ssize_t>(id.size())) {
        if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    return id;
}

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += digits[byte >> 4U];
        out += digits[byte & 0xfU];
    }
    return out;
}

std::optional<std::string> change_id_from_hex(std::string_view text) {
    if (text.size() != 2 * id_bytes) return std::nullopt;
    std::string id;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digit(text[i]);
        const int low = digit(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        id += static_cast<char>((high << 4) | low);
    }
    return id;
}

}  // namespace foorumi::client
