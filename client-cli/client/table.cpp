#include "client/table.hpp"

#include <algorithm>

#include "client/columns.hpp"
#include "client/utf8.hpp"

namespace foorumi::client {
namespace {

std::size_t cell_width(std::string_view cell) {
    std::size_t width = 0;
    while (!cell.empty()) {
        const CodePoint point = first_code_point(cell);
        width += width_of(point.value);
        cell.remove_prefix(point.size);
    }
    return width;
}

}  // namespace

std::vector<std::string> table_lines(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t n = 0; n < row.size(); ++n) widths[n] = std::max(widths[n], cell_width(row[n]));
    }
    std::vector<std::string> lines;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t n = 0; n < row.size(); ++n) {
            line += row[n];
            if (n + 1 < row.size()) line.append(widths[n] - cell_width(row[n]) + 2, ' ');
        }
        while (line.ends_with(' ')) line.pop_back();
        lines.push_back(std::move(line));
    }
    return lines;
}

}  // namespace foorumi::client
