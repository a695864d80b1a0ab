// foorumid: reads its configuration and runs the process.
#include <iostream>

#include "app/command_line.hpp"
#include "app/process.hpp"
#include "observability/logging.hpp"

namespace {

constexpr const char* server_name = "foorumid " FOORUMI_VERSION;

}  // namespace

int main(int argc, char** argv) {
    using namespace foorumi;
    const auto parsed = app::parse_command_line(argc, argv, std::string(server_name) + " (" FOORUMI_BUILD_TYPE ")");
    if (parsed.exit) return *parsed.exit;
    std::vector<config::Override> overrides;
    for (const auto& [option, value] : parsed.line.overrides) overrides.push_back({option, value, "command line"});
    auto config = config::load(parsed.line.config_file, overrides);
    if (config.has_error()) {
        std::cerr << "foorumid: " << config.error().text() << '\n';
        return 2;
    }
    if (const auto logging = observability::start_logging(config->log); logging.has_error()) {
        std::cerr << "foorumid: log file " << config->log.file << ": " << logging.error().message() << '\n';
        return 2;
    }
    app::ProcessOptions options;
    options.config = std::move(*config);
    options.demo = parsed.line.demo;
    options.restored = parsed.line.restored;
    options.bench_rooms = parsed.line.bench_rooms;
    options.version = server_name;
    options.administrator = parsed.line.administrator;
    return app::Process(std::move(options)).run();
}
