#include "client/columns.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cwchar>

#include "client/utf8.hpp"

namespace foorumi::client {
namespace {

// Fewer columns than this left beside the indent are not worth a break.
constexpr std::size_t least_columns = 10;

// The bytes of a colour of our own at the text's begin; 0: there is none.
std::size_t colour_size(std::string_view text) {
    if (!text.starts_with("\x1b[")) return 0;
    const auto end = text.find('m');
    return end == std::string_view::npos ? 0 : end + 1;
}

// Breaks one line of the text.
class LineWrapper {
   public:
    LineWrapper(std::string& out, std::string_view indent, std::size_t columns)
        : out_(out), indent_(indent), columns_(columns) {}

    void wrap(std::string_view line) {
        out_ += indent_;
        line_begin_ = out_.size();
        while (!line.empty()) {
            const std::size_t colour = colour_size(line);
            const std::size_t size = colour != 0 ? colour : first_code_point(line).size;
            if (colour == 0) make_room(first_code_point(line));
            out_ += line.substr(0, size);
            line.remove_prefix(size);
        }
    }

   private:
    void make_room(const CodePoint& point) {
        const std::size_t width = width_of(point.value);
        if (point.value == ' ') {
            space_ = out_.size();
            behind_space_ = 0;
            ++used_;
            return;
        }
        if (columns_ != 0 && used_ + width > columns_) break_line();
        used_ += width;
        behind_space_ += width;
    }

    void break_line() {
        const bool at_space = space_ > line_begin_;
        const std::string next = '\n' + std::string(indent_);
        if (at_space) {
            out_.replace(space_, 1, next);
            line_begin_ = space_ + next.size();
            used_ = behind_space_;
        } else {
            out_ += next;
            line_begin_ = out_.size();
            used_ = behind_space_ = 0;
        }
        space_ = 0;
    }

    std::string& out_;
    std::string_view indent_;
    std::size_t columns_;
    std::size_t line_begin_ = 0;
    std::size_t space_ = 0;  // where the last space of this row stands; 0: there is none
    std::size_t used_ = 0;
    std::size_t behind_space_ = 0;
};

}  // namespace

std::size_t width_of(char32_t value) {
    if (value == '\t') return 8;
    const int width = ::wcwidth(static_cast<wchar_t>(value));
    return width < 0 ? 1 : static_cast<std::size_t>(width);
}

std::size_t row_of(std::u32string_view text, std::size_t columns) {
    if (columns == 0) return 0;
    std::size_t row = 0;
    std::size_t column = 0;
    for (const char32_t value : text) {
        const std::size_t width = value == '\t' ? 8 - column % 8 : width_of(value);
        // A wide character that does not fit goes to the next row as a whole.
        if (column + width > columns) {
            ++row;
            column = 0;
        }
        column += width;
        if (column == columns) {
            ++row;
            column = 0;
        }
    }
    return row;
}

std::string wrapped(std::string_view text, std::string_view indent, std::size_t columns) {
    const std::size_t room = columns >= indent.size() + least_columns ? columns - indent.size() : 0;
    std::string out;
    while (true) {
        const auto end = text.find('\n');
        LineWrapper(out, indent, room).wrap(text.substr(0, end));
        if (end == std::string_view::npos) return out;
        out += '\n';
        text.remove_prefix(end + 1);
    }
}

std::size_t terminal_columns() {
    winsize size{};
    if (::isatty(STDOUT_FILENO) != 1 || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
    return size.ws_col;
}

}  // namespace foorumi::client
