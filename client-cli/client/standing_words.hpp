// Roles, positions and classes of municipalities, as they are written on a command line: the protocol's words in lower
// case, as "office_holder" or "office-holder". Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "foorumi/v1/entities.pb.h"

namespace foorumi::client {

[[nodiscard]] std::optional<foorumi::v1::Role> read_role(std::string_view word);
[[nodiscard]] std::optional<foorumi::v1::SizeClass> read_size_class(std::string_view word);

[[nodiscard]] std::string word_of(foorumi::v1::Role role);
[[nodiscard]] std::string word_of(foorumi::v1::SizeClass size);
[[nodiscard]] std::string word_of(foorumi::v1::Position::Kind kind);

// The term is a number or a name, empty: none.
struct GrantWords {
    foorumi::v1::Role role = foorumi::v1::ROLE_UNSPECIFIED;
    std::string term;
};
// "ROLE[@TERM]"
[[nodiscard]] std::optional<GrantWords> read_grant(std::string_view text);

struct PositionWords {
    foorumi::v1::Position::Kind kind = foorumi::v1::Position::KIND_UNSPECIFIED;
    std::string body;
    std::string term;
};
// "KIND[:BODY][@TERM]"
[[nodiscard]] std::optional<PositionWords> read_position(std::string_view text);

}  // namespace foorumi::client
