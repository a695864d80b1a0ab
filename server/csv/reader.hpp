// Reads comma-separated values after RFC 4180, strictly: what the grammar does not allow is an error with its place,
// never a guess. Beyond the RFC: UTF-8 with or without a byte order mark, lines that end with LF, and semicolons, as
// spreadsheets write them where the comma separates decimals. Pure and thread-safe.
#pragma once

#include <boost/system/result.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace foorumi::csv {

struct Options {
    std::size_t bytes = 1024 * 1024;  // of the whole text
    std::size_t rows = 10'000;        // the header is one of them
    std::size_t columns = 64;
    std::size_t field_bytes = 4'096;  // of a field without its quotes
    // ',' or ';'. 0: the one of them that the first line has more of outside of quotes; with neither, the comma.
    char separator = 0;
};

enum class Errc : std::uint8_t {
    too_many_bytes,
    too_many_rows,
    too_many_columns,
    field_too_long,
    not_utf8,
    separator_unclear,  // the first line has as many commas as semicolons
    quote_inside,       // a quote in a field that does not begin with one
    quote_open,         // a field that begins with a quote and does not end with one; the place is its begin
    behind_quote,       // something between a closing quote and the next separator or line end
    line_end,           // a carriage return without a line feed
    uneven_row,         // not as many fields as the first row
};

// A stable word, also the key of the text in the message catalogues ("error.<word>").
[[nodiscard]] std::string_view word_of(Errc code);

struct Error {
    Errc code = Errc::not_utf8;
    std::size_t line = 0;    // of the text, from 1
    std::size_t column = 0;  // field of the row, from 1; 0: the row or the text as a whole
    friend bool operator==(const Error&, const Error&) = default;
};

[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& where);

struct Row {
    std::size_t line = 0;  // on which it begins; fields may hold line breaks
    std::vector<std::string> fields;
    friend bool operator==(const Row&, const Row&) = default;
};

struct Table {
    char separator = ',';
    std::vector<Row> rows;  // all with the same number of fields. An empty line is a row of one empty field.
};

template <class T>
using Result = boost::system::result<T, Error>;

[[nodiscard]] Result<Table> read(std::string_view text, const Options& options);

}  // namespace foorumi::csv
