#include "codec/utf8_walk.hpp"

#include "codec/wire.hpp"
#include "forum/text.hpp"

namespace foorumi::codec {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

std::optional<WireFault> walk(std::string_view bytes, const Descriptor& type, int depth);

std::optional<WireFault> check_field(const WireField& field, const FieldDescriptor& known, int depth) {
    if (known.type() == FieldDescriptor::TYPE_STRING && !forum::is_utf8(field.bytes))
        return WireFault{false, known.name()};
    if (known.type() != FieldDescriptor::TYPE_MESSAGE) return std::nullopt;
    auto inner = walk(field.bytes, *known.message_type(), depth + 1);
    if (inner && !inner->malformed) inner->path = known.name() + '.' + inner->path;
    return inner;
}

std::optional<WireFault> walk(std::string_view bytes, const Descriptor& type, int depth) {
    if (depth > max_depth) return WireFault{true, {}};
    WireReader reader(bytes);
    while (const auto field = reader.next()) {
        if (field->type != WireType::bytes) continue;
        const FieldDescriptor* known = type.FindFieldByNumber(static_cast<int>(field->number));
        if (known == nullptr) continue;
        if (auto fault = check_field(*field, *known, depth)) return fault;
    }
    if (reader.malformed()) return WireFault{true, {}};
    return std::nullopt;
}

}  // namespace

std::optional<WireFault> find_fault(std::string_view bytes, const Descriptor& type) { return walk(bytes, type, 0); }

}  // namespace foorumi::codec
