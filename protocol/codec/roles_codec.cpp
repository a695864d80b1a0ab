#include "codec/entity_codec.hpp"

namespace foorumi::codec {
namespace {

constexpr forum::Role all_roles[] = {forum::Role::councillor, forum::Role::office_holder, forum::Role::expert,
                                     forum::Role::moderator, forum::Role::administrator};

}  // namespace

// The numbers are the same on both sides, and the golden bytes pin them.
v1::Role to_proto(forum::Role role) { return static_cast<v1::Role>(role); }

void to_proto(forum::Roles roles, google::protobuf::RepeatedField<int>& out) {
    out.Clear();
    for (const forum::Role role : all_roles) {
        if (roles.has(role)) out.Add(to_proto(role));
    }
}

forum::Roles roles_from_proto(const google::protobuf::RepeatedField<int>& roles) {
    forum::Roles out;
    for (const forum::Role role : all_roles) {
        for (const int number : roles) {
            if (number == to_proto(role)) out.add(role);
        }
    }
    return out;
}

void to_proto(const forum::Badge& badge, v1::Badge& out) {
    to_proto(badge.roles, *out.mutable_roles());
    out.set_municipality(badge.municipality);
}

forum::Badge from_proto(const v1::Badge& badge) { return {roles_from_proto(badge.roles()), badge.municipality()}; }

}  // namespace foorumi::codec
