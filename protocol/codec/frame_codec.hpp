// Frames: what a client sent, taken apart with typed refusals, and what the server sends, put together. No IO, no
// output to stderr; thread-safe. Sizes of frames are checked before, by the connection.
#pragma once

#include <google/protobuf/arena.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "foorumi/v1/protocol.pb.h"
#include "forum/decision.hpp"

namespace foorumi::codec {

// The encoded requests of a ClientFrame, in order, as views into the frame; unknown fields are skipped. Refusals:
// MALFORMED frame_malformed, LIMITED too_many_requests. A frame of no requests is one.
[[nodiscard]] forum::Result<std::vector<std::string_view>> split_client_frame(std::string_view frame,
                                                                              std::size_t max_requests);

struct DecodedRequest {
    std::uint64_t id = 0;                       // also of a refused request, as far as it can be read; 0: none
    forum::Result<const v1::Request*> request;  // lives in the arena
};

// One request. Refusals: MALFORMED request_malformed; INVALID text_not_utf8 with the field's path below the command
// ("text", "cursors.channel"); INVALID request_id_missing (id); UNKNOWN_REQUEST request_unknown.
[[nodiscard]] DecodedRequest decode_request(std::string_view bytes, google::protobuf::Arena& arena);

// Tells whether two requests ask for the same: over the command alone, without id, change_id and made_at_ms. Fields of
// the command that this server does not know count, too. REQUIRES: a command is set.
[[nodiscard]] std::array<std::uint8_t, 16> fingerprint(const v1::Request& request);

// Each of these encodes one element of ServerFrame.items with tag and length: any number of them, one behind the other,
// is a valid frame.
void append_item(std::string& out, const v1::Item& item);
[[nodiscard]] std::string encode_item(const v1::Item& item);

// An entity as its channel holds it.
struct EntityBytes {
    std::string_view key;
    std::uint64_t version = 0;
    std::string_view value;  // of encode_value(); empty: the entity is gone
};

// The item for one commit, composed of stored bytes without decoding them. REQUIRES: version > 0.
[[nodiscard]] std::string encode_change_item(std::string_view channel, std::uint64_t version,
                                             std::span<const EntityBytes> entities);

struct HistoryBytes {
    std::uint64_t version = 0;
    bool more = false;
    std::span<const EntityBytes> messages;
    std::span<const EntityBytes> reactions;
};

// The item that answers a request with a page of History, composed of stored bytes without decoding them: whether each
// value is an entity is the caller's to know.
[[nodiscard]] std::string encode_history_item(std::uint64_t request, const HistoryBytes& page);

// The entity as a message, for answers. False: the value's bytes are no Entity.
[[nodiscard]] bool to_proto(const EntityBytes& entity, v1::Entity& out);

}  // namespace foorumi::codec
