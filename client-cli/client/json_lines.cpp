#include "client/json_lines.hpp"

#include <google/protobuf/util/json_util.h>

#include <utility>

#include "client/change_id.hpp"
#include "client/display.hpp"
#include "client/utf8.hpp"

namespace foorumi::client {

std::string to_json(const google::protobuf::Message& message) {
    google::protobuf::util::JsonPrintOptions options;
    options.always_print_primitive_fields = true;
    std::string out;
    // It fails only for well-known types with values out of range, which the protocol does not use.
    if (!google::protobuf::util::MessageToJsonString(message, &out, options).ok()) return "{}";
    return escape_json(out);
}

std::string json_string(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return escape_json(out += '"');
}

foorumi::v1::Synced up_to(foorumi::v1::Synced synced, std::uint64_t version) {
    if (version >= synced.version()) return synced;
    const auto part = std::exchange(*synced.mutable_entities(), {});
    for (const auto& entity : part) {
        if (entity.version() <= version) *synced.add_entities() = entity;
    }
    synced.set_version(version);
    return synced;
}

std::string synced_line(const foorumi::v1::Synced& synced) {
    const bool snapshot = synced.since() == 0;
    foorumi::v1::Change change;
    change.set_channel(synced.channel());
    change.set_previous_version(snapshot ? synced.version() : synced.since());
    change.set_version(synced.version());
    if (!snapshot) *change.mutable_entities() = synced.entities();
    std::string line = to_json(change);
    line.pop_back();
    return line + R"(,"epoch":")" + std::to_string(synced.epoch()) + R"(","synced":true})";
}

std::string reset_line(const foorumi::v1::Synced& synced) {
    return R"({"channel":)" + json_string(synced.channel()) + R"(,"reset":true,"since":")" +
           std::to_string(synced.since()) + R"(","version":")" + std::to_string(synced.version()) + R"(","epoch":")" +
           std::to_string(synced.epoch()) + R"("})";
}

std::string ended_line(std::string_view channel, const foorumi::v1::Error& error) {
    return R"({"channel":)" + json_string(channel) + R"(,"ended":true,"error":)" + to_json(error) + '}';
}

std::string posted_line(std::uint64_t line, std::string_view change_id, std::string_view name,
                        std::string_view json_value) {
    std::string out = R"({"line":)" + std::to_string(line) + R"(,"changeId":")" + to_hex(change_id) + "\",";
    out += json_string(name);
    out += ':';
    out += json_value;
    return out += '}';
}

}  // namespace foorumi::client
