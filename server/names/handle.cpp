#include "names/handle.hpp"

#include <algorithm>

#include "forum/unicode.hpp"
#include "names/letters.hpp"

namespace foorumi::names {
namespace {

forum::Refusal refuse_handle(std::string_view reason) {
    return {forum::ErrorCode::invalid, std::string(reason), "handle"};
}

bool is_handle_edge(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_handle_joint(char c) { return c == '.' || c == '_' || c == '-'; }

// What a handle has for the code point; empty: nothing.
std::string handle_part(char32_t c) {
    if ((c >= U'a' && c <= U'z') || (c >= U'0' && c <= U'9')) return {static_cast<char>(c)};
    if (c >= U'A' && c <= U'Z') return {static_cast<char>(c - U'A' + U'a')};
    if (c == U' ') return ".";
    if (c == U'-') return "-";
    const auto* letter = find_further_letter(c);
    return letter == nullptr ? std::string() : std::string(letter->ascii);
}

void trim_joints(std::string& handle) {
    while (!handle.empty() && is_handle_joint(handle.back())) handle.pop_back();
}

std::string spelt_in_ascii(std::string_view name) {
    std::string handle;
    while (const auto point = forum::first_code_point(name)) {
        name.remove_prefix(point->bytes);
        const auto part = handle_part(point->value);
        const bool joint = !part.empty() && is_handle_joint(part.front());
        if (joint && (handle.empty() || is_handle_joint(handle.back()))) continue;
        handle += part;
    }
    trim_joints(handle);
    return handle;
}

}  // namespace

forum::Result<void> check_handle(std::string_view handle, const NameLimits& limits) {
    const bool spelt = std::ranges::all_of(handle, [](char c) { return is_handle_edge(c) || is_handle_joint(c); }) &&
                       handle.find("..") == std::string_view::npos &&
                       (handle.empty() || (is_handle_edge(handle.front()) && is_handle_edge(handle.back())));
    if (!spelt) return refuse_handle("handle_letters");
    if (handle.empty() || handle.size() < limits.handle_min) return refuse_handle("handle_too_short");
    if (handle.size() > limits.handle_max) return refuse_handle("handle_too_long");
    return {};
}

std::string handle_of(std::string_view name, const NameLimits& limits, std::size_t number) {
    const auto digits = number > 1 ? std::to_string(number) : std::string();
    auto handle = spelt_in_ascii(name);
    if (handle.size() + digits.size() > limits.handle_max) {
        handle.resize(limits.handle_max - std::min(digits.size(), limits.handle_max));
        trim_joints(handle);
    }
    handle += digits;
    if (handle.size() < limits.handle_min) handle.append(limits.handle_min - handle.size(), '1');
    return handle;
}

}  // namespace foorumi::names
