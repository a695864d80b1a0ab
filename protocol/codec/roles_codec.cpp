#include "codec/entity_codec.hpp"

namespace foorumi::codec {
// The numbers are the same on both sides, and the golden bytes pin them.
v1::Role to_proto(forum::Role role) { return static_cast<v1::Role>(role); }

void to_proto(forum::Roles roles, google::protobuf::RepeatedField<int>& out) {
    out.Clear();
    for (const forum::Role role : forum::all_roles) {
        if (roles.has(role)) out.Add(to_proto(role));
    }
}

forum::Roles roles_from_proto(const google::protobuf::RepeatedField<int>& roles) {
    forum::Roles out;
    for (const forum::Role role : forum::all_roles) {
        for (const int number : roles) {
            if (number == to_proto(role)) out.add(role);
        }
    }
    return out;
}

void to_proto(const forum::Badge& badge, v1::Badge& out) {
    to_proto(badge.roles, *out.mutable_roles());
    out.set_municipality(badge.municipality);
    for (const auto& position : badge.positions) to_proto(position, *out.add_positions());
}

forum::Badge from_proto(const v1::Badge& badge) {
    forum::Badge out{roles_from_proto(badge.roles()), badge.municipality(), {}};
    out.positions.reserve(static_cast<std::size_t>(badge.positions_size()));
    for (const auto& position : badge.positions()) out.positions.push_back(from_proto(position));
    return out;
}

// The protocol's numbers begin with 1.
v1::SizeClass to_proto(forum::MunicipalitySize size) { return static_cast<v1::SizeClass>(static_cast<int>(size) + 1); }

void to_proto(const forum::Position& position, v1::Position& out) {
    out.set_kind(static_cast<v1::Position::Kind>(position.kind));
    out.set_body(position.body);
    out.set_term(position.term);
}

// A kind of a later release is kept as the number that it is.
forum::Position from_proto(const v1::Position& position) {
    return {static_cast<forum::PositionKind>(position.kind()), position.body(), position.term()};
}

std::optional<forum::SanctionKind> sanction_from_proto(int number) {
    if (number < v1::SANCTION_KIND_WARN || number > v1::SANCTION_KIND_BAN) return std::nullopt;
    return static_cast<forum::SanctionKind>(number);
}

std::optional<forum::Role> role_from_proto(int number) {
    for (const forum::Role role : forum::all_roles)
        if (number == to_proto(role)) return role;
    return std::nullopt;
}

}  // namespace foorumi::codec
