#include "client/markdown_inline.hpp"

#include <algorithm>
#include <optional>

#include "client/utf8.hpp"

namespace foorumi::client {
namespace {

// Each has an end of its own, so that one inside another does not end that one.
constexpr std::string_view strong = "\x1b[1m";
constexpr std::string_view strong_end = "\x1b[22m";
constexpr std::string_view emphasis = "\x1b[3m";
constexpr std::string_view emphasis_end = "\x1b[23m";
constexpr std::string_view underline = "\x1b[4m";
constexpr std::string_view underline_end = "\x1b[24m";
// Emphasis inside strong text, and strong text inside emphasis: deeper nesting has no meaning.
constexpr int deepest = 2;
// How far an end is looked for: what is longer is shown as it stands.
constexpr std::size_t longest_span = 4096;

bool is_letter_or_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t'; }

// The last character is part of a word: a letter, a digit, or one of those beyond ASCII that are mostly letters.
bool ends_in_word(std::string_view text) {
    if (text.empty()) return false;
    std::size_t begin = text.size() - 1;
    while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xc0U) == 0x80U) --begin;
    const char32_t value = first_code_point(text.substr(begin)).value;
    return value < 0x80 ? is_letter_or_digit(text.back()) : value >= 0xc0 && value < 0x2000;
}

std::size_t run_of(char c, std::string_view text) { return std::min(text.find_first_not_of(c), text.size()); }

// The bytes of an address that stands by itself; 0: there is none. What ends a sentence or emphasis is no part of it.
std::size_t address_size(std::string_view text) {
    if (!text.starts_with("http://") && !text.starts_with("https://")) return 0;
    const std::size_t scheme = text.find("//") + 2;
    std::size_t end = std::min(text.find_first_of(" \t\n<>\"`"), text.size());
    while (end > scheme && std::string_view("*.,;:!?)").find(text[end - 1]) != std::string_view::npos) --end;
    return end > scheme ? end : 0;
}

bool is_target(std::string_view text) {
    return address_size(text) != 0 && text.find_first_of(" \t\n<>\"`") == std::string_view::npos;
}

// The bytes of a code span with its backticks: a run of them is closed by the next run of the same length. 0: none.
std::size_t code_span_size(std::string_view text) {
    text = text.substr(0, longest_span);
    const std::size_t run = run_of('`', text);
    if (run == 0) return 0;
    for (std::size_t from = text.find('`', run); from != std::string_view::npos; from = text.find('`', from)) {
        const std::size_t other = run_of('`', text.substr(from));
        from += other;
        if (other == run) return from;
    }
    return 0;
}

// The bytes of "@handle" at the text's begin; 0: there is none.
std::size_t mention_size(std::string_view text) {
    std::size_t end = 1;
    for (std::size_t i = 1; i < text.size(); ++i) {
        const char c = text[i];
        if (is_letter_or_digit(c)) {
            end = i + 1;
        } else if (i == 1 || (c != '.' && c != '_' && c != '-')) {
            break;
        }
    }
    return end > 1 ? end : 0;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

class Inline {
   public:
    struct Inside {
        int depth = 0;
        bool strong = false;
    };
    Inline(std::string_view text, const std::set<std::string>& handles, Inside inside)
        : text_(text), handles_(handles), inside_(inside) {}

    std::string run() {
        while (at_ < text_.size()) {
            if (!step()) out_ += text_[at_++];
        }
        return std::move(out_);
    }

   private:
    bool step() {
        switch (text_[at_]) {
            case '`':
                return code_span();
            case '*':
                return emphasised();
            case '[':
                return link();
            case '@':
                return mention();
            case 'h':
                return address();
            default:
                return false;
        }
    }

    [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }

    void put(std::string_view begin, std::string_view inside, std::string_view end) {
        out_ += begin;
        out_ += inside;
        out_ += end;
    }

    bool as_it_stands(std::size_t size) {
        put("", rest().substr(0, size), "");
        at_ += size;
        return true;
    }

    bool code_span() {
        const std::size_t run = run_of('`', rest());
        const std::size_t size = code_span_size(rest());
        if (size == 0) return as_it_stands(run);
        put(code_begin, rest().substr(run, size - 2 * run), code_end);
        at_ += size;
        return true;
    }

    // The bytes from here to the closing mark: it stands behind something that is no space, and is of the same length.
    [[nodiscard]] std::optional<std::size_t> closing(std::size_t marks) const {
        const std::string_view text = rest().substr(0, longest_span);
        for (std::size_t i = marks; i < text.size();) {
            const std::string_view here = text.substr(i);
            std::size_t size = 1;
            if (here.front() == '*') {
                size = run_of('*', here);
                if (size == marks && !is_space(text[i - 1])) return i;
            } else if (here.front() == '`') {
                size = std::max(code_span_size(here), run_of('`', here));
            } else if (here.front() == 'h') {
                size = std::max<std::size_t>(1, address_size(here));
            }
            i += size;
        }
        return std::nullopt;
    }

    bool emphasised() {
        const std::size_t marks = run_of('*', rest());
        const bool opens = marks <= 2 && !(marks == 2 && inside_.strong) && marks < rest().size() &&
                           !is_space(rest()[marks]) && !ends_in_word(text_.substr(0, at_)) && inside_.depth < deepest;
        const auto end = opens ? closing(marks) : std::nullopt;
        if (!end) return as_it_stands(marks);
        const bool is_strong = marks == 2;
        const Inside deeper{.depth = inside_.depth + 1, .strong = inside_.strong || is_strong};
        const std::string text = Inline(rest().substr(marks, *end - marks), handles_, deeper).run();
        put(is_strong ? strong : emphasis, text, is_strong ? strong_end : emphasis_end);
        at_ += *end + marks;
        return true;
    }

    // "[text](https://...)": both are shown, so that one sees where it leads.
    bool link() {
        const std::string_view here = rest().substr(0, longest_span);
        const auto middle = here.find("](");
        if (middle == std::string_view::npos || middle == 1) return false;
        if (here.substr(1, middle - 1).find('[') != std::string_view::npos) return false;
        const std::string_view target = here.substr(middle + 2);
        const auto end = target.find(')');
        if (end == std::string_view::npos || !is_target(target.substr(0, end))) return false;
        put("", rest().substr(1, middle - 1), " (");
        put(underline, target.substr(0, end), underline_end);
        out_ += ')';
        at_ += middle + 2 + end + 1;
        return true;
    }

    bool address() {
        const std::size_t size = ends_in_word(text_.substr(0, at_)) ? 0 : address_size(rest());
        return size != 0 && as_it_stands(size);
    }

    bool mention() {
        const std::string_view before = text_.substr(0, at_);
        if (ends_in_word(before) || before.ends_with('@')) return false;
        const std::size_t size = mention_size(rest());
        if (size == 0 || !handles_.contains(lower(rest().substr(1, size - 1)))) return false;
        if (inside_.strong) return as_it_stands(size);
        put(strong, rest().substr(0, size), strong_end);
        at_ += size;
        return true;
    }

    std::string_view text_;
    const std::set<std::string>& handles_;
    Inside inside_;
    std::size_t at_ = 0;
    std::string out_;
};

}  // namespace

std::string styled_inline(std::string_view text, const std::set<std::string>& handles) {
    return Inline(text, handles, {}).run();
}

}  // namespace foorumi::client
