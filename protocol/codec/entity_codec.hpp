// Entities: the forum's plain values <-> protobuf <-> the bytes that channels hold. No IO; thread-safe.
#pragma once

#include <google/protobuf/repeated_field.h>

#include <optional>
#include <string>
#include <string_view>

#include "foorumi/v1/entities.pb.h"
#include "forum/entities.hpp"
#include "forum/municipality.hpp"

namespace foorumi::codec {

// The value as a channel stores it: an encoded v1::Entity with only its value set; empty for monostate. Equal values
// give equal bytes.
[[nodiscard]] std::string encode_value(const forum::Entity& value);

// Nothing: bytes that are no Entity, or one whose value this server does not know. Empty bytes are monostate.
[[nodiscard]] std::optional<forum::Entity> decode_value(std::string_view bytes);

// What subscribers get of a stored value: an earlier text without text and mentions, a redirect and a move without
// where to; anything else as it is. Empty where the bytes cannot be read.
[[nodiscard]] std::string value_for_subscribers(std::string_view bytes);

// Whether a stored value is a redirect, the only one of a room's that is not told as it is stored. Looks at two bytes.
[[nodiscard]] bool is_redirect(std::string_view bytes);
inline constexpr std::string_view redirect_tag = "\x82\x01";

// store::Put::self_field for a forum::Write with own_thread: the commit's version becomes Entity.message.thread.
inline constexpr std::string_view own_thread_field = "\x62\x08";

// Sets, or clears, the value; key and version stay.
void to_proto(const forum::Entity& value, v1::Entity& out);
// Nothing: no value, or none that this server knows.
[[nodiscard]] std::optional<forum::Entity> from_proto(const v1::Entity& entity);

[[nodiscard]] v1::Role to_proto(forum::Role role);
// Ascending. Roles that this server does not know are left out of what is read.
void to_proto(forum::Roles roles, google::protobuf::RepeatedField<int>& out);
[[nodiscard]] forum::Roles roles_from_proto(const google::protobuf::RepeatedField<int>& roles);
void to_proto(const forum::Badge& badge, v1::Badge& out);
[[nodiscard]] forum::Badge from_proto(const v1::Badge& badge);
[[nodiscard]] v1::SizeClass to_proto(forum::MunicipalitySize size);
void to_proto(const forum::Position& position, v1::Position& out);
[[nodiscard]] forum::Position from_proto(const v1::Position& position);
// Nothing: a role that this server does not know.
[[nodiscard]] std::optional<forum::Role> role_from_proto(int number);
// Nothing: a kind that this server does not know.
[[nodiscard]] std::optional<forum::SanctionKind> sanction_from_proto(int number);

}  // namespace foorumi::codec
