// Writes comma-separated values after RFC 4180, so that read() gives back the same. Pure and thread-safe.
#pragma once

#include <string>
#include <vector>

namespace foorumi::csv {

// Lines end with CRLF, the last one, too; fields are quoted where they must be. Spreadsheets take a field that begins
// with
// '=', '+', '-' or '@' for a formula: that is the caller's to prevent where what members wrote is exported.
// REQUIRES: rows of the same number of fields, at least one, all UTF-8; a separator that Options knows.
[[nodiscard]] std::string write(const std::vector<std::vector<std::string>>& rows, char separator);

}  // namespace foorumi::csv
