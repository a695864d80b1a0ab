// The little of the protocol that the load's hot path needs, written by hand so that it costs less than what it
// measures: WebSocket frames, and items scanned only for what a delivery is checked by.
#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

namespace foorumi::bench {

inline constexpr std::uint8_t binary_frame = 0x82;
inline constexpr std::uint8_t text_frame = 0x81;

// A whole frame from a client. Its mask is 0, so the payload stands in it as it is and can be changed in place.
inline std::string client_frame(std::string_view payload) {
    std::string frame(1, static_cast<char>(binary_frame));
    if (payload.size() < 126) {
        frame += static_cast<char>(0x80 | payload.size());
    } else if (payload.size() <= 0xffff) {
        frame += static_cast<char>(0x80 | 126);
        frame += static_cast<char>(payload.size() >> 8);
        frame += static_cast<char>(payload.size());
    } else {
        throw std::runtime_error("the frame is too large for this client");
    }
    return frame.append(4, '\0').append(payload);
}

// A frame as the server writes it, cut off a stream's begin.
struct ServerFrame {
    std::uint8_t first = 0;  // flags and opcode
    std::string_view payload;
    std::size_t size = 0;  // in the stream; 0: it is not there yet
};

inline ServerFrame cut_frame(std::string_view stream) {
    const auto byte = [stream](std::size_t i) { return static_cast<std::uint8_t>(stream[i]); };
    if (stream.size() < 2) return {};
    std::size_t header = 2;
    std::uint64_t size = byte(1);
    if (size >= 126) {
        const std::size_t length_bytes = size == 126 ? 2 : 8;
        if (stream.size() < 2 + length_bytes) return {};
        size = 0;
        for (std::size_t i = 0; i < length_bytes; ++i) size = size << 8 | byte(2 + i);
        header += length_bytes;
    }
    if (stream.size() - header < size) return {};
    return {byte(0), stream.substr(header, size), header + size};
}

// Reads protobuf's wire format, one field after another.
class Fields {
   public:
    explicit Fields(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

    // False at the end. After it, tag() and either number() or bytes() are of the field.
    bool next() {
        if (at_ == end_) return false;
        tag_ = static_cast<std::uint32_t>(varint());
        switch (tag_ & 7) {
            case 0:
                number_ = varint();
                return true;
            case 2: {
                const std::uint64_t size = varint();
                if (size > static_cast<std::uint64_t>(end_ - at_)) fail();
                bytes_ = {at_, size};
                at_ += size;
                return true;
            }
            default:
                fail();
        }
    }
    [[nodiscard]] std::uint32_t tag() const { return tag_; }
    [[nodiscard]] std::uint64_t number() const { return number_; }
    [[nodiscard]] std::string_view bytes() const { return bytes_; }

   private:
    [[noreturn]] static void fail() { throw std::runtime_error("bytes from the server that are not the protocol"); }
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at_ == end_) fail();
            const auto byte = static_cast<std::uint8_t>(*at_++);
            value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if (byte < 0x80) return value;
        }
        fail();
    }

    const char* at_;
    const char* end_;
    std::uint32_t tag_ = 0;
    std::uint64_t number_ = 0;
    std::string_view bytes_;
};

constexpr std::uint32_t length_tag(std::uint32_t field) { return field << 3 | 2; }
constexpr std::uint32_t varint_tag(std::uint32_t field) { return field << 3; }

inline constexpr std::uint32_t items_tag = length_tag(1);     // ServerFrame.items
inline constexpr std::uint32_t response_tag = length_tag(1);  // Item.response
inline constexpr std::uint32_t change_tag = length_tag(2);    // Item.change
inline constexpr std::uint32_t error_tag = length_tag(2);     // Response.error

// Change.version; stops there, so the entities are not looked at.
inline std::uint64_t change_version(std::string_view change) {
    Fields fields(change);
    while (fields.next()) {
        if (fields.tag() == varint_tag(3)) return fields.number();
    }
    throw std::runtime_error("a change without a version");
}

// Always five bytes, so that it can be replaced in place; decoders take the longer form.
inline void write_padded_varint(char* at, std::uint32_t value) {
    for (int i = 0; i < 5; ++i) at[i] = static_cast<char>((i < 4 ? 0x80 : 0) | ((value >> (7 * i)) & 0x7f));
}

}  // namespace foorumi::bench
