#include "csv/reader.hpp"

#include <algorithm>
#include <boost/throw_exception.hpp>
#include <optional>
#include <stdexcept>

#include "forum/text.hpp"
#include "forum/unicode.hpp"

namespace foorumi::csv {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

class Reader {
   public:
    Reader(std::string_view text, const Options& options, char separator)
        : rest_(text), options_(options), separator_(separator), ends_bare_{'"', separator, '\r', '\n'} {}

    Result<std::vector<Row>> rows() {
        std::vector<Row> rows;
        while (!rest_.empty()) {
            if (rows.size() == options_.rows) return Error{Errc::too_many_rows, line_, 0};
            auto row = take_row();
            if (!row) return row.error();
            if (!rows.empty() && row->fields.size() != rows.front().fields.size()) {
                return Error{Errc::uneven_row, row->line, 0};
            }
            rows.push_back(std::move(*row));
        }
        return rows;
    }

   private:
    Result<Row> take_row() {
        Row row{line_, {}};
        for (;;) {
            column_ = row.fields.size() + 1;
            if (row.fields.size() == options_.columns) return Error{Errc::too_many_columns, line_, column_};
            auto field = rest_.starts_with('"') ? take_quoted() : take_bare();
            if (!field) return field.error();
            row.fields.push_back(std::move(*field));
            if (!rest_.starts_with(separator_)) break;
            rest_.remove_prefix(1);
        }
        if (const auto fault = take_line_end()) return *fault;
        return row;
    }

    Result<std::string> take_bare() {
        const auto end = std::min(rest_.find_first_of(std::string_view(ends_bare_, sizeof ends_bare_)), rest_.size());
        if (end > options_.field_bytes) return Error{Errc::field_too_long, line_, column_};
        if (rest_.substr(end).starts_with('"')) return Error{Errc::quote_inside, line_, column_};
        std::string field(rest_.substr(0, end));
        rest_.remove_prefix(end);
        return field;
    }

    // A quote stands in it twice.
    Result<std::string> take_quoted() {
        const auto begin = line_;
        std::string field;
        do {
            rest_.remove_prefix(1);
            const auto end = rest_.find('"');
            if (end == std::string_view::npos) return Error{Errc::quote_open, begin, column_};
            const auto piece = rest_.substr(0, end);
            if (field.size() + piece.size() > options_.field_bytes) {
                return Error{Errc::field_too_long, begin, column_};
            }
            field.append(piece);
            if (rest_.substr(end).starts_with("\"\"")) field.push_back('"');
            line_ += static_cast<std::size_t>(std::ranges::count(piece, '\n'));
            rest_.remove_prefix(end + 1);
        } while (rest_.starts_with('"'));
        const bool ended =
            rest_.empty() || rest_.front() == separator_ || rest_.front() == '\r' || rest_.front() == '\n';
        if (!ended) return Error{Errc::behind_quote, line_, column_};
        return field;
    }

    std::optional<Error> take_line_end() {
        if (rest_.starts_with('\r') && !rest_.starts_with("\r\n")) return Error{Errc::line_end, line_, column_};
        rest_.remove_prefix(std::min<std::size_t>(rest_.starts_with('\r') ? 2 : 1, rest_.size()));
        ++line_;
        return std::nullopt;
    }

    std::string_view rest_;
    const Options& options_;
    char separator_;
    char ends_bare_[4];
    std::size_t line_ = 1;
    std::size_t column_ = 1;
};

// The line of the first byte that is not UTF-8. REQUIRES: there is one.
std::size_t line_of_fault(std::string_view text) {
    std::size_t line = 1;
    while (const auto point = forum::first_code_point(text)) {
        if (point->value == '\n') ++line;
        text.remove_prefix(point->bytes);
    }
    return line;
}

Result<char> separator_of(std::string_view text) {
    std::size_t commas = 0;
    std::size_t semicolons = 0;
    bool quoted = false;
    for (const char c : text) {
        if (c == '"') quoted = !quoted;
        if (quoted) continue;
        if (c == '\r' || c == '\n') break;
        if (c == ',') ++commas;
        if (c == ';') ++semicolons;
    }
    if (commas == semicolons && commas != 0) return Error{Errc::separator_unclear, 1, 0};
    return semicolons > commas ? ';' : ',';
}

}  // namespace

std::string_view word_of(Errc code) {
    switch (code) {
        case Errc::too_many_bytes:
            return "csv_too_many_bytes";
        case Errc::too_many_rows:
            return "csv_too_many_rows";
        case Errc::too_many_columns:
            return "csv_too_many_columns";
        case Errc::field_too_long:
            return "csv_field_too_long";
        case Errc::not_utf8:
            return "csv_not_utf8";
        case Errc::separator_unclear:
            return "csv_separator_unclear";
        case Errc::quote_inside:
            return "csv_quote_inside";
        case Errc::quote_open:
            return "csv_quote_open";
        case Errc::behind_quote:
            return "csv_behind_quote";
        case Errc::line_end:
            return "csv_line_end";
        case Errc::uneven_row:
            break;
    }
    return "csv_uneven_row";
}

void throw_exception_from_error(const Error& error, const boost::source_location& where) {
    boost::throw_exception(
        std::logic_error("value of a table that could not be read: " + std::string(word_of(error.code))), where);
}

Result<Table> read(std::string_view text, const Options& options) {
    if (text.size() > options.bytes) return Error{Errc::too_many_bytes, 1, 0};
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    if (!forum::is_utf8(text)) return Error{Errc::not_utf8, line_of_fault(text), 0};
    const auto separator = options.separator == 0 ? separator_of(text) : Result<char>(options.separator);
    if (!separator) return separator.error();
    auto rows = Reader(text, options, *separator).rows();
    if (!rows) return rows.error();
    return Table{*separator, std::move(*rows)};
}

}  // namespace foorumi::csv
