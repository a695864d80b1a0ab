// What is wrong with a command line, in the words of the catalogue; CLI11 itself explains in English. Pure.
#pragma once

#include <CLI/CLI.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "client/catalogue.hpp"

namespace foorumi::client {

// Thrown from within CLI11's parse; what() is a text of the catalogue.
class UsageError : public std::runtime_error {
   public:
    using std::runtime_error::runtime_error;
};

// The text for CLI11's own errors, told by their kind. `app` is the one that was to parse.
[[nodiscard]] std::string explain(const CLI::App& app, const CLI::ParseError& error, const Catalogue& texts);

// What is wrong, and how the command that was begun is used.
[[nodiscard]] std::string usage_text(const CLI::App& app, const CLI::Formatter& formatter, const std::string& what,
                                     const Catalogue& texts);

[[nodiscard]] std::string joined(const std::vector<std::string>& words, std::string_view between);

}  // namespace foorumi::client
