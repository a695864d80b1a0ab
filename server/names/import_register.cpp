#include "names/import_register.hpp"

#include <utility>

#include "names/unicode_forms.hpp"

namespace foorumi::names {
namespace {

// What has the name already makes it one of several.
template <class Map, class Value>
void add_name(Map& map, std::string_view name, const Value& value) {
    const auto [at, added] = map.try_emplace(lookup_form(name), value);
    if (!added && at->second != value) at->second.reset();
}

template <class Map>
auto find_name(const Map& map, std::string_view name) -> typename Map::mapped_type {
    const auto found = map.find(name);
    if (found == map.end()) return std::nullopt;
    return found->second;
}

}  // namespace

void NamedRegister::add_municipality(std::string_view code, std::string_view name_fi, std::string_view name_sv) {
    const std::string value(code);
    add_name(municipalities_, code, value);
    add_name(municipalities_, name_fi, value);
    add_name(municipalities_, name_sv, value);
}

void NamedRegister::add_term(forum::Id id, std::string_view name) { add_name(terms_, name, id); }

std::optional<std::string> NamedRegister::municipality(std::string_view code_or_name) const {
    return find_name(municipalities_, code_or_name);
}

std::optional<forum::Id> NamedRegister::term(std::string_view name) const { return find_name(terms_, name); }

}  // namespace foorumi::names
