#include "auth/password_rules.hpp"

#include "auth/password_hash.hpp"
#include "auth/predictable.hpp"

namespace foorumi::embedded {
extern const std::string_view common_passwords_txt;
}

namespace foorumi::auth {
namespace {

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

}  // namespace

std::string_view common_passwords() { return embedded::common_passwords_txt; }

PasswordRules::PasswordRules(const PasswordOptions& options, std::string_view common) : options_(options) {
    while (!common.empty()) {
        const auto end = common.find('\n');
        const auto line = common.substr(0, end);
        if (!line.starts_with('#')) {
            if (auto word = folded(line); !word.empty()) common_.push_back(std::move(word));
        }
        common = end == std::string_view::npos ? std::string_view() : common.substr(end + 1);
    }
}

forum::Result<void> PasswordRules::check(std::string_view password, const PasswordOwner& owner) const {
    if (auto checked = check_password_text(password, options_); !checked) return checked;
    Predictable predictable(password);
    for (const auto& word : common_) predictable.cover(word);
    for (const auto text : {owner.handle, owner.email, owner.name}) cover_names(predictable, text);
    predictable.cover_runs();
    predictable.cover_repetitions();
    if (predictable.dominates()) {
        return forum::Refusal{forum::ErrorCode::invalid, "password_common", "password", 0};
    }
    return {};
}

}  // namespace foorumi::auth
