// By what a member signs in: a handle or an e-mail address. Pure.
#pragma once

#include <string>
#include <string_view>

#include "membership/rules.hpp"

namespace foorumi::entrance {

struct AccountName {
    membership::NameKind kind = membership::NameKind::handle;
    std::string text;  // in the form that makes equal ones the same
};

// Of whatever was typed: white space at the ends and an '@' before a handle do not count, nor does case.
[[nodiscard]] AccountName account_name(std::string_view typed);

}  // namespace foorumi::entrance
