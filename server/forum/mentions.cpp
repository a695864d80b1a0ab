// mentioned_handles() of text.hpp: leaves code out, then looks at each '@'.
#include <algorithm>
#include <optional>
#include <set>

#include "forum/text.hpp"
#include "forum/unicode.hpp"

namespace foorumi::forum {
namespace {

std::string_view take_line(std::string_view& rest) {
    const auto end = rest.find('\n');
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return line;
}

std::size_t run_length(std::string_view text, char c) {
    const auto end = text.find_first_not_of(c);
    return end == std::string_view::npos ? text.size() : end;
}

struct Fence {
    char mark = 0;
    std::size_t length = 0;
};

std::optional<Fence> fence_of(std::string_view line) {
    const auto indent = run_length(line, ' ');
    if (indent > 3 || indent == line.size()) return std::nullopt;
    line.remove_prefix(indent);
    const char mark = line.front();
    if (mark != '`' && mark != '~') return std::nullopt;
    const auto length = run_length(line, mark);
    // A line of backticks with another behind is a code span.
    const bool span = mark == '`' && line.find('`', length) != std::string_view::npos;
    if (length < 3 || span) return std::nullopt;
    return Fence{mark, length};
}

bool closes(const Fence& open, std::string_view line) {
    const auto fence = fence_of(line);
    return fence && fence->mark == open.mark && fence->length >= open.length &&
           line.find_last_not_of(" \t") == line.find_last_of(open.mark);
}

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t") == std::string_view::npos; }

// The text's paragraphs without fenced blocks, each with its lines joined as they were.
std::vector<std::string> paragraphs(std::string_view text) {
    std::vector<std::string> out(1);
    std::optional<Fence> open;
    while (!text.empty()) {
        const auto line = take_line(text);
        if (open) {
            if (closes(*open, line)) open.reset();
            continue;
        }
        open = fence_of(line);
        if (open || is_blank(line)) {
            if (!out.back().empty()) out.emplace_back();
        } else {
            out.back().append(line).push_back('\n');
        }
    }
    return out;
}

// The begin of the next run of exactly `length` backticks; npos: none.
std::size_t find_run(std::string_view text, std::size_t from, std::size_t length) {
    while (from < text.size()) {
        const auto begin = text.find('`', from);
        if (begin == std::string_view::npos) break;
        const auto found = run_length(text.substr(begin), '`');
        if (found == length) return begin;
        from = begin + found;
    }
    return std::string_view::npos;
}

void blank_code_spans(std::string& paragraph) {
    std::set<std::size_t> unclosed;  // lengths of runs that nothing closes: looked for once each
    std::size_t at = 0;
    while ((at = paragraph.find('`', at)) != std::string::npos) {
        const auto length = run_length(std::string_view(paragraph).substr(at), '`');
        const auto end = unclosed.contains(length) ? std::string::npos : find_run(paragraph, at + length, length);
        if (end == std::string::npos) {
            unclosed.insert(length);
            at += length;
            continue;
        }
        std::fill(paragraph.begin() + static_cast<std::ptrdiff_t>(at),
                  paragraph.begin() + static_cast<std::ptrdiff_t>(end), '`');
        at = end + length;
    }
}

bool is_handle_inner(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
}

// The handle that the text begins with; empty: none.
std::string_view handle_at(std::string_view text) {
    std::size_t end = 0;
    while (end < text.size() && is_handle_inner(text[end]) && text.substr(end, 2) != "..") ++end;
    const auto rest = text.substr(end);
    auto handle = text.substr(0, end);
    while (!handle.empty() && !is_letter_or_digit(static_cast<unsigned char>(handle.back()))) handle.remove_suffix(1);
    if (handle.empty() || !is_letter_or_digit(static_cast<unsigned char>(handle.front()))) return {};
    const auto next = first_code_point(rest);
    if (handle.size() == end && next && (next->value == '@' || is_letter_or_digit(next->value))) return {};
    return handle;
}

std::string lower_case(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

bool may_start_after(std::string_view before) {
    if (before.empty()) return true;
    const char32_t last = last_code_point(before);
    return last != '@' && !is_letter_or_digit(last);
}

// Whether a handle that ends before this goes on in it: marks belong to it where a letter or a digit follows.
bool goes_on(std::string_view rest) {
    std::size_t end = 0;
    while (end < rest.size() && is_handle_inner(rest[end]) && rest.substr(end, 2) != "..") {
        if (is_letter_or_digit(static_cast<unsigned char>(rest[end]))) return true;
        ++end;
    }
    return false;
}

}  // namespace

std::string without_handle(std::string_view text, std::string_view handle, std::string_view instead) {
    std::string out;
    while (!text.empty()) {
        const auto at = text.find('@');
        out.append(text.substr(0, at));
        if (at == std::string_view::npos) break;
        text.remove_prefix(at);
        const auto after = text.substr(std::min(text.size(), handle.size() + 1));
        if (lower_case(text.substr(1, handle.size())) == handle && !goes_on(after)) {
            out.append(instead);
            text = after;
        } else {
            out.push_back('@');
            text.remove_prefix(1);
        }
    }
    return out;
}

std::vector<std::string> mentioned_handles(std::string_view text) {
    std::vector<std::string> handles;
    if (text.find('@') == std::string_view::npos) return handles;  // most texts
    std::set<std::string, std::less<>> seen;
    for (auto& paragraph : paragraphs(text)) {
        blank_code_spans(paragraph);
        const std::string_view prose = paragraph;
        for (auto at = prose.find('@'); at != std::string_view::npos; at = prose.find('@', at + 1)) {
            if (!may_start_after(prose.substr(0, at))) continue;
            auto handle = lower_case(handle_at(prose.substr(at + 1)));
            if (!handle.empty() && seen.insert(handle).second) handles.push_back(std::move(handle));
        }
    }
    return handles;
}

}  // namespace foorumi::forum
