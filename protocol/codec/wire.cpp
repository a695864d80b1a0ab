#include "codec/wire.hpp"

namespace foorumi::codec {
namespace {

constexpr std::uint64_t max_tag = 0xFFFFFFFF;

constexpr std::uint64_t tag(std::uint32_t number, WireType type) {
    return (std::uint64_t{number} << 3) | static_cast<std::uint64_t>(type);
}

}  // namespace

std::optional<WireField> WireReader::next() {
    if (malformed_ || rest_.empty()) return std::nullopt;
    auto field = read_field(0);
    // The end of a group that was not begun.
    if (!field || field->type == WireType::end_group) {
        malformed_ = true;
        return std::nullopt;
    }
    return field;
}

std::optional<WireField> WireReader::read_field(int depth) {
    const auto head = read_varint();
    if (!head || *head > max_tag || (*head >> 3) == 0) return std::nullopt;
    WireField field{static_cast<std::uint32_t>(*head >> 3), static_cast<WireType>(*head & 7), 0, {}};
    switch (field.type) {
        case WireType::varint: {
            const auto value = read_varint();
            if (!value) return std::nullopt;
            field.varint = *value;
            return field;
        }
        case WireType::bytes: {
            const auto length = read_varint();
            const auto bytes = length ? read_bytes(*length) : std::nullopt;
            if (!bytes) return std::nullopt;
            field.bytes = *bytes;
            return field;
        }
        case WireType::fixed64:
            return read_bytes(8) ? std::optional(field) : std::nullopt;
        case WireType::fixed32:
            return read_bytes(4) ? std::optional(field) : std::nullopt;
        case WireType::group:
            return skip_group(field.number, depth + 1) ? std::optional(field) : std::nullopt;
        case WireType::end_group:
            return field;
    }
    return std::nullopt;
}

std::optional<std::uint64_t> WireReader::read_varint() {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 10 && i < rest_.size(); ++i) {
        const auto byte = static_cast<unsigned char>(rest_[i]);
        value |= static_cast<std::uint64_t>(byte & 0x7F) << (7 * i);
        if (byte < 0x80) {
            rest_.remove_prefix(i + 1);
            return value;
        }
    }
    return std::nullopt;
}

std::optional<std::string_view> WireReader::read_bytes(std::uint64_t length) {
    if (length > rest_.size()) return std::nullopt;
    const auto bytes = rest_.substr(0, static_cast<std::size_t>(length));
    rest_.remove_prefix(bytes.size());
    return bytes;
}

bool WireReader::skip_group(std::uint32_t number, int depth) {
    if (depth > max_depth) return false;
    while (const auto field = read_field(depth)) {
        if (field->type == WireType::end_group) return field->number == number;
    }
    return false;
}

void append_varint(std::string& out, std::uint64_t value) {
    while (value >= 0x80) {
        out.push_back(static_cast<char>((value & 0x7F) | 0x80));
        value >>= 7;
    }
    out.push_back(static_cast<char>(value));
}

std::size_t varint_size(std::uint64_t value) {
    std::size_t size = 1;
    for (; value >= 0x80; value >>= 7) ++size;
    return size;
}

void append_varint_field(std::string& out, std::uint32_t number, std::uint64_t value) {
    if (value == 0) return;
    append_varint(out, tag(number, WireType::varint));
    append_varint(out, value);
}

void append_bytes_field(std::string& out, std::uint32_t number, std::string_view bytes) {
    if (bytes.empty()) return;
    append_message_head(out, number, bytes.size());
    out.append(bytes);
}

void append_message_head(std::string& out, std::uint32_t number, std::size_t length) {
    append_varint(out, tag(number, WireType::bytes));
    append_varint(out, length);
}

std::size_t varint_field_size(std::uint32_t number, std::uint64_t value) {
    return value == 0 ? 0 : varint_size(tag(number, WireType::varint)) + varint_size(value);
}

std::size_t bytes_field_size(std::uint32_t number, std::size_t length) {
    return length == 0 ? 0 : varint_size(tag(number, WireType::bytes)) + varint_size(length) + length;
}

}  // namespace foorumi::codec
