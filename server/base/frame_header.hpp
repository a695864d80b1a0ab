// The header of a WebSocket frame from a server: FIN, binary, not masked (RFC 6455 section 5.2). Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace foorumi {

inline constexpr std::size_t longest_frame_header = 10;

// Returns how many bytes it takes.
[[nodiscard]] inline std::uint8_t write_frame_header(std::array<std::uint8_t, longest_frame_header>& header,
                                                     std::uint64_t payload) {
    header[0] = 0x82;
    if (payload < 126) {
        header[1] = static_cast<std::uint8_t>(payload);
        return 2;
    }
    const std::size_t length_bytes = payload <= 0xffff ? 2 : 8;
    header[1] = length_bytes == 2 ? 126 : 127;
    for (std::size_t i = 0; i < length_bytes; ++i) {
        header[2 + i] = static_cast<std::uint8_t>(payload >> (8 * (length_bytes - 1 - i)));
    }
    return static_cast<std::uint8_t>(2 + length_bytes);
}

}  // namespace foorumi
