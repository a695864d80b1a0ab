// A table from outside: read within its limits, or an error with a place in the text; what was read is written to what
// reads the same.
#include <algorithm>

#include "csv/reader.hpp"
#include "csv/writer.hpp"
#include "fuzz.hpp"

using namespace foorumi::csv;

namespace {

void check_error(std::string_view text, const Error& error) {
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
    FUZZ_REQUIRE(error.line >= 1 && error.line <= lines);
    FUZZ_REQUIRE(word_of(error.code).starts_with("csv_"));
}

void check_table(const Table& table, const Options& options) {
    FUZZ_REQUIRE(table.separator == ',' || table.separator == ';');
    FUZZ_REQUIRE(table.rows.size() <= options.rows);
    std::vector<std::vector<std::string>> rows;
    std::size_t line = 0;
    for (const auto& row : table.rows) {
        FUZZ_REQUIRE(row.line > line && row.fields.size() == table.rows.front().fields.size());
        FUZZ_REQUIRE(!row.fields.empty() && row.fields.size() <= options.columns);
        for (const auto& field : row.fields) FUZZ_REQUIRE(field.size() <= options.field_bytes);
        line = row.line;
        rows.push_back(row.fields);
    }
    Options again = options;
    again.bytes = 2 * options.bytes + 4 * options.rows * options.columns;  // quotes
    again.separator = table.separator;
    const auto written = read(write(rows, table.separator), again);
    FUZZ_REQUIRE(written.has_value() && written->rows.size() == rows.size());
    for (std::size_t n = 0; n < rows.size(); ++n) FUZZ_REQUIRE(written->rows[n].fields == rows[n]);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = input(data, size);
    Options options;
    options.bytes = 4096;
    options.rows = 8;
    options.columns = 6;
    options.field_bytes = 32;
    for (const char separator : {'\0', ',', ';'}) {
        options.separator = separator;
        const auto table = read(text, options);
        if (table)
            check_table(*table, options);
        else
            check_error(text, table.error());
    }
    return 0;
}
