#include "csv/writer.hpp"

#include <string_view>

namespace foorumi::csv {
namespace {

// A byte order mark at the begin of the text would not be read as a part of the field.
bool needs_quotes(std::string_view field, char separator) {
    return field.find_first_of("\"\r\n") != std::string_view::npos || field.find(separator) != std::string_view::npos ||
           field.starts_with("\xEF\xBB\xBF");
}

void append_field(std::string& out, std::string_view field, char separator) {
    if (!needs_quotes(field, separator)) {
        out.append(field);
        return;
    }
    out.push_back('"');
    for (const char c : field) out.append(c == '"' ? 2 : 1, c);
    out.push_back('"');
}

}  // namespace

std::string write(const std::vector<std::vector<std::string>>& rows, char separator) {
    std::string out;
    for (const auto& row : rows) {
        bool first = true;
        for (const auto& field : row) {
            if (!first) out.push_back(separator);
            first = false;
            append_field(out, field, separator);
        }
        out.append("\r\n");
    }
    return out;
}

}  // namespace foorumi::csv
