#include "codec/frame_codec.hpp"

#include <sodium/crypto_generichash.h>

#include <optional>

#include "codec/serialize.hpp"
#include "codec/utf8_walk.hpp"
#include "codec/wire.hpp"

namespace foorumi::codec {
namespace {

using forum::ErrorCode;
using forum::Refusal;

// The last id that can be read, as a parser would take it.
std::uint64_t readable_id(std::string_view bytes) {
    std::uint64_t id = 0;
    WireReader reader(bytes);
    while (const auto field = reader.next()) {
        if (field->number == v1::Request::kIdFieldNumber && field->type == WireType::varint) id = field->varint;
    }
    return id;
}

// "post_message.text" -> "text": refusals name fields below the command, as the rules do.
std::string below_command(const std::string& path) {
    const auto dot = path.find('.');
    return dot == std::string::npos ? path : path.substr(dot + 1);
}

std::optional<Refusal> fault_of(std::string_view bytes) {
    const auto fault = find_fault(bytes, *v1::Request::descriptor());
    if (!fault) return std::nullopt;
    if (fault->malformed) return Refusal{ErrorCode::malformed, "request_malformed", {}};
    return Refusal{ErrorCode::invalid, "text_not_utf8", below_command(fault->path)};
}

forum::Result<const v1::Request*> parse_request(std::string_view bytes, google::protobuf::Arena& arena) {
    if (auto fault = fault_of(bytes)) return *fault;
    auto* request = google::protobuf::Arena::CreateMessage<v1::Request>(&arena);
    if (!request->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return Refusal{ErrorCode::malformed, "request_malformed", {}};
    }
    if (request->id() == 0) return Refusal{ErrorCode::invalid, "request_id_missing", "id"};
    if (request->command_case() == v1::Request::COMMAND_NOT_SET) {
        return Refusal{ErrorCode::unknown_request, "request_unknown", {}};
    }
    return request;
}

std::size_t entity_size(const EntityBytes& entity) {
    return bytes_field_size(v1::Entity::kKeyFieldNumber, entity.key.size()) +
           varint_field_size(v1::Entity::kVersionFieldNumber, entity.version) + entity.value.size();
}

void append_entity(std::string& out, std::uint32_t number, const EntityBytes& entity) {
    append_message_head(out, number, entity_size(entity));
    append_bytes_field(out, v1::Entity::kKeyFieldNumber, entity.key);
    append_varint_field(out, v1::Entity::kVersionFieldNumber, entity.version);
    out.append(entity.value);
}

// A message field is there even when it has no bytes.
std::size_t message_field_size(std::uint32_t number, std::size_t length) {
    return varint_size(std::uint64_t{number} << 3) + varint_size(length) + length;
}

}  // namespace

forum::Result<std::vector<std::string_view>> split_client_frame(std::string_view frame, std::size_t max_requests) {
    std::vector<std::string_view> requests;
    WireReader reader(frame);
    while (const auto field = reader.next()) {
        if (field->number != v1::ClientFrame::kRequestsFieldNumber || field->type != WireType::bytes) continue;
        if (requests.size() == max_requests) return Refusal{ErrorCode::limited, "too_many_requests", "requests"};
        requests.push_back(field->bytes);
    }
    if (reader.malformed()) return Refusal{ErrorCode::malformed, "frame_malformed", {}};
    return requests;
}

DecodedRequest decode_request(std::string_view bytes, google::protobuf::Arena& arena) {
    auto request = parse_request(bytes, arena);
    return {request ? (*request)->id() : readable_id(bytes), std::move(request)};
}

std::array<std::uint8_t, 16> fingerprint(const v1::Request& request) {
    const auto* oneof = v1::Request::descriptor()->FindOneofByName("command");
    const auto* reflection = request.GetReflection();
    std::string content;
    if (const auto* field = reflection->GetOneofFieldDescriptor(request, oneof)) {
        append_varint(content, static_cast<std::uint64_t>(field->number()));
        append_serialized(content, reflection->GetMessage(request, field));
    }
    std::array<std::uint8_t, 16> hash{};
    crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(content.data()), content.size(),
                       nullptr, 0);
    return hash;
}

void append_item(std::string& out, const v1::Item& item) {
    append_message_head(out, v1::ServerFrame::kItemsFieldNumber, item.ByteSizeLong());
    append_serialized(out, item);
}

std::string encode_item(const v1::Item& item) {
    std::string out;
    append_item(out, item);
    return out;
}

std::string encode_change_item(std::string_view channel, std::uint64_t version, std::span<const EntityBytes> entities) {
    using Change = v1::Change;
    std::size_t size = bytes_field_size(Change::kChannelFieldNumber, channel.size()) +
                       varint_field_size(Change::kPreviousVersionFieldNumber, version - 1) +
                       varint_field_size(Change::kVersionFieldNumber, version);
    for (const auto& entity : entities) size += message_field_size(Change::kEntitiesFieldNumber, entity_size(entity));
    const std::size_t item_size = message_field_size(v1::Item::kChangeFieldNumber, size);

    std::string out;
    out.reserve(message_field_size(v1::ServerFrame::kItemsFieldNumber, item_size));
    append_message_head(out, v1::ServerFrame::kItemsFieldNumber, item_size);
    append_message_head(out, v1::Item::kChangeFieldNumber, size);
    append_bytes_field(out, Change::kChannelFieldNumber, channel);
    append_varint_field(out, Change::kPreviousVersionFieldNumber, version - 1);
    append_varint_field(out, Change::kVersionFieldNumber, version);
    for (const auto& entity : entities) append_entity(out, Change::kEntitiesFieldNumber, entity);
    return out;
}

std::string encode_history_item(std::uint64_t request, const HistoryBytes& page) {
    using History = v1::History;
    std::size_t size = varint_field_size(History::kVersionFieldNumber, page.version) +
                       varint_field_size(History::kMoreFieldNumber, page.more ? 1 : 0);
    for (const auto& entity : page.messages)
        size += message_field_size(History::kMessagesFieldNumber, entity_size(entity));
    for (const auto& entity : page.reactions)
        size += message_field_size(History::kReactionsFieldNumber, entity_size(entity));
    const std::size_t response_size = varint_field_size(v1::Response::kIdFieldNumber, request) +
                                      message_field_size(v1::Response::kHistoryFieldNumber, size);
    const std::size_t item_size = message_field_size(v1::Item::kResponseFieldNumber, response_size);

    std::string out;
    out.reserve(message_field_size(v1::ServerFrame::kItemsFieldNumber, item_size));
    append_message_head(out, v1::ServerFrame::kItemsFieldNumber, item_size);
    append_message_head(out, v1::Item::kResponseFieldNumber, response_size);
    append_varint_field(out, v1::Response::kIdFieldNumber, request);
    append_message_head(out, v1::Response::kHistoryFieldNumber, size);
    append_varint_field(out, History::kVersionFieldNumber, page.version);
    for (const auto& entity : page.messages) append_entity(out, History::kMessagesFieldNumber, entity);
    for (const auto& entity : page.reactions) append_entity(out, History::kReactionsFieldNumber, entity);
    append_varint_field(out, History::kMoreFieldNumber, page.more ? 1 : 0);
    return out;
}

bool to_proto(const EntityBytes& entity, v1::Entity& out) {
    if (!parse(entity.value, out)) return false;
    out.set_key(std::string(entity.key));
    out.set_version(entity.version);
    return true;
}

}  // namespace foorumi::codec
