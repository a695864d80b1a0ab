// Fields of what Redis answers to INFO.
#pragma once

#include <cstdint>
#include <string_view>

namespace foorumi::store {

// Empty: there is none of that name.
[[nodiscard]] std::string_view info_field(std::string_view info, std::string_view name);
// 0 where it is no number.
[[nodiscard]] std::uint64_t info_number(std::string_view info, std::string_view name);

}  // namespace foorumi::store
