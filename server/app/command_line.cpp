#include "app/command_line.hpp"

#include <CLI/CLI.hpp>

namespace foorumi::app {

ParsedCommandLine parse_command_line(int argc, const char* const* argv, const std::string& version) {
    ParsedCommandLine parsed;
    auto& line = parsed.line;
    CLI::App app{"The server of the councillors' discussion forum.", "foorumid"};
    app.set_version_flag("--version", version);
    app.add_option("--config", line.config_file, "configuration file; config/foorumi.toml explains every option");
    const auto override_option = [&](const char* flag, const char* option, const char* help) {
        app.add_option_function<std::string>(
            flag, [&line, option](const std::string& value) { line.overrides.emplace_back(option, value); }, help);
    };
    override_option("--data", "server.data", "data directory (./var)");
    override_option("--address", "server.address", "address to listen on (127.0.0.1)");
    override_option("--port", "server.port", "port to listen on (8080); 0: any free one, told in DATA/port");
    override_option("--workers", "server.workers", "worker threads; 0: one per core");
    override_option("--redis", "redis.url", "an external Redis: redis://[user:password@]host:port or unix:PATH");
    override_option("--log-level", "log.level", "trace, debug, info, warning, error or off");
    override_option("--log-format", "log.format", "text or json");
    app.add_flag("--demo", line.demo, "fill a new installation with demo content");
    app.add_flag("--restored", line.restored, "Redis has a backup: whoever saw more loads afresh");
    app.add_option("--bench-rooms", line.bench_rooms, "rooms bench-0, bench-1, ... for benchmarks");
    NewAdministrator administrator;
    auto& admin = *app.add_subcommand("admin", "administrators, by who runs the server");
    admin.require_subcommand(1);
    auto& create = *admin.add_subcommand("create", "invites an administrator; prints the invitation's token");
    create.add_option("--name", administrator.name, "first and last name")->required();
    create.add_option("--handle", administrator.handle, "by which others mention them")->required();
    create.add_option("--email", administrator.email, "e-mail address")->required();
    app.fallthrough();
    admin.fallthrough();
    create.fallthrough();
    try {
        app.parse(argc, argv);
        if (create.parsed()) {
            line.administrator = administrator;
            line.overrides.insert(line.overrides.begin(), {"log.level", "warning"});
        }
    } catch (const CLI::ParseError& error) {
        const int status = app.exit(error);
        parsed.exit = status == 0 ? 0 : 2;
    }
    return parsed;
}

}  // namespace foorumi::app
