// One representative of every request, item and entity, with every field set: what the golden bytes pin.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "foorumi/v1/protocol.pb.h"
#include "foorumi/v1/stored.pb.h"
#include "forum/decision.hpp"

namespace foorumi::codec::test {

template <class T>
using Named = std::vector<std::pair<std::string, T>>;

// Named "request.<command>".
[[nodiscard]] Named<v1::Request> sample_requests();
// A post of this text in room 3, with id 7 and no more.
[[nodiscard]] v1::Request post(std::string text = "Hei");
// Named "item.<item>" or "item.response.<result>".
[[nodiscard]] Named<v1::Item> sample_items();
// Named "entity.<value>".
[[nodiscard]] Named<forum::Entity> sample_entities();
[[nodiscard]] std::vector<forum::Effect> sample_effects();

// The names of the cases of a oneof, to see that none is missing.
[[nodiscard]] std::vector<std::string> oneof_cases(const google::protobuf::Descriptor& type, const std::string& oneof);

}  // namespace foorumi::codec::test
