// Protobuf's wire format at its lowest level, for what is done without parsing a whole message. Pure; every view points
// into the bytes that were given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace foorumi::codec {

constexpr int max_depth = 100;  // of messages and groups within each other, as protobuf's parser

enum class WireType : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, group = 3, end_group = 4, fixed32 = 5 };

struct WireField {
    std::uint32_t number = 0;
    WireType type = WireType::varint;
    std::uint64_t varint = 0;  // for WireType::varint
    std::string_view bytes;    // for WireType::bytes
};

// Reads the fields of one message, top level only: a group is one field, skipped with all that is in it.
class WireReader {
   public:
    explicit WireReader(std::string_view bytes) : rest_(bytes) {}

    // The next field; nothing: the end, or what follows is malformed. Then malformed() tells which.
    [[nodiscard]] std::optional<WireField> next();
    [[nodiscard]] bool malformed() const { return malformed_; }

   private:
    [[nodiscard]] std::optional<WireField> read_field(int depth);
    [[nodiscard]] std::optional<std::uint64_t> read_varint();
    [[nodiscard]] std::optional<std::string_view> read_bytes(std::uint64_t length);
    [[nodiscard]] bool skip_group(std::uint32_t number, int depth);

    std::string_view rest_;
    bool malformed_ = false;
};

void append_varint(std::string& out, std::uint64_t value);
[[nodiscard]] std::size_t varint_size(std::uint64_t value);
// As proto3 does: a value of 0 and empty bytes are left out.
void append_varint_field(std::string& out, std::uint32_t number, std::uint64_t value);
void append_bytes_field(std::string& out, std::uint32_t number, std::string_view bytes);
[[nodiscard]] std::size_t varint_field_size(std::uint32_t number, std::uint64_t value);
[[nodiscard]] std::size_t bytes_field_size(std::uint32_t number, std::size_t length);
// Tag and length of a message of `length` bytes, also of 0: the caller appends the bytes.
void append_message_head(std::string& out, std::uint32_t number, std::size_t length);

}  // namespace foorumi::codec
