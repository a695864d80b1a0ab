#include "client/catalogue.hpp"

#include <toml++/toml.h>

#include <stdexcept>

namespace foorumi::embedded {
extern const std::string_view client_fi;
extern const std::string_view client_sv;
extern const std::string_view client_en;
extern const std::string_view reasons_fi;
extern const std::string_view reasons_sv;
extern const std::string_view reasons_en;
}  // namespace foorumi::embedded

namespace foorumi::client {
namespace {

struct Sources {
    std::string_view client;
    std::string_view reasons;  // the server's texts
};

Sources sources_of(std::string_view language) {
    if (language == "fi") return {embedded::client_fi, embedded::reasons_fi};
    if (language == "sv") return {embedded::client_sv, embedded::reasons_sv};
    if (language == "en") return {embedded::client_en, embedded::reasons_en};
    throw std::runtime_error("no texts in this language: " + std::string(language));
}

void collect(const toml::table& table, const std::string& prefix,
             std::map<std::string, std::string, std::less<>>& out) {
    for (const auto& [name, value] : table) {
        const std::string key = prefix + std::string(name.str());
        if (const auto* inner = value.as_table()) {
            collect(*inner, key + '.', out);
        } else if (const auto* text = value.as_string()) {
            out.emplace(key, text->get());
        } else {
            throw std::runtime_error("not a text: " + key);
        }
    }
}

}  // namespace

std::string language_of(std::string_view lc_all, std::string_view lc_messages, std::string_view lang) {
    const std::string_view name = !lc_all.empty() ? lc_all : !lc_messages.empty() ? lc_messages : lang;
    const std::string_view language = name.substr(0, name.find_first_of("_.@"));
    return language == "sv" || language == "en" ? std::string(language) : "fi";
}

Catalogue::Catalogue(std::string_view language) : language_(language) {
    const Sources sources = sources_of(language);
    try {
        collect(toml::parse(sources.client), "", texts_);
        const auto reasons = toml::parse(sources.reasons);
        if (const auto* errors = reasons["error"].as_table()) collect(*errors, "error.", texts_);
    } catch (const toml::parse_error& error) {
        throw std::runtime_error("texts in " + language_ + ": " + std::string(error.description()));
    }
}

std::string Catalogue::text(std::string_view key, Values values) const {
    const auto found = texts_.find(key);
    if (found == texts_.end()) return std::string(key);
    std::string_view rest = found->second;
    std::string out;
    while (!rest.empty()) {
        const auto open = rest.find('{');
        const auto close = open == std::string_view::npos ? open : rest.find('}', open);
        if (close == std::string_view::npos) break;
        out += rest.substr(0, open);
        const std::string_view name = rest.substr(open + 1, close - open - 1);
        bool known = false;
        for (const auto& [candidate, value] : values) {
            if (candidate != name) continue;
            out += value;
            known = true;
        }
        if (!known) out += rest.substr(open, close - open + 1);
        rest.remove_prefix(close + 1);
    }
    return out += rest;
}

std::string Catalogue::counted(const std::string& key, std::uint64_t count) const {
    return text(key + (count == 1 ? ".one" : ".many"), {{"count", std::to_string(count)}});
}

std::vector<std::string> Catalogue::keys() const {
    std::vector<std::string> out;
    for (const auto& [key, text] : texts_) out.push_back(key);
    return out;
}

}  // namespace foorumi::client
