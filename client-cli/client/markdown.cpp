#include "client/markdown.hpp"

#include <algorithm>
#include <vector>

#include "client/display.hpp"
#include "client/markdown_inline.hpp"

namespace foorumi::client {
namespace {

constexpr std::string_view fence = "```";
constexpr std::string_view dim = "\x1b[2m";
constexpr std::string_view dim_end = "\x1b[22m";

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (true) {
        const auto end = text.find('\n');
        lines.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return lines;
        text.remove_prefix(end + 1);
    }
}

bool is_closing_fence(std::string_view line) {
    return line.starts_with(fence) && line.find_first_not_of(" \t", fence.size()) == std::string_view::npos;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The bytes of "1. " and the like at the line's begin; 0: there are none.
std::size_t number_size(std::string_view line) {
    const auto digits = static_cast<std::size_t>(std::ranges::find_if_not(line, is_digit) - line.begin());
    return digits > 0 && digits < 10 && line.substr(digits).starts_with(". ") ? digits + 2 : 0;
}

class BlockRenderer {
   public:
    BlockRenderer(std::vector<std::string_view> lines, const std::set<std::string>& handles)
        : lines_(std::move(lines)), handles_(handles) {}

    std::string run() {
        while (next_ < lines_.size()) {
            if (!fenced_block() && !marked_line()) paragraph();
        }
        if (!out_.empty()) out_.pop_back();
        return std::move(out_);
    }

   private:
    void line(std::string_view text) {
        out_ += text;
        out_ += '\n';
    }

    // The fences are taken away; what stands behind the opening one, the language, stays.
    bool fenced_block() {
        const std::string_view opening = lines_[next_];
        if (!opening.starts_with(fence) || opening.find('`', fence.size()) != std::string_view::npos) return false;
        const auto begin = lines_.begin() + static_cast<std::ptrdiff_t>(next_) + 1;
        const auto end = std::find_if(begin, lines_.end(), is_closing_fence);
        if (end == lines_.end()) return false;
        if (opening.size() > fence.size()) {
            line(std::string(dim) + std::string(opening.substr(fence.size())) + std::string(dim_end));
        }
        for (auto one = begin; one != end; ++one)
            line(std::string(code_begin) + std::string(*one) + std::string(code_end));
        next_ = static_cast<std::size_t>(end - lines_.begin()) + 1;
        return true;
    }

    // A quote or an item of a list.
    bool marked_line() {
        std::string_view rest = lines_[next_];
        const auto [mark, size] = mark_of(rest);
        if (size == 0) return false;
        rest.remove_prefix(size);
        line(mark + styled_inline(rest, handles_));
        ++next_;
        return true;
    }

    struct Mark {
        std::string shown;
        std::size_t size = 0;
    };

    static Mark mark_of(std::string_view line) {
        if (line.starts_with("> ")) return {.shown = std::string(dim) + "│ " + std::string(dim_end), .size = 2};
        if (line == ">") return {.shown = std::string(dim) + "│" + std::string(dim_end), .size = 1};
        const std::size_t spaces = std::min(line.find_first_not_of(' '), line.size());
        const std::string_view item = line.substr(spaces);
        if (item.starts_with("- ")) return {.shown = std::string(spaces, ' ') + "• ", .size = spaces + 2};
        const std::size_t number = number_size(item);
        if (number == 0) return {};
        return {.shown = std::string(line.substr(0, spaces + number)), .size = spaces + number};
    }

    // Emphasis may go over the line breaks of a paragraph, and not beyond it.
    void paragraph() {
        std::string text(lines_[next_++]);
        if (!text.empty()) {
            while (next_ < lines_.size() && !lines_[next_].empty() && mark_of(lines_[next_]).size == 0 &&
                   !lines_[next_].starts_with(fence)) {
                text += '\n';
                text += lines_[next_++];
            }
        }
        line(styled_inline(text, handles_));
    }

    std::vector<std::string_view> lines_;
    const std::set<std::string>& handles_;
    std::size_t next_ = 0;
    std::string out_;
};

}  // namespace

std::string styled_markdown(std::string_view text, const std::set<std::string>& handles) {
    const std::string safe = visible(text, Lines::many);
    return BlockRenderer(lines_of(safe), handles).run();
}

}  // namespace foorumi::client
