#include "client/registers.hpp"

#include <stdexcept>

#include "client/entity_key.hpp"
#include "names/unicode_forms.hpp"

namespace foorumi::client {
namespace {

std::string numbered(const std::map<std::uint64_t, std::string>& names, std::uint64_t id) {
    const auto found = names.find(id);
    return found == names.end() ? '#' + std::to_string(id) : found->second;
}

}  // namespace

foorumi::v1::Error Unknown::error() const {
    foorumi::v1::Error out;
    out.set_code(foorumi::v1::Error::CODE_NOT_FOUND);
    out.set_reason(reason);
    out.set_field(field);
    return out;
}

void throw_exception_from_error(const Unknown& unknown, const boost::source_location& /*where*/) {
    throw std::logic_error("what was not found: " + unknown.reason);
}

void Registers::add(const foorumi::v1::Terms& terms) {
    for (const auto& term : terms.terms()) {
        terms_[term.id()] = term.name();
        names_.add_term(term.id(), term.name());
    }
}

void Registers::add(const foorumi::v1::Municipalities& municipalities) {
    all_.mutable_municipalities()->MergeFrom(municipalities.municipalities());
    for (const auto& one : municipalities.municipalities()) {
        municipalities_[one.code()] = one;
        names_.add_municipality(one.code(), one.name_fi(), one.name_sv());
    }
}

void Registers::add(const foorumi::v1::Forums& forums) {
    for (const auto& forum : forums.forums()) forums_[forum.id()] = forum.slug();
}

Found<std::uint64_t> Registers::term(std::string_view text, std::string_view field) const {
    if (text.empty()) return std::uint64_t{0};
    if (const auto named = names_.term(names::lookup_form(text))) return *named;
    if (const auto id = parse_id(std::string(text)); id && terms_.contains(*id)) return *id;
    return Unknown("term_not_found", field);
}

Found<std::string> Registers::municipality(std::string_view text, std::string_view field) const {
    if (text.empty()) return std::string();
    if (auto code = names_.municipality(names::lookup_form(text))) return *code;
    return Unknown("municipality_not_found", field);
}

Found<std::uint64_t> Registers::forum(std::string_view text, std::string_view field) const {
    if (const auto id = parse_id(std::string(text)); id && forums_.contains(*id)) return *id;
    for (const auto& [id, slug] : forums_) {
        if (slug == text) return id;
    }
    return Unknown("forum_not_found", field);
}

Found<foorumi::v1::Position> Registers::position(const PositionWords& words) const {
    foorumi::v1::Position out;
    out.set_kind(words.kind);
    out.set_body(words.body);
    const auto id = term(words.term, "positions");
    if (id.has_error()) return id.error();
    out.set_term(*id);
    return out;
}

Found<foorumi::v1::Standing> Registers::standing(const StandingArguments& asked) const {
    foorumi::v1::Standing out;
    for (const auto& text : asked.roles) {
        const auto words = read_grant(text);
        if (!words) return Unknown("import_role_unknown", "grants");
        const auto id = term(words->term, "grants");
        if (id.has_error()) return id.error();
        auto& grant = *out.add_grants();
        grant.set_role(words->role);
        grant.set_term(*id);
    }
    for (const auto& text : asked.positions) {
        const auto words = read_position(text);
        if (!words) return Unknown("position_unknown", "positions");
        auto one = position(*words);
        if (one.has_error()) return one.error();
        *out.add_positions() = std::move(*one);
    }
    for (const auto& text : asked.moderates) {
        const auto id = forum(text, "moderates");
        if (id.has_error()) return id.error();
        out.add_moderates(*id);
    }
    const auto home = municipality(asked.municipality, "municipality");
    if (home.has_error()) return home.error();
    out.set_municipality(*home);
    const auto contact = municipality(asked.contact_for, "contact_for");
    if (contact.has_error()) return contact.error();
    out.set_contact_for(*contact);
    return out;
}

Found<foorumi::v1::Audience> Registers::audience(const AudienceArguments& asked) const {
    foorumi::v1::Audience out;
    for (const auto& word : asked.read) {
        if (const auto role = read_role(word)) out.add_read(*role);
    }
    for (const auto& word : asked.write) {
        if (const auto role = read_role(word)) out.add_write(*role);
    }
    for (const auto& word : asked.sizes) {
        if (const auto size = read_size_class(word)) out.add_sizes(*size);
    }
    for (const auto& text : asked.municipalities) {
        const auto code = municipality(text, "municipalities");
        if (code.has_error()) return code.error();
        out.add_municipalities(*code);
    }
    for (const auto& text : asked.terms) {
        const auto id = term(text, "terms");
        if (id.has_error()) return id.error();
        out.add_terms(*id);
    }
    return out;
}

std::string Registers::name_of_term(std::uint64_t term) const { return numbered(terms_, term); }
std::string Registers::name_of_forum(std::uint64_t forum) const { return numbered(forums_, forum); }

std::string Registers::name_of_municipality(const std::string& code, std::string_view language) const {
    const auto found = municipalities_.find(code);
    if (found == municipalities_.end()) return code;
    return language == "sv" ? found->second.name_sv() : found->second.name_fi();
}

}  // namespace foorumi::client
