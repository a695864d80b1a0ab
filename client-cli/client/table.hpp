// Rows of cells under one another. Pure; widths are those of the locale (LC_CTYPE).
#pragma once

#include <string>
#include <vector>

namespace foorumi::client {

// A line for each row, columns two spaces apart. A row may have fewer cells. REQUIRES: cells fit for a terminal.
[[nodiscard]] std::vector<std::string> table_lines(const std::vector<std::vector<std::string>>& rows);

}  // namespace foorumi::client
