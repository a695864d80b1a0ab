// Finds what protobuf's parser would refuse without a word where, and would write to stderr about. No IO; thread-safe.
#pragma once

#include <google/protobuf/descriptor.h>

#include <optional>
#include <string>
#include <string_view>

namespace foorumi::codec {

struct WireFault {
    bool malformed = false;  // not the wire format
    std::string path;        // else: the string that is not UTF-8, as "cursors.channel"
};

// Walks the bytes of a message of this type. Nothing: no fault found.
[[nodiscard]] std::optional<WireFault> find_fault(std::string_view bytes, const google::protobuf::Descriptor& type);

}  // namespace foorumi::codec
