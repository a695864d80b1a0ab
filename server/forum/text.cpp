#include "forum/text.hpp"

#include <algorithm>

#include "forum/unicode.hpp"

namespace foorumi::forum {
namespace {

Refusal invalid(std::string_view reason, std::string_view field) {
    return {ErrorCode::invalid, std::string(reason), std::string(field)};
}

// Behind the letters, marks, spaces, tabs and line feeds of ASCII that the text begins with: there is nothing to check
// about them.
std::string_view behind_plain(std::string_view text) {
    const auto plain = [](char c) { return (c >= ' ' && c <= '~') || c == '\n' || c == '\t'; };
    return {std::ranges::find_if_not(text, plain), text.end()};
}

template <class Predicate>
bool any_code_point(std::string_view text, Predicate predicate) {
    while (const auto point = first_code_point(text)) {
        if (predicate(point->value)) return true;
        text.remove_prefix(point->bytes);
    }
    return false;
}

bool is_forbidden_control(char32_t c) { return is_control(c) && c != '\t' && c != '\n'; }

Result<void> check_one_line(std::string_view text, std::string_view field) {
    if (any_code_point(text, is_line_break)) return invalid("title_line_break", field);
    return {};
}

}  // namespace

bool is_utf8(std::string_view text) {
    text = behind_plain(text);
    while (const auto point = first_code_point(text)) text = behind_plain(text.substr(point->bytes));
    return text.empty();
}

Result<void> check_draft(std::string_view text, std::size_t limit, std::string_view field) {
    if (text.size() > limit) return invalid("text_too_long", field);
    bool forbidden = false;
    auto rest = behind_plain(text);
    while (const auto point = first_code_point(rest)) {
        forbidden = forbidden || is_forbidden_control(point->value);
        rest = behind_plain(rest.substr(point->bytes));
    }
    if (!rest.empty()) return invalid("text_not_utf8", field);
    if (forbidden) return invalid("text_control_character", field);
    return {};
}

Result<void> check_text(std::string_view text, std::size_t limit, std::string_view field) {
    if (auto drafted = check_draft(text, limit, field); !drafted) return drafted;
    if (!any_code_point(text, [](char32_t c) { return !is_invisible(c); })) return invalid("text_empty", field);
    return {};
}

Result<void> check_title(std::string_view text, std::size_t limit, std::string_view field) {
    if (auto checked = check_text(text, limit, field); !checked) return checked;
    return check_one_line(text, field);
}

Result<void> check_draft_title(std::string_view text, std::size_t limit, std::string_view field) {
    if (auto checked = check_draft(text, limit, field); !checked) return checked;
    return check_one_line(text, field);
}

Result<void> check_emoji(std::string_view emoji, std::size_t limit) {
    constexpr std::string_view field = "emoji";
    if (emoji.empty()) return invalid("emoji_empty", field);
    if (emoji.size() > limit) return invalid("emoji_too_long", field);
    // Digits are part of some emoji, with a combining key cap.
    const auto is_digit = [](char32_t c) { return c >= '0' && c <= '9'; };
    const auto unfit = [&](char32_t c) {
        return is_white_space(c) || is_control(c) || (is_letter_or_digit(c) && !is_digit(c));
    };
    const auto symbol = [](char32_t c) { return c >= 0x80 && !is_invisible(c); };
    if (!is_utf8(emoji) || any_code_point(emoji, unfit) || !any_code_point(emoji, symbol)) {
        return invalid("emoji_invalid", field);
    }
    return {};
}

}  // namespace foorumi::forum
