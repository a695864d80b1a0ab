#include "config/catalogue.hpp"

#include <initializer_list>
#include <stdexcept>

#include "config/toml.hpp"

namespace foorumi::embedded {
extern const std::string_view messages_fi;
extern const std::string_view messages_sv;
extern const std::string_view messages_en;
}  // namespace foorumi::embedded

namespace foorumi::config {
namespace {

// The texts are the program's own and tested: a mistake in them is a bug.
toml::table parse_texts(std::string_view toml) {
    auto parsed = toml::parse(toml);
    if (!parsed) throw std::logic_error("message catalogue: " + std::string(parsed.error().description()));
    return std::move(parsed).table();
}

}  // namespace

Catalogue::Catalogue() {
    const std::initializer_list<std::pair<std::string_view, std::string_view>> sources{
        {"fi", embedded::messages_fi}, {"sv", embedded::messages_sv}, {"en", embedded::messages_en}};
    for (const auto& [language, toml] : sources) {
        auto& texts = languages_[std::string(language)];
        const auto sections = parse_texts(toml);
        for (const auto& [section, node] : sections) {
            const auto* entries = node.as_table();
            if (entries == nullptr) throw std::logic_error("message catalogue: a text outside a section");
            for (const auto& [key, value] : *entries) {
                const auto* text = value.as_string();
                if (text == nullptr) throw std::logic_error("message catalogue: not a text");
                texts.emplace(std::string(section.str()) + '.' + std::string(key.str()), text->get());
            }
        }
    }
}

std::string Catalogue::text(std::string_view language, std::string_view key) const {
    for (const std::string_view candidate : {language, std::string_view("fi"), std::string_view("en")}) {
        if (const auto* found = find(candidate, key)) return *found;
    }
    return std::string(key);
}

std::vector<std::string> Catalogue::languages() const {
    std::vector<std::string> names;
    for (const auto& [name, texts] : languages_) names.push_back(name);
    return names;
}

std::vector<std::string> Catalogue::keys(std::string_view language) const {
    std::vector<std::string> names;
    const auto texts = languages_.find(language);
    if (texts == languages_.end()) return names;
    for (const auto& [key, text] : texts->second) names.push_back(key);
    return names;
}

const std::string* Catalogue::find(std::string_view language, std::string_view key) const {
    const auto texts = languages_.find(language);
    if (texts == languages_.end()) return nullptr;
    const auto text = texts->second.find(key);
    return text == texts->second.end() ? nullptr : &text->second;
}

}  // namespace foorumi::config
