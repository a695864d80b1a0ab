#include "store/info.hpp"

#include <spdlog/fmt/fmt.h>

#include <charconv>

namespace foorumi::store {

std::string_view info_field(std::string_view info, std::string_view name) {
    const auto at = info.find(fmt::format("\n{}:", name));
    if (at == std::string_view::npos) return {};
    info.remove_prefix(at + name.size() + 2);
    return info.substr(0, info.find_first_of("\r\n"));
}

std::uint64_t info_number(std::string_view info, std::string_view name) {
    const auto text = info_field(info, name);
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace foorumi::store
