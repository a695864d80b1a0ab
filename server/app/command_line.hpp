// What foorumid's command line says. Thread: main's, at the start.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/new_administrator.hpp"
#include "config/config.hpp"

namespace foorumi::app {

struct CommandLine {
    std::optional<std::filesystem::path> config_file;
    std::vector<std::pair<std::string, std::string>> overrides;  // option of the configuration, value
    bool demo = false;
    bool restored = false;
    unsigned bench_rooms = 0;
    std::optional<NewAdministrator> administrator;  // of "admin create"
};

// Prints help, version or what is wrong, and gives the exit status, where the program should end.
struct ParsedCommandLine {
    CommandLine line;
    std::optional<int> exit;
};
[[nodiscard]] ParsedCommandLine parse_command_line(int argc, const char* const* argv, const std::string& version);

}  // namespace foorumi::app
