// Headers of the PROXY protocol's version 2, made by hand.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace foorumi::test {

inline std::string two_bytes(std::size_t number) {
    return {static_cast<char>(number >> 8 & 0xff), static_cast<char>(number & 0xff)};
}

// An extra behind the addresses.
inline std::string tlv(char type, std::string_view value) {
    return std::string(1, type) + two_bytes(value.size()) + std::string(value);
}

inline std::string binary_header(std::string_view payload, char version_and_command = '\x21', char family = '\x11') {
    return std::string("\r\n\r\n\0\r\nQUIT\n", 12) + version_and_command + family + two_bytes(payload.size()) +
           std::string(payload);
}

// 192.0.2.1:56324 to 198.51.100.1:443.
inline std::string v4_payload() { return {"\xc0\x00\x02\x01\xc6\x33\x64\x01\xdc\x04\x01\xbb", 12}; }

inline std::string v6_payload() {
    std::string payload(36, '\0');
    payload[0] = '\x20';
    payload[1] = '\x01';
    payload[2] = '\x0d';
    payload[3] = '\xb8';
    payload[15] = '\x07';
    return payload;  // 2001:db8::7
}

}  // namespace foorumi::test
