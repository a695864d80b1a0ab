// What --json prints: one line of protobuf's JSON mapping for each answer and each change. Pure.
//
// Fields that are not set are printed with their default, 64-bit numbers are strings. Characters that a terminal would
// obey or that deceive readers are \u escapes. No line ends with a line feed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "foorumi/v1/protocol.pb.h"

namespace foorumi::client {

[[nodiscard]] std::string to_json(const google::protobuf::Message& message);

// A JSON string with its quotation marks.
[[nodiscard]] std::string json_string(std::string_view text);

// The part of the answer that ends at `version`: entities that changed again behind it are left out, and come to
// whoever goes on from there. REQUIRES: since() <= version.
[[nodiscard]] foorumi::v1::Synced up_to(foorumi::v1::Synced synced, std::uint64_t version);

// What was changed after `synced.since()`, as one line with a change's fields and "synced":true. For a first snapshot
// it has no entities, and both versions are the one reached.
[[nodiscard]] std::string synced_line(const foorumi::v1::Synced& synced);

// {"channel":...,"reset":true,"since":...,"version":...,"epoch":...}: the channel goes on from this version; what lies
// before was lost.
[[nodiscard]] std::string reset_line(const foorumi::v1::Synced& synced);

// {"channel":...,"ended":true,"error":{...}}: the channel may not be read (any more).
[[nodiscard]] std::string ended_line(std::string_view channel, const foorumi::v1::Error& error);

// {"line":...,"changeId":...,NAME:value}
[[nodiscard]] std::string posted_line(std::uint64_t line, std::string_view change_id, std::string_view name,
                                      std::string_view json_value);

}  // namespace foorumi::client
