#include "client/standing_words.hpp"

#include <algorithm>

namespace foorumi::client {
namespace {

constexpr std::string_view role_prefix = "ROLE_";
constexpr std::string_view kind_prefix = "KIND_";
constexpr std::string_view size_prefix = "SIZE_CLASS_";

std::string proto_word(std::string_view prefix, std::string_view word) {
    std::string out(prefix);
    for (const char c : word) out += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return out;
}

std::string plain_word(std::string_view prefix, std::string_view name) {
    std::string out(name.substr(std::min(prefix.size(), name.size())));
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

// Takes what stands behind the mark away from the text. Nothing: the mark is there, with nothing behind it.
std::optional<std::string> take_behind(std::string_view& text, char mark) {
    const auto at = text.find(mark);
    if (at == std::string_view::npos) return std::string();
    const std::string behind(text.substr(at + 1));
    text = text.substr(0, at);
    return behind.empty() ? std::nullopt : std::optional(behind);
}

}  // namespace

std::optional<foorumi::v1::Role> read_role(std::string_view word) {
    foorumi::v1::Role role{};
    const bool known = foorumi::v1::Role_Parse(proto_word(role_prefix, word), &role);
    return known && role != foorumi::v1::ROLE_UNSPECIFIED ? std::optional(role) : std::nullopt;
}

std::optional<foorumi::v1::SizeClass> read_size_class(std::string_view word) {
    foorumi::v1::SizeClass size{};
    const bool known = foorumi::v1::SizeClass_Parse(proto_word(size_prefix, word), &size);
    return known && size != foorumi::v1::SIZE_CLASS_UNSPECIFIED ? std::optional(size) : std::nullopt;
}

std::string word_of(foorumi::v1::Role role) { return plain_word(role_prefix, foorumi::v1::Role_Name(role)); }

std::string word_of(foorumi::v1::SizeClass size) { return plain_word(size_prefix, foorumi::v1::SizeClass_Name(size)); }

std::string word_of(foorumi::v1::Position::Kind kind) {
    return plain_word(kind_prefix, foorumi::v1::Position::Kind_Name(kind));
}

std::optional<GrantWords> read_grant(std::string_view text) {
    auto term = take_behind(text, '@');
    const auto role = read_role(text);
    if (!term || !role) return std::nullopt;
    return GrantWords{.role = *role, .term = std::move(*term)};
}

std::optional<PositionWords> read_position(std::string_view text) {
    // A body may hold the mark, a term does not begin before it.
    std::string term;
    const auto at = text.rfind('@');
    if (at != std::string_view::npos) {
        term = text.substr(at + 1);
        text = text.substr(0, at);
        if (term.empty()) return std::nullopt;
    }
    auto body = take_behind(text, ':');
    PositionWords words;
    words.term = std::move(term);
    const bool known = foorumi::v1::Position::Kind_Parse(proto_word(kind_prefix, text), &words.kind);
    if (!body || !known || words.kind == foorumi::v1::Position::KIND_UNSPECIFIED) return std::nullopt;
    words.body = std::move(*body);
    return words;
}

}  // namespace foorumi::client
