// What the log's start needs to know. Plain values.
#pragma once

#include <string>

namespace foorumi::observability {

struct LogOptions {
    std::string level = "info";   // "trace", "debug", "info", "warning", "error" or "off"
    std::string format = "text";  // "text", or "json": one object per line
    std::string file;             // appended to; empty: standard error
};

}  // namespace foorumi::observability
