// Protobuf messages to bytes and back, always the same way. No IO; thread-safe.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

namespace foorumi::codec {

// Equal messages give equal bytes.
void append_serialized(std::string& out, const google::protobuf::Message& message);
[[nodiscard]] std::string serialize(const google::protobuf::Message& message);

// False: the bytes are no such message, or a string in them is not UTF-8. Writes nothing to stderr.
[[nodiscard]] bool parse(std::string_view bytes, google::protobuf::Message& message);

}  // namespace foorumi::codec
