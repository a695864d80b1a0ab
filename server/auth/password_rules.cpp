#include "auth/password_rules.hpp"

#include <utility>

#include "auth/password_hash.hpp"

namespace foorumi::embedded {
extern const std::string_view common_passwords_txt;
extern const std::string_view most_common_passwords_txt;
}  // namespace foorumi::embedded

namespace foorumi::auth {
namespace {

// Three are a phrase, if a poor one.
constexpr std::size_t joined_passwords = 2;

// A shorter part of a name is covered by chance too often.
constexpr std::size_t least_name_part = 3;

// The whole, and its parts between white space and the signs of an address.
void cover_names(Predictable& password, std::string_view text) {
    const auto cover = [&](std::string_view part) {
        const auto word = folded(part);
        if (word.size() >= least_name_part) password.cover(word);
    };
    cover(text);
    while (!text.empty()) {
        const auto end = text.find_first_of(" -_.+@");
        cover(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
}

template <class Use>
void each_line(std::string_view list, Use use) {
    while (!list.empty()) {
        const auto end = list.find('\n');
        const auto line = list.substr(0, end);
        if (!line.starts_with('#')) {
            if (auto word = folded(line); !word.empty()) use(std::move(word));
        }
        list = end == std::string_view::npos ? std::string_view() : list.substr(end + 1);
    }
}

}  // namespace

std::string_view common_passwords() { return embedded::common_passwords_txt; }

std::string_view most_common_passwords() { return embedded::most_common_passwords_txt; }

PasswordRules::PasswordRules(const PasswordOptions& options, std::string_view common, std::string_view most_common)
    : options_(options) {
    each_line(common, [this](std::u32string word) { common_.push_back(std::move(word)); });
    each_line(most_common, [this](std::u32string word) { most_common_.add(std::move(word)); });
}

forum::Result<void> PasswordRules::check(std::string_view password, const PasswordOwner& owner) const {
    if (auto checked = check_password_text(password, options_); !checked) return checked;
    Predictable predictable(password);
    for (const auto& word : common_) predictable.cover(word);
    for (const auto text : {owner.handle, owner.email, owner.name}) cover_names(predictable, text);
    predictable.cover_runs();
    predictable.cover_repetitions();
    if (predictable.dominates() || predictable.is_joined(most_common_, joined_passwords)) {
        return forum::Refusal{forum::ErrorCode::invalid, "password_common", "password", 0};
    }
    return {};
}

}  // namespace foorumi::auth
