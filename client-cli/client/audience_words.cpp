#include "client/audience_words.hpp"

#include <vector>

#include "client/display.hpp"
#include "client/render.hpp"
#include "client/standing_words.hpp"
#include "client/usage.hpp"

namespace foorumi::client {
namespace {

void add_list(std::vector<std::string>& parts, const Catalogue& texts, std::string_view key,
              const std::vector<std::string>& words) {
    if (!words.empty()) parts.push_back(texts.text(key, {{"list", joined(words, ", ")}}));
}

void add_audience_parts(std::vector<std::string>& parts, const foorumi::v1::Audience& audience,
                        const Registers& registers, const Catalogue& texts) {
    std::vector<std::string> roles, municipalities, sizes, terms;
    for (const int role : audience.read()) roles.push_back(texts.text(role_key(role)));
    for (const auto& code : audience.municipalities())
        municipalities.push_back(visible(registers.name_of_municipality(code, texts.language()), Lines::one));
    for (const int size : audience.sizes()) sizes.push_back(word_of(static_cast<foorumi::v1::SizeClass>(size)));
    for (const auto term : audience.terms()) terms.push_back(visible(registers.name_of_term(term), Lines::one));
    add_list(parts, texts, "records.of_roles", roles);
    add_list(parts, texts, "records.of_municipalities", municipalities);
    add_list(parts, texts, "records.of_sizes", sizes);
    add_list(parts, texts, "records.of_terms", terms);
}

}  // namespace

std::string readers_of(const foorumi::v1::Rooms::Room& room, const Registers& registers, const Catalogue& texts) {
    std::vector<std::string> parts;
    for (const auto& audience : room.audiences()) add_audience_parts(parts, audience, registers, texts);
    if (parts.empty()) return texts.text("records.everybody");
    return texts.text("records.some", {{"who", joined(parts, "; ")}});
}

}  // namespace foorumi::client
