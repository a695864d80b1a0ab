#include "names/email.hpp"

#include <algorithm>

namespace foorumi::names {
namespace {

forum::Refusal refuse_email(std::string_view reason) {
    return {forum::ErrorCode::invalid, std::string(reason), "email"};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_ascii_alphanumeric(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// RFC 5322, section 3.2.3.
bool is_atom_character(char c) {
    return is_ascii_alphanumeric(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool is_atom(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_atom_character); }

bool is_domain_label(std::string_view text) {
    return !text.empty() && text.size() <= domain_label_bytes && text.front() != '-' && text.back() != '-' &&
           std::ranges::all_of(text, [](char c) { return is_ascii_alphanumeric(c) || c == '-'; });
}

// Every part between dots passes.
bool all_parts(std::string_view text, bool (*passes)(std::string_view)) {
    for (;;) {
        const auto dot = text.find('.');
        if (!passes(text.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        text.remove_prefix(dot + 1);
    }
}

bool is_domain(std::string_view text) {
    const auto last_dot = text.rfind('.');
    if (last_dot == std::string_view::npos || !all_parts(text, is_domain_label)) return false;
    return !std::ranges::all_of(text.substr(last_dot + 1), is_digit);
}

std::string lower_ascii(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

}  // namespace

forum::Result<void> check_email(std::string_view address) {
    if (address.size() > email_bytes) return refuse_email("email_too_long");
    const auto at = address.find('@');
    if (at == std::string_view::npos) return refuse_email("email_invalid");
    const auto local = address.substr(0, at);
    if (local.size() > email_local_bytes) return refuse_email("email_too_long");
    if (!all_parts(local, is_atom) || !is_domain(address.substr(at + 1))) return refuse_email("email_invalid");
    return {};
}

std::string normal_email(std::string_view address) {
    const auto at = address.find('@');
    return std::string(address.substr(0, at)) + lower_ascii(address.substr(at));
}

std::string email_key(std::string_view address) { return lower_ascii(address); }

}  // namespace foorumi::names
