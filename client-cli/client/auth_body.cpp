#include "client/auth_body.hpp"

#include "auth/secret.hpp"

namespace foorumi::client {
namespace {

// "\u001f" is the longest form of a character.
constexpr std::size_t longest_escape = 6;

void append_json(std::string& out, std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20) {
            out += "\\u00";
            out += digits[byte >> 4U];
            out += digits[byte & 0xfU];
            continue;
        }
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
}

}  // namespace

AuthBody::~AuthBody() { auth::wipe(json_); }

// Memory for all of it at once: a string that grows by itself leaves copies behind.
AuthBody& AuthBody::add(std::string_view field, std::string_view value) {
    std::string grown;
    grown.reserve(json_.size() + (field.size() + value.size()) * longest_escape + 8);
    grown.append(json_, 0, json_.size() - 1);
    if (grown.size() > 1) grown += ',';
    append_json(grown, field);
    grown += ':';
    append_json(grown, value);
    grown += '}';
    auth::wipe(json_);
    json_ = std::move(grown);
    return *this;
}

}  // namespace foorumi::client
